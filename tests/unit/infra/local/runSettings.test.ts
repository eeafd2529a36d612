import { expect, it } from 'vitest';
import { readEnvironment } from '#infra/local/environment.ts';
import { runSettings } from '#infra/local/runSettings.ts';
import { parseSettings } from '#shared/settings/settings.ts';

it.each([
  ['5', 1],
  ['60', 1],
  ['61', 2],
  ['900', 15],
  ['3600', 60],
])('polls of Gmail every %s seconds count as silent by that interval', (seconds, pollMinutes) => {
  const standIns = { freescout: undefined, gmail: undefined, openai: undefined, slack: undefined };
  const options = readEnvironment({ CSM_GMAIL_POLL_SECONDS: seconds });
  const settings = runSettings(parseSettings({ gmail: { pollMinutes: 30 } }), options, standIns);
  expect(settings.gmail.pollMinutes).toBe(pollMinutes);
});
