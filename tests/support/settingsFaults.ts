import { parseSettings } from '#shared/settings/settings.ts';
import { SettingsError } from '#shared/settings/settingsError.ts';

/** What is wrong with settings, as the operator reads it; empty when nothing is. */
export function settingsFaults(raw: unknown): readonly string[] {
  try {
    parseSettings(raw);
  } catch (thrown) {
    if (thrown instanceof SettingsError) {
      return thrown.faults;
    }
    throw thrown;
  }
  return [];
}
