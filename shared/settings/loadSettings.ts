import { readFileSync } from 'node:fs';
import { parseSettings, type Settings, SettingsError } from './settings.ts';

const loaded = new Map<string, Settings>();

/**
 * The settings that were deployed with this function: `settings.json` beside its code. Read and checked once.
 *
 * @param file - default: beside the module, which is the bundle once it is built.
 * @throws {SettingsError} when the file is missing, is not JSON or holds wrong settings.
 */
export function loadSettings(file: URL = new URL('settings.json', import.meta.url)): Settings {
  const known = loaded.get(file.href);
  if (known !== undefined) {
    return known;
  }
  const settings = parseSettings(readJson(file));
  loaded.set(file.href, settings);
  return settings;
}

function readJson(file: URL): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new SettingsError([
      `(root): settings.json beside the function's code ${error instanceof SyntaxError ? 'is not JSON' : 'cannot be read'}; deploy again, the build puts it there`,
    ]);
  }
}
