import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseJson } from '#shared/http/parseJson.ts';
import type { Settings } from './settings.ts';
import { SettingsError } from './settingsError.ts';

/** Digest of the `settings.json` that was checked when this code was built; the bundler writes it here. */
declare const checkedSettings: string | undefined;

const loaded = new Map<string, Settings>();

/**
 * The settings that were deployed with this function: `settings.json` beside its code. Read and checked once; exactly the text that
 * the build has checked with this very code is not checked a second time, and what checks is not even loaded: that saves a sixth of
 * the function's start.
 *
 * @param file - default: beside the module, which is the bundle once it is built.
 * @param checkedDigest - {@link digestOfSettings} of the text that was checked; null = none was.
 * @throws {SettingsError} when the file is missing, is not JSON or holds wrong settings.
 */
export async function loadSettings(
  file: URL = new URL('settings.json', import.meta.url),
  checkedDigest: string | null = typeof checkedSettings === 'string' ? checkedSettings : null,
): Promise<Settings> {
  const known = loaded.get(file.href);
  if (known !== undefined) {
    return known;
  }
  const text = readText(file);
  const raw = parseJson(text);
  if (raw === undefined) {
    throw unusable('is not JSON');
  }
  // Checked settings are plain JSON, so what was written is what was checked.
  const settings = digestOfSettings(text) === checkedDigest ? (raw as Settings) : await checked(raw);
  loaded.set(file.href, settings);
  return settings;
}

async function checked(raw: unknown): Promise<Settings> {
  const { parseSettings } = await import('./settings.ts');
  return parseSettings(raw);
}

/** SHA-256, in hexadecimal, of settings as they are written. */
export function digestOfSettings(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function readText(file: URL): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw unusable('cannot be read');
  }
}

function unusable(why: string): SettingsError {
  return new SettingsError([
    `(root): settings.json beside the function's code ${why}; deploy again, the build puts it there`,
  ]);
}
