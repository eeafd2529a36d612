import { describe, expect, it } from 'vitest';
import { parseSettings } from '#shared/settings/settings.ts';
import { SettingsError } from '#shared/settings/settingsError.ts';

function faultsOf(raw: unknown): readonly string[] {
  try {
    parseSettings(raw);
  } catch (thrown) {
    if (thrown instanceof SettingsError) {
      return thrown.faults;
    }
    throw thrown;
  }
  return [];
}

describe('a fault of one key', () => {
  it.each([
    [
      'a model without a price',
      { openai: { draftModel: 'nope', attempts: 'x' } },
      ['openai.attempts: ', 'openai.draftModel: no price for model "nope"'],
    ],
    [
      'a model without a price, beside a model that is none and a price that is none',
      { openai: { triageModel: 5, draftModel: 'nope', prices: { other: 'cheap' } } },
      ['openai.triageModel: ', 'openai.prices.other: ', 'openai.draftModel: no price for model "nope"'],
    ],
    [
      'thresholds out of order',
      { thresholds: { p0: 5, p1: 6, highPriority: 'x' } },
      ['thresholds.highPriority: ', 'thresholds: p0 must be above p1'],
    ],
    [
      'the lower thresholds out of order',
      { thresholds: { p0: 'x', p1: 3 } },
      ['thresholds.p0: ', 'thresholds: p1 must be above p2'],
    ],
    [
      'a domain without its certificate',
      { api: { domainName: 'csm.example.com', burst: 'x', surprise: 1 } },
      ['api.burst: ', 'api: Unrecognized key', 'api: domainName and certificateArn belong together'],
    ],
    [
      'a calendar of no account',
      {
        persona: { company: 1 },
        accounts: [{ alias: 'support', gmailAddress: 'support@example.com', mailboxId: 'x' }],
        followUps: { calendars: { other: { timeZone: 'Europe/Berlin', weekdays: {} } } },
      },
      [
        'persona.company: ',
        'accounts.0.mailboxId: ',
        'followUps.calendars.other: is the alias of no account',
      ],
    ],
  ])('does not hide %s', (_, raw, expected) => {
    const faults = faultsOf(raw);
    for (const start of expected) {
      expect(faults).toContainEqual(expect.stringContaining(start));
    }
    expect(faults).toHaveLength(expected.length);
  });

  it.each([
    [{ openai: 'x' }],
    [{ thresholds: null }],
    [{ api: [] }],
    [{ accounts: [null] }],
    [{ followUps: { calendars: 1 } }],
    ['x'],
  ])('is the only one told where nothing else can be read: %j', (raw) => {
    expect(faultsOf(raw)).toHaveLength(1);
  });
});
