import { gmailChannelsOf } from './channels.ts';
import { type Settings, settingsSchema } from './settings.ts';

/** What the settings still have of the examples in which every installation begins. */
export type ExampleSetting =
  | { readonly setting: 'address'; readonly alias: string; readonly address: string }
  | { readonly setting: 'company' };

/**
 * Examples that are still in the settings of an installation in earnest: addresses that nobody can have, and the name of no company.
 *
 * An installation is one in earnest once it reads the real Gmail, or once its FreeScout is on another machine. The stand-ins for
 * FreeScout and Gmail run on loopback, and there the examples are right.
 */
export function examplesInEarnest({
  channels,
  freescout,
  gmail,
  persona,
}: Pick<Settings, 'channels' | 'freescout' | 'gmail' | 'persona'>): readonly ExampleSetting[] {
  const isInEarnest = gmail.rootUrl === null || (freescout.url !== '' && !isOnLoopback(freescout.url));
  if (!isInEarnest) {
    return [];
  }
  return [
    ...gmailChannelsOf({ channels })
      .filter(({ address }) => isExampleAddress(address))
      .map(({ alias, address }) => ({ setting: 'address', alias, address }) as const),
    ...(persona.company.trim() === companyOfDefaults ? [{ setting: 'company' } as const] : []),
  ];
}

/** Company of settings in which none is entered. */
const { company: companyOfDefaults } = settingsSchema.shape.persona.parse(undefined);

/** Names that are kept for examples and trials, so that no mail server has them. @see RFC 2606 */
function isExampleAddress(address: string): boolean {
  return /[@.](?:example\.(?:com|org|net)|example|test|invalid)$/i.test(address);
}

function isOnLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return /^(?:localhost|.*\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i.test(hostname);
}
