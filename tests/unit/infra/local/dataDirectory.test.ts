import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLocalDeployment } from '#infra/cli/deployment.ts';
import { openDataDirectory } from '#infra/local/dataDirectory.ts';
import { readKeptSecrets } from '#infra/local/secretsFile.ts';
import { StartRefused } from '#infra/local/startRefused.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'csm-data-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the data directory', () => {
  it('is made, and proven writable before anything starts', async () => {
    const directory = await openDataDirectory(join(folder, 'new', 'data'));
    expect(directory.path).toBe(join(folder, 'new', 'data'));
    directory.release();
  });

  it('names its tables in a foreign database like no other, and the same again', async () => {
    const prefixOf = async (name: string) => {
      const directory = await openDataDirectory(join(folder, name));
      directory.release();
      return directory.tablePrefix();
    };
    const prefix = await prefixOf('one');
    expect(prefix).toMatch(/^csm-[0-9a-f]{12}-$/);
    expect(await prefixOf('one')).toBe(prefix);
    expect(await prefixOf('other')).not.toBe(prefix);
    writeFileSync(join(folder, 'one', 'tables.json'), '{');
    await expect(prefixOf('one')).rejects.toThrow();
  });

  it('that is a file is said to be one, by everything that opens it', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(openDataDirectory(file)).rejects.toThrow(`The data directory ${file} is a file`);
    expect(() => readKeptSecrets(file)).toThrow(`The data directory ${file} is a file`);
    expect(() => openLocalDeployment(file)).toThrow(`The data directory ${file} is a file`);
  });

  it('that cannot be written is refused with its path and why', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const refusal = openDataDirectory(join(file, 'data'));
    await expect(refusal).rejects.toBeInstanceOf(StartRefused);
    await expect(openDataDirectory(join(file, 'data'))).rejects.toThrow(
      /The data directory .*\/file\/data cannot be used: .*ENOTDIR/,
    );
  });
});
