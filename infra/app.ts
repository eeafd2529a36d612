import { SettingsError } from '#shared/settings/settingsError.ts';
import { createApp } from './createApp.ts';

try {
  createApp().synth();
} catch (error) {
  if (!(error instanceof SettingsError)) {
    throw error;
  }
  process.stderr.write(`${error.message}\nCorrect them in cdk.json under context.settings.\n`);
  process.exitCode = 1;
}
