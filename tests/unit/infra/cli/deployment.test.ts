import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { isLocalRunning, openLocalDeployment } from '#infra/cli/deployment.ts';

const directory = mkdtempSync(join(tmpdir(), 'csm-deployment-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('knows that nothing runs where nothing is', () => {
  expect(isLocalRunning(join(directory, 'nowhere'))).toBe(false);
});

it('says that it may not look, instead of that nothing runs', () => {
  // Whoever runs the tests may be root, who may read everything but a folder.
  mkdirSync(join(directory, 'closed', 'local.json'), { recursive: true });
  expect(() => isLocalRunning(join(directory, 'closed'))).toThrow(
    /closed cannot be read \(EISDIR\): run this as the user that the system runs as/,
  );
});

it('knows a system that was killed', () => {
  const real = { external: true };
  const local = { pid: 2 ** 22 + 1, api: 'http://127.0.0.1:1', desk: { url: '', ...real } };
  writeFileSync(join(directory, 'local.json'), JSON.stringify({ ...local, gmail: real, openai: real }));
  writeFileSync(join(directory, 'stack.json'), '{}');
  expect(isLocalRunning(directory)).toBe(false);
});

it('does not work on a system that an earlier release runs', () => {
  const part = { external: false };
  const cdkOut = join(directory, 'cdk.out');
  const nowhere = 'http://127.0.0.1:1';
  mkdirSync(cdkOut);
  writeFileSync(
    join(directory, 'local.json'),
    JSON.stringify({ pid: process.pid, api: nowhere, desk: { url: '', ...part }, gmail: part, openai: part }),
  );
  writeFileSync(
    join(directory, 'stack.json'),
    JSON.stringify({ outputs: {}, endpoints: { dynamodb: nowhere, sqs: nowhere, secretsManager: nowhere } }),
  );
  const accounts = [{ alias: 'support', gmailAddress: 'support@example.com', mailboxId: 1 }];
  writeFileSync(
    join(cdkOut, 'CustomerServiceManagement.template.json'),
    JSON.stringify({ Metadata: { settings: JSON.stringify({ accounts }) } }),
  );
  expect(() => openLocalDeployment(directory)).toThrow(
    /is of another release; these commands do not know its settings\. Start it again with this release first/,
  );
});
