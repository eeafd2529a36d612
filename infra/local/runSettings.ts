import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { mergeSettings, parseSettings, type Settings } from '#shared/settings/settings.ts';
import { SettingsError } from '#shared/settings/settingsError.ts';
import type { LocalOptions } from './environment.ts';
import { StartRefused } from './startRefused.ts';
import { channelAddresses, type StandIns } from './startStandIns.ts';

const cdkJson = z.object({ context: z.object({ settings: z.unknown() }).optional() });

/**
 * The settings of `cdk.json` with `CSM_SETTINGS` laid over them.
 *
 * @throws {StartRefused} with every fault.
 */
export async function chosenSettings(
  options: Pick<LocalOptions, 'settings' | 'logLevel'>,
): Promise<Settings> {
  const file = new URL('../../cdk.json', import.meta.url);
  const base = cdkJson.parse(JSON.parse(await readFile(file, 'utf8'))).context?.settings ?? {};
  return checked(
    mergeSettings(base, {
      ...options.settings,
      ...(options.logLevel && {
        logging: mergeSettings(options.settings.logging ?? {}, { level: options.logLevel }),
      }),
    }),
  );
}

/** The same settings, led to the parts that run: stand-ins or those the environment names. */
export function runSettings(settings: Settings, options: LocalOptions, standIns: StandIns): Settings {
  return checked(
    mergeSettings(settings, {
      freescout: { url: standIns.freescout?.url ?? options.freescout?.url },
      ...channelAddresses(options, standIns),
      alerts: { emails: [...new Set([...settings.alerts.emails, ...(options.smtp?.recipients ?? [])])] },
      openai: { baseUrl: standIns.openai?.baseUrl ?? options.openai?.baseUrl ?? null },
    }),
  );
}

function checked(raw: unknown): Settings {
  try {
    return parseSettings(raw);
  } catch (error) {
    if (error instanceof SettingsError) {
      throw new StartRefused(`Wrong settings (cdk.json with CSM_SETTINGS): ${error.faults.join('; ')}.`);
    }
    throw error;
  }
}
