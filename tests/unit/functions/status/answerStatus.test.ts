import { describe, expect, it } from 'vitest';
import { answerStatus, type StatusDependencies } from '#functions/status/answerStatus.ts';
import { createFigures } from '#functions/status/figures.ts';
import type { ReadinessAnswer } from '#functions/status/keptAnswer.ts';
import { checkAll, type ReadinessDependencies } from '#functions/status/readiness.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { messageKey } from '#shared/store/keys.ts';
import { createInMemoryStore } from '#tests/support/inMemoryStore.ts';
import { manualClock } from '#tests/support/manualClock.ts';
import { recordingLog } from '#tests/support/recordingLog.ts';

const token = 'right-token';
const authorization = `Bearer ${token}`;
/** Settings for stand-ins, in which examples are right. */
const onTrial = { freescout: { url: 'http://127.0.0.1:8080' }, gmail: { rootUrl: 'http://127.0.0.1:8081' } };
const somethingWrong = { condition: 'DeadLetters', says: 'something is wrong' } as const;
const checked = { checkedAt: '2026-11-20T11:59:30.000Z', ageSeconds: 30 };

function answer(overrides: Partial<ReadinessAnswer>): ReadinessAnswer {
  return {
    ...{ status: 'ready', issues: [], draftMode: null, standing: [] },
    checkedAt: checked.checkedAt,
    ...overrides,
  };
}

function statusWith(overrides: Partial<StatusDependencies> = {}): StatusDependencies {
  return {
    readiness: async () => answer({ status: 'degraded', issues: [somethingWrong], draftMode: 'guarded' }),
    metrics: () => Promise.reject(new Error('not asked for here')),
    token: async () => token,
    clock: manualClock(),
    ...overrides,
  };
}

describe('the details of /ready', () => {
  const ask = (headers: Record<string, string>, overrides: Partial<StatusDependencies> = {}) =>
    answerStatus(statusWith(overrides), { path: '/ready', headers });

  it.each<[string, Record<string, string>, Partial<StatusDependencies>]>([
    ['without a token', {}, {}],
    ['with a wrong token', { authorization: 'Bearer wrong' }, {}],
    ['with another scheme', { authorization: `Basic ${token}` }, {}],
    ['while no token is configured', { authorization }, { token: async () => null }],
    [
      'while the token cannot be read',
      { authorization },
      { token: () => Promise.reject(new Error('denied')) },
    ],
  ])('are kept back %s', async (_, headers, overrides) => {
    expect(await ask(headers, overrides)).toEqual({
      statusCode: 200,
      body: { status: 'degraded', ...checked },
    });
  });

  it('are told with it', async () => {
    expect(await ask({ authorization })).toEqual({
      statusCode: 200,
      body: {
        status: 'degraded',
        ...checked,
        mode: 'guarded',
        issues: ['something is wrong'],
        conditions: ['DeadLetters'],
      },
    });
  });

  it('are asked again only for those who have it', async () => {
    const asked: string[] = [];
    const readiness: StatusDependencies['readiness'] = async (wanted) => {
      asked.push(wanted);
      return answer({});
    };
    await ask({ 'cache-control': 'no-cache' }, { readiness });
    await ask({ authorization }, { readiness });
    await ask({ authorization, 'cache-control': 'max-age=0, no-cache' }, { readiness });
    expect(asked).toEqual(['kept', 'kept', 'fresh']);
  });

  it('tell that nobody could look', async () => {
    const readiness = async () => answer({ status: 'not_ready', checkedAt: null });
    expect(await ask({}, { readiness })).toEqual({
      statusCode: 503,
      body: { status: 'not_ready', checkedAt: null, ageSeconds: null },
    });
  });
});

describe('a path that is none', () => {
  it('is not found', async () => {
    expect(await answerStatus(statusWith(), { path: '/other', headers: {} })).toMatchObject({
      statusCode: 404,
    });
  });
});

/** The status function's own secrets, of a system that works. */
function secretsWith(values: { readonly webhookSecretPrevious?: string; readonly token?: string }) {
  const webhookSecret = 'x'.repeat(16);
  return {
    freescout: async () => ({
      ...{ apiKey: 'key', webhookSecret },
      webhookSecretPrevious: values.webhookSecretPrevious ?? null,
    }),
    status: async () => ({ token: values.token ?? 'x'.repeat(16) }),
  };
}

describe('the check itself', () => {
  function setUp(overrides: Partial<ReadinessDependencies> = {}) {
    const clock = manualClock();
    const store = createInMemoryStore({ clock });
    const log = recordingLog();
    const settings = parseSettings(onTrial);
    const deps: ReadinessDependencies = {
      settings,
      checkConfiguration: async () => [],
      secrets: secretsWith({}),
      checkFreeScout: async () => ({ issues: [], draftMode: 'managed' }),
      probes: { ThreadMap: () => store.threadMap.probe() },
      state: store.state,
      figures: createFigures({
        settings,
        state: store.state,
        ledger: store.ledger,
        queues: async () => ({ waiting: 0, inHand: 0, deadLetters: 0 }),
        deployedAt: clock.now().toISOString(),
        clock,
      }),
      deployedAt: clock.now().toISOString(),
      clock,
      log,
      timeLimitMilliseconds: 50,
      ...overrides,
    };
    return { clock, log, store, ready: () => checkAll(deps) };
  }

  it('finds a secret that an operator chose too short', async () => {
    const short = 'x'.repeat(15);
    const { ready } = setUp({ secrets: secretsWith({ webhookSecretPrevious: short, token: short }) });
    expect(await ready()).toMatchObject({
      status: 'degraded',
      issues: [
        {
          condition: 'SecretTooShort',
          says: 'FREESCOUT_WEBHOOK_SECRET_PREVIOUS is shorter than 16 characters, so it is not accepted (FreeScout secret: webhookSecretPrevious)',
        },
        {
          condition: 'SecretTooShort',
          says: 'the status token is shorter than 16 characters: choose a longer one (Status secret: token)',
        },
      ],
    });
    const unreadable = () => Promise.reject(new Error('denied'));
    const other = setUp({ secrets: { freescout: unreadable, status: unreadable } });
    expect(await other.ready()).toMatchObject({ status: 'ready' });
  });

  it('ends in time, whatever hangs or breaks, and names it', async () => {
    const { log, ready } = setUp({
      checkFreeScout: () => new Promise(() => undefined),
      checkConfiguration: () => Promise.reject(new TypeError('a mistake')),
      figures: () => Promise.reject(new Error('no table')),
    });
    expect(await ready()).toEqual({
      status: 'not_ready',
      issues: [
        { condition: 'NotConfigured', says: 'settings and secrets cannot be read (TypeError)' },
        { condition: 'FreeScoutFailing', says: 'FreeScout could not be checked within 0.05 s' },
        { condition: 'TableUnwritable', says: 'the figures cannot be read (Error)' },
      ],
      draftMode: null,
    });
    expect(log.of('NOT_READY')).toEqual([{ faults: 3 }]);
  });

  it('is degraded while a row has failed for good, and says what to do', async () => {
    const { ready, store, clock } = setUp();
    const key = messageKey('gmail', 'support', 'm1');
    await store.ledger.claim(key, { owner: 'worker', leaseSeconds: 210, lastDelivery: false });
    await store.ledger.finish(key, 'worker', { status: 'failed', reason: 'job-malformed', retryable: false });
    const { status, issues } = await ready();
    expect(status).toBe('degraded');
    expect(issues).toEqual([
      {
        condition: 'FailedForGood',
        says: '1 row(s) failed for good and nothing repeats them: npm run csm -- failures says why; then replay --failed, or dismiss what needs nothing more',
      },
    ]);
    await store.ledger.reopen(key);
    clock.advance(1);
    expect(await ready()).toMatchObject({ status: 'ready' });
  });

  it('names an address of ours that the settings lack, and is ready all the same', async () => {
    const channels = [
      {
        kind: 'gmail',
        alias: 'support',
        address: 'support@example.com',
        mailboxId: 1,
        ownAddresses: ['info@example.com'],
      },
    ];
    const settings = parseSettings({ ...onTrial, channels });
    const { ready, store } = setUp({ settings });
    await store.state.rememberMissingAddress('support', 'sales@example.com');
    await store.state.rememberMissingAddress('support', 'info@example.com');
    const { status, issues } = await ready();
    expect(status).toBe('degraded');
    expect(issues).toEqual([
      { condition: 'OwnAddressMissing', says: expect.stringContaining('"support" by sales@example.com') },
    ]);
  });

  it('is degraded when a new system has not polled for ten minutes', async () => {
    const { clock, ready } = setUp();
    clock.advance(11 * 60_000);
    expect(await ready()).toMatchObject({
      status: 'degraded',
      issues: [{ condition: 'PollerSilent', says: 'no poll of "support" has succeeded for 10 minutes' }],
    });
  });

  it('is degraded while an account lacks a label of the settings, and names it', async () => {
    const gmail = { ...onTrial.gmail, requiredLabels: ['Tickets', 'Old'] };
    const settings = parseSettings({ ...onTrial, gmail });
    const { clock, ready, store } = setUp({ settings });
    const polled = {
      ...{ account: 'support', historyId: '1', polledAt: clock.now().toISOString() },
      ...{ gapCheckedAt: null, fault: null, missing: 0 },
    };
    const named = [
      { name: 'Tickets', id: null },
      { name: 'Old', id: 'Label_1' },
      { name: 'no longer in the settings', id: null },
    ];
    const labels = { readAt: polled.polledAt, named };
    await store.state.savePollCursor('gmail', { ...polled, labels }, 0);
    expect(await ready()).toMatchObject({
      status: 'degraded',
      issues: [
        {
          condition: 'LabelsUnknown',
          says: '"support" has no Gmail label "Tickets": mend gmail.excludedLabels or gmail.requiredLabels, or make the label in Gmail',
        },
      ],
    });
  });

  it('speaks of the budget only when something waits for it', async () => {
    const { ready, store } = setUp();
    const key = messageKey('gmail', 'support', 'm1');
    const other = messageKey('gmail', 'support', 'm2');
    await store.ledger.settle([{ key, outcome: { status: 'filtered', reason: 'label:SPAM' } }]);
    await store.ledger.reconsider(key, { was: 'label:SPAM', reason: 'relabelled' });
    expect(await ready()).toMatchObject({ status: 'ready' });
    await store.ledger.claim(other, { owner: 'worker', leaseSeconds: 210, lastDelivery: false });
    await store.ledger.finish(other, 'worker', { status: 'deferred', reason: 'budget' });
    expect((await ready()).issues).toEqual([
      { condition: 'BudgetUsedUp', says: 'the budget is used up: 1 conversation(s) wait for it' },
    ]);
  });

  const budgets = {
    ...onTrial,
    openai: { budget: { dailyUsd: 10, monthlyUsd: 40 } },
    limits: { draftsPerDay: 5 },
  };
  const spend = { dailyUsd: 0, monthlyUsd: 0, draftsPerDay: 0 };

  it.each([
    [7.9, 0, null],
    [
      8,
      0,
      '80 % of the budget of $10 a day are used: look for a flood of mail with status, or raise openai.budget.dailyUsd',
    ],
    [
      0,
      4,
      '80 % of the budget of 5 drafts a day are used: look for a flood of mail with status, or raise limits.draftsPerDay',
    ],
  ])('tells of a budget when four fifths are used: $%d and %d drafts', async (usd, drafts, says) => {
    const { clock, ready, store } = setUp({ settings: parseSettings(budgets) });
    await store.state.reserveSpend('triage', usd, spend, clock.now());
    for (let draft = 0; draft < drafts; draft += 1) {
      await store.state.reserveSpend('draft', 0, spend, clock.now());
    }
    expect(await ready()).toMatchObject({
      status: says === null ? 'ready' : 'degraded',
      issues: says === null ? [] : [{ condition: 'BudgetAlmostUsed', says }],
    });
  });

  it('says only that a budget is used up once it is', async () => {
    const { clock, ready, store } = setUp({ settings: parseSettings(budgets) });
    await store.state.reserveSpend('triage', 10, spend, clock.now());
    expect((await ready()).issues.map(({ condition }) => condition)).toEqual(['BudgetUsedUp']);
  });

  it('has no budget to tell of where none is set', async () => {
    const unlimited = { openai: { budget: { dailyUsd: 0, monthlyUsd: 0 } }, limits: { draftsPerDay: 0 } };
    const { clock, ready, store } = setUp({ settings: parseSettings({ ...onTrial, ...unlimited }) });
    await store.state.reserveSpend('draft', 1000, spend, clock.now());
    expect(await ready()).toMatchObject({ status: 'ready' });
  });

  it.each([
    [
      'quota',
      1,
      'OpenAI: the quota is used up: pay, or raise the limit of the OpenAI account; 1 call(s) failed',
    ],
    ['key-refused', 1, 'OpenAI: the key is refused'],
    ['unreachable', 2, null],
    ['unreachable', 3, 'OpenAI: it does not answer'],
    ['of-a-later-release', 3, 'OpenAI: of-a-later-release'],
  ])('tells that OpenAI fails: %s, %d times', async (code, count, says) => {
    const { clock, ready, store } = setUp();
    const at = clock.now();
    await store.state.rememberFault('OpenAIFailing', { code, at, count, conversationId: null });
    expect((await ready()).issues).toEqual(
      says === null ? [] : [{ condition: 'OpenAIFailing', says: expect.stringContaining(says) }],
    );
    await store.state.forgetFault('OpenAIFailing');
    expect(await ready()).toMatchObject({ status: 'ready' });
  });

  it('tells for a day of a mail that FreeScout fetched too', async () => {
    const { clock, ready, store } = setUp();
    const met = { code: 'fetched-twice', at: clock.now(), count: 1, conversationId: 12 };
    await store.state.rememberFault('DoubleFetching', met);
    expect((await ready()).issues).toEqual([
      {
        condition: 'DoubleFetching',
        says: 'FreeScout fetches mail that we bring in: conversation 12 (http://127.0.0.1:8080/conversation/12) came twice; switch fetching off: Mailbox → Connection settings → Fetching',
      },
    ]);
    const polled = { account: 'support', historyId: '1', gapCheckedAt: null, fault: null, missing: 0 };
    clock.advance(24 * 3_600_000);
    await store.state.savePollCursor('gmail', { ...polled, polledAt: clock.now().toISOString() }, 0);
    expect(await ready()).toMatchObject({ status: 'ready' });
  });

  it('names the examples that are left in the settings', async () => {
    const { ready } = setUp({ settings: parseSettings({ freescout: onTrial.freescout }) });
    expect((await ready()).issues).toEqual([
      {
        condition: 'ExampleSettings',
        says: '"support" has the example address support@example.com: enter the address that customers write to (channels)',
      },
      {
        condition: 'ExampleSettings',
        says: 'drafts speak for "our company": enter its name in persona.company, and what it does in persona.about',
      },
    ]);
  });
});
