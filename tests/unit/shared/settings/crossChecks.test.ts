import { describe, expect, it } from 'vitest';
import { settingsFaults } from '#tests/support/settingsFaults.ts';

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
      'channels that share what is one channel’s',
      {
        channels: [
          { kind: 'gmail', alias: 'support', address: 'support@example.com', mailboxId: 1 },
          { kind: 'gmail', alias: 'support', address: 'support@example.com', mailboxId: 'x', surprise: 1 },
        ],
      },
      [
        'channels.1.mailboxId: ',
        'channels.1: Unrecognized key',
        'channels.1.alias: alias is used by another channel',
        'channels.1.address: address is used by another channel',
      ],
    ],
    [
      'a calendar of no channel',
      {
        persona: { company: 1 },
        channels: [{ kind: 'gmail', alias: 'support', address: 'support@example.com', mailboxId: 'x' }],
        followUps: {
          calendars: { other: { timeZone: 'Europe/Berlin', weekdays: { monday: ['09:00-17:00'] } } },
        },
      },
      [
        'persona.company: ',
        'channels.0.mailboxId: ',
        'followUps.calendars.other: is the alias of no channel',
      ],
    ],
  ])('does not hide %s', (_, raw, expected) => {
    const faults = settingsFaults(raw);
    for (const start of expected) {
      expect(faults).toContainEqual(expect.stringContaining(start));
    }
    expect(faults).toHaveLength(expected.length);
  });

  it.each([
    ['overlap', { monday: ['12:00-20:00', '09:00-17:00'] }, 'must not overlap'],
    ['never come', { monday: [] }, 'must open on some day'],
  ])('finds opening times that %s', (_, weekdays, fault) => {
    const calendars = { support: { timeZone: 'Europe/Berlin', weekdays } };
    expect(settingsFaults({ followUps: { calendars } })).toEqual([expect.stringContaining(fault)]);
  });

  it('takes opening times that touch', () => {
    const weekdays = { monday: ['12:00-24:00', '09:00-12:00'] };
    expect(settingsFaults({ followUps: { calendars: { support: { timeZone: 'UTC', weekdays } } } })).toEqual(
      [],
    );
  });

  const calendar = { timeZone: 'UTC', weekdays: { monday: ['09:00-12:00'] } };
  const sameMailbox = ['support', 'sales'].map((alias) => ({
    kind: 'gmail',
    alias,
    address: `${alias}@example.com`,
    mailboxId: 1,
  }));

  it('takes the calendar of a mailbox from any one of its channels', () => {
    expect(settingsFaults({ channels: sameMailbox, followUps: { calendars: { sales: calendar } } })).toEqual(
      [],
    );
  });

  it('finds two calendars for one mailbox', () => {
    const calendars = { support: calendar, sales: calendar };
    expect(settingsFaults({ channels: sameMailbox, followUps: { calendars } })).toEqual([
      'followUps.calendars.sales: mailbox 1 already has the calendar of "support"; a mailbox has one',
    ]);
  });

  it('finds a channel of a kind that does not exist, and one without a kind', () => {
    expect(settingsFaults({ channels: [{ kind: 'fax', alias: 'a' }, { alias: 'b' }] })).toEqual([
      'channels.0.kind: must be "gmail"',
      'channels.1.kind: must be "gmail"',
    ]);
  });

  it('finds one tag for two things', () => {
    expect(settingsFaults({ followUps: { tag: 'Reminder-Ready' } })).toEqual([
      'followUps: tag and reminder.tag must differ',
    ]);
  });

  it.each([
    [{ openai: 'x' }],
    [{ thresholds: null }],
    [{ api: [] }],
    [{ channels: [null] }],
    [{ followUps: { calendars: 1 } }],
    ['x'],
  ])('is the only one told where nothing else can be read: %j', (raw) => {
    expect(settingsFaults(raw)).toHaveLength(1);
  });
});

describe('a retention of the ledger', () => {
  const calendar = { timeZone: 'Europe/Berlin', weekdays: { monday: ['09:00-17:00'] } };
  it.each([
    ['the silence after which a thread is new', {}, 120],
    ['the gap check', { gmail: { reviveAfterDays: 1, gapCheckDays: 30 } }, 60],
    ['the back-fill', { gmail: { backfillDays: 200.5 } }, 231],
    ['follow-ups', { followUps: { hoursWithoutReply: 100 * 24 } }, 130],
    [
      'follow-ups in business hours',
      { followUps: { hoursWithoutReply: 100, calendars: { support: calendar } } },
      130,
    ],
    ['reminders', { followUps: { reminder: { enabled: true, afterDays: 50, maximum: 3 } } }, 180],
    ['follow-ups that are off', { followUps: { enabled: false, hoursWithoutReply: 5000 } }, 120],
  ])('is at least 30 days longer than %s', (_name, settings, least) => {
    expect(settingsFaults({ ...settings, ledger: { keepDays: least - 1 } })).toEqual([
      expect.stringContaining(`ledger.keepDays: must be at least ${least}: 30 days more than`),
    ]);
    expect(settingsFaults({ ...settings, ledger: { keepDays: least } })).toEqual([]);
    expect(settingsFaults({ ...settings, ledger: { keepDays: null } })).toEqual([]);
  });
});
