import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOfSettings, loadSettings } from '#shared/settings/loadSettings.ts';
import { parseSettings } from '#shared/settings/settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'csm-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (text?: string) => {
  const path = join(folder, 'settings.json');
  if (text !== undefined) {
    writeFileSync(path, text);
  }
  return pathToFileURL(path);
};

describe('the settings beside the code', () => {
  it('are read once, with defaults', async () => {
    const url = file('{"freescout": {"botUserId": 9}}');
    const settings = await loadSettings(url);
    expect(settings.freescout.botUserId).toBe(9);
    expect(settings.worker.maxConcurrency).toBe(4);
    file('{"freescout": {"botUserId": 10}}');
    expect(await loadSettings(url)).toBe(settings);
  });

  it.each([
    ['missing', undefined, 'cannot be read'],
    ['not JSON', '{"persona": {"company": "Secret Ltd",}', 'is not JSON'],
    ['wrong', '{"freescout": {"botUserId": 0}, "surprise": 1}', 'freescout.botUserId'],
  ])('are refused with a clear reason when %s', async (_, text, reason) => {
    const load = () => loadSettings(file(text));
    await expect(load()).rejects.toThrow(reason);
    await expect(load()).rejects.toThrow(expect.objectContaining({ name: 'SettingsError' }));
    await expect(load()).rejects.not.toThrow('Secret Ltd');
  });

  it('are taken as they are when they are the text that the build has checked', async () => {
    const text = JSON.stringify(parseSettings({ freescout: { botUserId: 9 } }));
    expect(await loadSettings(file(text), digestOfSettings(text))).toEqual(parseSettings(JSON.parse(text)));
  });

  it('are checked when anything in them was changed since', async () => {
    const text = JSON.stringify(parseSettings({ freescout: { botUserId: 9 } }));
    const changed = text.replace('"botUserId":9', '"botUserId":0');
    await expect(loadSettings(file(changed), digestOfSettings(text))).rejects.toThrow('freescout.botUserId');
  });
});
