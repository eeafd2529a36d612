import { text } from 'node:stream/consumers';
import { createApp } from '#infra/createApp.ts';
import type { Settings } from '#shared/settings/settings.ts';
import { SettingsError } from '#shared/settings/settingsError.ts';

/*
 * Synthesizes the stack for this machine; a process of its own, so that CDK's memory goes when it is done. What to write comes
 * as JSON on the standard input. The security checks are left out: they judge what is deployed.
 */
interface Order {
  readonly settings: Settings;
  readonly outdir: string;
  readonly functionsFolder?: string;
}

const order: Order = JSON.parse(await text(process.stdin));
try {
  createApp({ ...order, checks: false }).synth();
} catch (error) {
  if (!(error instanceof SettingsError)) {
    throw error;
  }
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
