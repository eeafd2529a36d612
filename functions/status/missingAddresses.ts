import { isOurs } from '#shared/mail/hygiene/ownAddresses.ts';
import { ownAddresses } from '#shared/settings/channels.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { MissingAddresses } from '#shared/store/missingAddresses.ts';

/** Addresses of ours by which mail comes in and which the settings do not name yet, a sentence each. */
export async function missingAddressWarnings(
  settings: Pick<Settings, 'channels'>,
  state: Pick<MissingAddresses, 'missingAddressesOf'>,
): Promise<readonly string[]> {
  const own = ownAddresses(settings);
  const warnings = await Promise.all(
    settings.channels.map(async ({ alias }) =>
      (await state.missingAddressesOf(alias))
        .filter((address) => !isOurs(address, own))
        .map(
          (address) =>
            `mail comes to "${alias}" by ${address}, which its ownAddresses does not name: enter it there, or drafts may copy it in`,
        ),
    ),
  );
  return warnings.flat();
}
