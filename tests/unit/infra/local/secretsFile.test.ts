import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readEnvironment } from '#infra/local/environment.ts';
import { keepSecrets, readKeptSecrets } from '#infra/local/secretsFile.ts';
import { StartRefused } from '#infra/local/startRefused.ts';

const directory = mkdtempSync(join(tmpdir(), 'csm-secrets-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('is empty where there is no file', () => {
  expect(readKeptSecrets(join(directory, 'nowhere'))).toEqual({});
});

it('is refused where the file is there and cannot be read', () => {
  const folder = join(directory, 'unreadable');
  // Whoever runs the tests may be root, who reads a file of any mode.
  mkdirSync(join(folder, 'secrets.env'), { recursive: true });
  expect(() => readKeptSecrets(folder)).toThrow(StartRefused);
  expect(() => readKeptSecrets(folder)).toThrow(/^The secrets in .*secrets\.env cannot be read \(EISDIR/);
  expect(() => keepSecrets(folder, { OPENAI_API_KEY: 'k' })).toThrow(StartRefused);
});

it('keeps what was connected, one part after the other, for its owner alone', () => {
  const folder = join(directory, 'new');
  const file = keepSecrets(folder, { OPENAI_API_KEY: 'sk-"quoted' });
  keepSecrets(folder, { FREESCOUT_KEY: 'a=b#c', FREESCOUT_URL: 'https://desk.example' });
  expect(readKeptSecrets(folder)).toEqual({
    OPENAI_API_KEY: 'sk-"quoted',
    FREESCOUT_KEY: 'a=b#c',
    FREESCOUT_URL: 'https://desk.example',
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readFileSync(file, 'utf8')).toMatch(/^# /);
});

it('gives a key of several lines back whole, and takes one way to Gmail for the other', () => {
  const key = '-----BEGIN PRIVATE KEY-----\nAAAA\nBBBB\n-----END PRIVATE KEY-----\n';
  keepSecrets(directory, { GMAIL_CLIENT_ID: 'i', GMAIL_CLIENT_SECRET: 's', GMAIL_REFRESH_TOKEN: 'r' });
  keepSecrets(directory, {
    GMAIL_CLIENT_ID: '',
    GMAIL_CLIENT_SECRET: '',
    GMAIL_REFRESH_TOKEN: '',
    GMAIL_SERVICE_ACCOUNT_EMAIL: 'csm@project.example',
    GMAIL_SERVICE_ACCOUNT_PRIVATE_KEY: key,
  });
  expect(readEnvironment(readKeptSecrets(directory)).gmail?.credentials).toEqual({
    serviceAccountEmail: 'csm@project.example',
    serviceAccountPrivateKey: key,
  });
});

it('holds nothing but what connect keeps', () => {
  writeFileSync(join(directory, 'secrets.env'), 'CSM_PORT=1\nFREESCOUT_KEY=key\n');
  expect(readKeptSecrets(directory)).toEqual({ FREESCOUT_KEY: 'key' });
});
