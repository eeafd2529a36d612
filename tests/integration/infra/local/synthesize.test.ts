import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { synthesize } from '#infra/local/synthesize.ts';
import { parseSettings } from '#shared/settings/settings.ts';

const settings = parseSettings({
  channels: [{ kind: 'gmail', alias: 'support', address: 'support@example.com', mailboxId: 1 }],
});
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'csm-synthesize-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** The process that synthesizes runs this before anything else. */
function beginWith(code: string): void {
  const file = join(folder, 'first.cjs');
  writeFileSync(file, code);
  vi.stubEnv('NODE_OPTIONS', `--require=${file}`);
}

const outcome = (giveUp = new AbortController().signal) =>
  synthesize(settings, join(folder, 'cdk.out'), undefined, giveUp).then(
    () => 'done',
    (error: Error) => error.message,
  );

it.each([
  ["process.kill(process.pid, 'SIGKILL');", 'its process ended with SIGKILL.'],
  ['process.exit(3);', 'its process ended with code 3.'],
])('a synthesis whose process ends without a word (%s) tells how', async (code, how) => {
  beginWith(code);
  expect(await outcome()).toBe(`The CDK app could not be synthesized: ${how}`);
});

it('a synthesis that is given up ends with all that it started', async () => {
  const giveUp = new AbortController();
  beginWith(
    "require('node:child_process').spawn('sleep', ['600'], { stdio: 'inherit' }); setInterval(() => {}, 1000);",
  );
  const ended = outcome(giveUp.signal);
  setTimeout(() => giveUp.abort(), 1000);
  // The other one holds the pipe that is read to its end.
  expect(await ended).toBe('This operation was aborted');
});
