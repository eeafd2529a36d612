import { describe, expect, it } from 'vitest';
import { defaultAgent, defaultBot } from '#infra/standins/freescout/model.ts';
import { markerFor } from '#shared/drafts/markers.ts';
import { candidateIn, confirmed, rowsAbout, tagOf } from '#shared/followUps/dueStep.ts';
import { type Conversation, conversationSchemaFor } from '#shared/freescout/model.ts';
import { parseSettings, type Settings } from '#shared/settings/settings.ts';
import { followUpKey, type LedgerKey, threadKey } from '#shared/store/keys.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';

const now = new Date('2026-11-20T12:00:00Z');
const hour = 3_600_000;
const ago = (hours: number) => new Date(now.getTime() - hours * hour).toISOString().replace('.000', '');

interface Written {
  readonly type?: string;
  readonly hoursAgo: number;
  readonly state?: string;
  /** Author of a note with the marker of a team message. */
  readonly teamBy?: number;
}

/** A conversation with these threads, numbered from 1. */
function conversation(
  threads: readonly Written[],
  overrides: Readonly<Record<string, unknown>> = {},
  tags: readonly string[] | null = [],
): Conversation {
  return conversationSchemaFor(defaultBot).parse({
    id: 7,
    number: 7,
    status: 'active',
    state: 'published',
    subject: 'Lamp',
    mailboxId: 1,
    cc: [],
    createdAt: ago(100),
    updatedAt: ago(100),
    ...overrides,
    _embedded: {
      threads: threads.map(({ type = 'customer', hoursAgo, state = 'published', teamBy }, index) => ({
        id: index + 1,
        type,
        state,
        body: `<div>text</div>${teamBy === undefined ? '' : markerFor('team:gmail:support:1')}`,
        ...(teamBy === undefined ? {} : { createdBy: { id: teamBy, type: 'user' } }),
        cc: [],
        createdAt: ago(hoursAgo),
      })),
      ...(tags === null ? {} : { tags: tags.map((name) => ({ name })) }),
    },
  });
}

function settingsWith(followUps: object = {}, others: object = {}): Settings {
  return parseSettings({ followUps, ...others });
}

const verdict = (of: Conversation, settings: Settings = settingsWith()) => {
  const answer = candidateIn(of, settings, now);
  return answer.due ?? answer.reason;
};

const waiting = conversation([{ hoursAgo: 30 }]);

describe('a follow-up is due', () => {
  it.each([
    ['at exactly the hours of the settings', 24, 'follow-up'],
    ['one second later', 24 + 1 / 3600, 'follow-up'],
    ['but not one second earlier', 24 - 1 / 3600, 'too-young'],
    ['but not for a message that has just come', 0, 'too-young'],
  ])('%s', (_, hoursAgo, expected) => {
    expect(verdict(conversation([{ hoursAgo }]))).toBe(expected);
  });

  it.each<[string, readonly Written[], string]>([
    ['no message of a customer', [{ type: 'message', hoursAgo: 40 }], 'no-customer-message'],
    ['nothing at all', [], 'no-customer-message'],
    ['a published reply', [{ hoursAgo: 40 }, { type: 'message', hoursAgo: 30 }], 'answered'],
    ['a draft', [{ hoursAgo: 40 }, { type: 'message', hoursAgo: 30, state: 'draft' }], 'follow-up'],
    ['a note', [{ hoursAgo: 40 }, { type: 'note', hoursAgo: 30 }], 'follow-up'],
    ['a team message', [{ hoursAgo: 40 }, { type: 'note', hoursAgo: 30, teamBy: defaultBot }], 'answered'],
    [
      'a note of an agent with its marker',
      [{ hoursAgo: 40 }, { type: 'note', hoursAgo: 30, teamBy: defaultAgent }],
      'follow-up',
    ],
    ['a line item', [{ hoursAgo: 40 }, { type: 'lineitem', hoursAgo: 30 }], 'follow-up'],
    [
      'a reply before the newest message',
      [{ hoursAgo: 50 }, { type: 'message', hoursAgo: 40 }, { hoursAgo: 30 }],
      'follow-up',
    ],
    ['an old and a young message', [{ hoursAgo: 50 }, { hoursAgo: 2 }], 'too-young'],
  ])('by the published messages: %s', (_, threads, expected) => {
    expect(verdict(conversation(threads))).toBe(expected);
  });

  it.each<[string, Readonly<Record<string, unknown>>, object, string]>([
    ['active', { status: 'active' }, {}, 'follow-up'],
    ['pending', { status: 'pending' }, {}, 'not-open'],
    ['pending, when the settings say so', { status: 'pending' }, { includePending: true }, 'follow-up'],
    ['closed', { status: 'closed' }, { includePending: true }, 'not-open'],
    ['spam', { status: 'spam' }, {}, 'not-open'],
    ['deleted', { state: 'deleted' }, {}, 'not-published'],
    ['a draft of a conversation', { state: 'draft' }, {}, 'not-published'],
    ['of a mailbox that is not ours', { mailboxId: 2 }, {}, 'other-mailbox'],
    ['with follow-ups off', {}, { enabled: false }, 'follow-ups-off'],
  ])('by status: %s', (_, overrides, followUps, expected) => {
    expect(verdict(conversation([{ hoursAgo: 30 }], overrides), settingsWith(followUps))).toBe(expected);
  });

  it.each<[string, readonly string[] | null, object, string]>([
    ['none are asked for', ['vip'], {}, 'follow-up'],
    ['the Tags module is absent', null, {}, 'follow-up'],
    ['the tag is there already', ['followup-ready'], {}, 'excluded-tag'],
    ['whatever its case', ['FollowUp-Ready'], {}, 'excluded-tag'],
    [
      'its own tag excludes, whatever is excluded',
      ['late'],
      { tag: 'Late', excludedTags: [] },
      'excluded-tag',
    ],
    ['any excluded tag', ['vip', 'Later'], { excludedTags: ['no', 'later'] }, 'excluded-tag'],
    ['all required tags', ['VIP', 'eu'], { requiredTags: ['vip', 'EU'] }, 'follow-up'],
    ['one required tag missing', ['vip'], { requiredTags: ['vip', 'eu'] }, 'missing-tag'],
    ['required tags without the module', null, { requiredTags: ['vip'] }, 'missing-tag'],
    ['excluded before missing', ['no'], { requiredTags: ['vip'], excludedTags: ['no'] }, 'excluded-tag'],
  ])('by tags: %s', (_, tags, followUps, expected) => {
    expect(verdict(conversation([{ hoursAgo: 30 }], {}, tags), settingsWith(followUps))).toBe(expected);
  });

  it.each<[readonly string[], string]>([
    [['active'], 'follow-up'],
    [['ACTIVE', 'pending'], 'follow-up'],
    [['Published'], 'follow-up'],
    [['pending'], 'other-state'],
    [['nonsense'], 'other-state'],
  ])('by required states: %j', (requiredStates, expected) => {
    expect(verdict(waiting, settingsWith({ requiredStates }))).toBe(expected);
  });

  it('not while drafts are switched off', () => {
    expect(verdict(waiting, settingsWith({}, { drafts: { enabled: false } }))).toBe('drafts-off');
  });
});

describe('business hours', () => {
  const calendars = {
    support: {
      timeZone: 'America/New_York',
      weekdays: { thursday: ['09:00-17:00'], friday: ['09:00-17:00'] },
      holidays: [],
    },
  };
  // now is a Friday, 07:00 in New York.
  it.each([
    ['Thursday 09:00 there: a whole day', '2026-11-19T14:00:00Z', 8, 'follow-up'],
    ['Thursday 09:01 there: a minute too young', '2026-11-19T14:01:00Z', 8, 'too-young'],
    ['Wednesday night: the same day', '2026-11-19T03:00:00Z', 8, 'follow-up'],
    ['Thursday evening: none', '2026-11-19T22:00:00Z', 1, 'too-young'],
  ])('%s', (_, createdAt, hoursWithoutReply, expected) => {
    const of = conversation([{ hoursAgo: (now.getTime() - Date.parse(createdAt)) / hour }]);
    expect(verdict(of, settingsWith({ hoursWithoutReply, calendars }))).toBe(expected);
  });

  it('of one channel hold for everything in the mailbox that it shares', () => {
    const channels = ['sales', 'support'].map((alias) => ({
      kind: 'gmail',
      alias,
      address: `${alias}@example.com`,
      mailboxId: 1,
    }));
    const settings = settingsWith({ hoursWithoutReply: 10, calendars }, { channels });
    expect(verdict(conversation([{ hoursAgo: 12 }]), settings)).toBe('too-young');
  });

  it('of a channel hold for its mailbox alone', () => {
    const channels = [
      { kind: 'gmail', alias: 'support', address: 'a@example.com', mailboxId: 1 },
      { kind: 'gmail', alias: 'sales', address: 'b@example.com', mailboxId: 2 },
    ];
    const settings = settingsWith({ hoursWithoutReply: 10, calendars }, { channels });
    expect(verdict(conversation([{ hoursAgo: 12 }]), settings)).toBe('too-young');
    expect(verdict(conversation([{ hoursAgo: 12 }], { mailboxId: 2 }), settings)).toBe('follow-up');
  });
});

describe('a reminder is due', () => {
  const reminder = { enabled: true, afterDays: 5 };
  const answered = (hoursAgo: number) => [{ hoursAgo: 400 }, { type: 'message', hoursAgo }];

  it.each<[string, Conversation, object, string]>([
    ['only when it is switched on', conversation(answered(200)), { enabled: false }, 'answered'],
    ['at exactly the days', conversation(answered(120)), reminder, 'reminder'],
    ['not a second earlier', conversation(answered(120 - 1 / 3600)), reminder, 'too-young'],
    [
      'counted from a team message',
      conversation([...answered(400), { type: 'note', hoursAgo: 119, teamBy: defaultBot }]),
      reminder,
      'too-young',
    ],
    [
      'in a pending conversation too',
      conversation(answered(200), { status: 'pending' }),
      reminder,
      'reminder',
    ],
    ['not in a closed one', conversation(answered(200), { status: 'closed' }), reminder, 'not-open'],
    ['not twice', conversation(answered(200), {}, ['reminder-ready']), reminder, 'excluded-tag'],
    [
      'not when nobody asked anything',
      conversation([{ type: 'message', hoursAgo: 200 }]),
      reminder,
      'no-customer-message',
    ],
  ])('%s', (_, of, settings, expected) => {
    expect(verdict(of, settingsWith({ reminder: settings }))).toBe(expected);
  });

  it('has its own tag', () => {
    const { followUps } = settingsWith({ tag: 'Late', reminder: { tag: 'Ping' } });
    expect([tagOf('follow-up', followUps), tagOf('reminder', followUps)]).toEqual(['late', 'ping']);
  });
});

describe('what the ledger says', () => {
  const triage = {
    type: 'customer',
    importance: 5,
    reasoning: 'r',
    facts: [],
    uncertainties: [],
    language: 'en',
    sentiment: 'neutral',
    needsReply: true,
    escalationReason: null,
    escalationWords: [],
    promptVersion: 't',
  } as const;
  const row = (key: LedgerKey, overrides: Partial<LedgerRow> = {}): [LedgerKey, LedgerRow] => [
    key,
    {
      key,
      status: 'success',
      statusAt: ago(1),
      firstSeenAt: ago(1),
      attempts: 1,
      ...overrides,
    },
  ];
  const judged = { triage: { ...triage, facts: [], uncertainties: [], escalationWords: [] } };
  const reply = row(threadKey(7, 1), { action: 'drafted', ...judged });

  function verdictWith(
    rows: readonly [LedgerKey, LedgerRow][],
    of = waiting,
    settings = settingsWith(),
  ): string {
    const candidate = candidateIn(of, settings, now);
    if (candidate.due === null) {
      return candidate.reason;
    }
    const asked = rowsAbout(of, candidate);
    const known = new Map(rows.filter(([key]) => asked.includes(key)));
    const answer = confirmed(of, candidate, known, settings);
    return answer.due ?? answer.reason;
  }

  it.each<[string, readonly [LedgerKey, LedgerRow][], string]>([
    ['the reply is done', [reply], 'follow-up'],
    ['there is no row', [], 'reply-not-done'],
    ['the reply is under way', [row(threadKey(7, 1), { status: 'processing', ...judged })], 'reply-not-done'],
    ['the reply waits for the budget', [row(threadKey(7, 1), { status: 'deferred' })], 'reply-not-done'],
    ['the reply failed', [row(threadKey(7, 1), { status: 'failed', ...judged })], 'reply-not-done'],
    ['the mail was filtered', [row(threadKey(7, 1), { status: 'filtered' })], 'reply-not-done'],
    ['it was never judged', [row(threadKey(7, 1), { action: 'no-draft', reason: 'loop' })], 'not-judged'],
    ['it gets no draft', [row(threadKey(7, 1), { ...judged, noDraft: 'loop' })], 'no-draft-wanted'],
    [
      'its type gets no drafts',
      [row(threadKey(7, 1), { triage: { ...judged.triage, type: 'other' } })],
      'other-type',
    ],
    [
      'it asks for nothing',
      [row(threadKey(7, 1), { triage: { ...judged.triage, needsReply: false } })],
      'no-reply-needed',
    ],
    ['it was followed up', [reply, row(followUpKey(7, 1))], 'known'],
    ['its follow-up waits', [reply, row(followUpKey(7, 1), { status: 'deferred' })], 'known'],
  ])('%s', (_, rows, expected) => {
    expect(verdictWith(rows)).toBe(expected);
  });

  it('counts reminders until the customer writes again', () => {
    const reminders = (maximum: number) =>
      settingsWith({ reminder: { enabled: true, afterDays: 1, maximum } });
    const twice = conversation([
      { hoursAgo: 400 },
      { type: 'message', hoursAgo: 300 },
      { type: 'message', hoursAgo: 100 },
    ]);
    expect(verdictWith([reply], twice, reminders(1))).toBe('reminder');
    const reminded = row(followUpKey(7, 2), { followUp: 'drafted' });
    expect(verdictWith([reply, reminded], twice, reminders(1))).toBe('reminded-enough');
    expect(verdictWith([reply, reminded], twice, reminders(2))).toBe('reminder');
    expect(verdictWith([reply, row(followUpKey(7, 2))], twice, reminders(1))).toBe('reminder');
    expect(verdictWith([reply, row(followUpKey(7, 3))], twice, reminders(2))).toBe('known');

    const anew = conversation([
      { hoursAgo: 400 },
      { type: 'message', hoursAgo: 300 },
      { hoursAgo: 200 },
      { type: 'message', hoursAgo: 100 },
    ]);
    const rows = [row(threadKey(7, 3), judged), reminded];
    expect(verdictWith(rows, anew, reminders(1))).toBe('reminder');
  });
});
