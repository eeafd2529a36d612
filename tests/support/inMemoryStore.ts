import { isDeepStrictEqual } from 'node:util';
import type { ChannelKind } from '#shared/channels/channelKinds.ts';
import { type Failure, retryable } from '#shared/failure/failure.ts';
import { type BotDrafts, cycleName, type DraftCycle, type LiveDraft } from '#shared/store/botDrafts.ts';
import type { DraftProof } from '#shared/store/draftProofs.ts';
import type { LedgerKey, ThreadMapKey } from '#shared/store/keys.ts';
import type { Ledger, LedgerOutcome, LedgerRow } from '#shared/store/ledger.ts';
import {
  claimRow,
  finishRow,
  forgottenRow,
  giveUpRow,
  mayBeWithdrawn,
  progressRow,
  reconsiderRow,
  releaseRow,
  reopenRow,
  settleRow,
} from '#shared/store/ledgerTransitions.ts';
import type { EnteredMessage } from '#shared/store/messageCopies.ts';
import { mostMissingAddresses } from '#shared/store/missingAddresses.ts';
import type { PollCursor } from '#shared/store/pollCursors.ts';
import { clockToleranceMilliseconds, type KeptReadiness } from '#shared/store/readiness.ts';
import type { RegisteredWebhook } from '#shared/store/registeredWebhooks.ts';
import {
  type RememberedCondition,
  type RememberedFault,
  rememberedConditions,
} from '#shared/store/rememberedFaults.ts';
import { expiryAfter, expiryOf, knownSince } from '#shared/store/retention.ts';
import type { SecretReport } from '#shared/store/secretReports.ts';
import { mailsWithinHour, periodOfShare, type SeenMail } from '#shared/store/senderCounts.ts';
import {
  afterReservation,
  type MeterFigures,
  meterAt,
  nanoOf,
  settledPeriod,
} from '#shared/store/spendMeter.ts';
import type { Store } from '#shared/store/store.ts';
import type { SweepCursor } from '#shared/store/sweepCursors.ts';
import type { SystemState } from '#shared/store/systemState.ts';
import type { ThreadMap } from '#shared/store/threadMap.ts';
import type { KeptEvent, WebhookEvents } from '#shared/store/webhookEvents.ts';
import type { Clock } from '#shared/time/clock.ts';
import { dayMilliseconds, hourMilliseconds } from '#shared/time/durations.ts';

/** Name of a method of the store: `ledger.claim`, `state.reserveSpend`. */
export type StoreOperation = {
  [Part in keyof Store]: `${Part}.${Extract<keyof Store[Part], string>}`;
}[keyof Store];

export interface InMemoryStoreOptions {
  readonly clock: Clock;
  /** Days after which what ended is forgotten. Omitted or null: never. */
  readonly keepDays?: number | null;
  /** Runs before an operation has any effect: may wait, or throw so that it never happens. */
  readonly beforeEach?: (operation: StoreOperation) => Promise<void> | void;
  /** Runs after an operation took effect and before its caller learns: may wait, or throw so that its answer is lost. */
  readonly afterEach?: (operation: StoreOperation) => Promise<void> | void;
}

/** Runs one operation: others may come before and after it, never in between. */
type Run = <Result>(operation: StoreOperation, work: () => Result) => Promise<Result>;

/**
 * The store without DynamoDB, for simulations: held to the same contract. Every operation gives way to others before it happens and
 * before its answer arrives; in between it is a single step, as one conditional write is.
 */
export function createInMemoryStore(options: InMemoryStoreOptions): Store {
  const { clock, keepDays = null, beforeEach, afterEach } = options;
  const run: Run = async (operation, work) => {
    await Promise.resolve();
    await beforeEach?.(operation);
    const result = work();
    await afterEach?.(operation);
    return result;
  };
  const facts: Facts = {
    rows: new Map(),
    lastClaimAt: null,
    conversations: new Map(),
    mappedAt: new Map(),
    live: new Map(),
    cycles: new Map(),
  };
  return {
    ledger: createLedger(run, clock, facts, keepDays),
    threadMap: createThreadMap(run, clock, facts, keepDays),
    drafts: createDrafts(run, clock, facts),
    state: createState(run, clock, facts),
    webhookEvents: createWebhookEvents(run, clock),
  };
}

/** What more than one part looks at. */
interface Facts {
  readonly rows: Map<LedgerKey, LedgerRow>;
  lastClaimAt: string | null;
  readonly conversations: Map<ThreadMapKey, number>;
  /** When each of these entries was last written. */
  readonly mappedAt: Map<ThreadMapKey, Date>;
  /** By conversation. */
  readonly live: Map<number, LiveDraft>;
  /** By conversation and answered customer thread. */
  readonly cycles: Map<string, DraftCycle>;
}

function createLedger(run: Run, clock: Clock, facts: Facts, keepDays: number | null): Ledger {
  const { rows, conversations, mappedAt } = facts;
  function mapThreads(outcome: LedgerOutcome): void {
    if (outcome.status === 'success') {
      for (const entry of outcome.threadMap ?? []) {
        conversations.set(entry.key, entry.conversationId);
        mappedAt.set(entry.key, clock.now());
      }
    }
  }

  /** Stores the row that a decision came to; null = the lease was lost. */
  function replace(key: LedgerKey, next: LedgerRow | null): LedgerRow {
    if (next === null) {
      throw contention(`Another worker took over ${key}.`);
    }
    rows.set(key, next);
    return next;
  }

  const current = (key: LedgerKey) => rows.get(key) ?? null;
  const isRead = (row: LedgerRow) => !isPast(expiryOf(row, keepDays), clock);
  const read = (key: LedgerKey) => [current(key) ?? []].flat().find(isRead) ?? null;

  return {
    probe: () => run('ledger.probe', () => undefined),

    get: (key) => run('ledger.get', () => read(key)),

    getAll: (keys) =>
      run('ledger.getAll', () => {
        const found = keys.map(read).filter((row) => row !== null);
        return new Map(found.map((row) => [row.key, row]));
      }),

    claim: (key, options) =>
      run('ledger.claim', () => {
        const decision = claimRow(current(key), key, options, clock.now());
        if ('refused' in decision) {
          return decision.refused;
        }
        facts.lastClaimAt = decision.next.statusAt;
        return { outcome: 'claimed', row: replace(key, decision.next) };
      }),

    progress: (key, owner, progress) =>
      run('ledger.progress', () => replace(key, progressRow(current(key), owner, progress))),

    finish: (key, owner, outcome) =>
      run('ledger.finish', () => {
        replace(key, finishRow(current(key), owner, outcome, clock.now()));
        mapThreads(outcome);
      }),

    release: (key, owner) =>
      run('ledger.release', () => {
        replace(key, releaseRow(current(key), owner));
      }),

    async settle(entries) {
      const written: LedgerKey[] = [];
      for (const entry of entries) {
        // Each row by itself: a worker may stop between two of them.
        const settled = await run('ledger.settle', () => {
          const next = settleRow(current(entry.key), entry, clock.now());
          if (next === null) {
            return false;
          }
          rows.set(entry.key, next);
          mapThreads(entry.outcome);
          return true;
        });
        if (settled) {
          written.push(entry.key);
        }
      }
      return written;
    },

    listByStatus: (
      status,
      { limit, changedSince, changedBefore, retryable, reason, channelThreadId, newestFirst },
    ) =>
      run('ledger.listByStatus', () =>
        [...rows.values()]
          .filter(isRead)
          .filter((row) => row.status === status && (retryable === undefined || row.retryable === retryable))
          .filter((row) => reason === undefined || row.reason === reason)
          .filter((row) => channelThreadId === undefined || row.channelThreadId === channelThreadId)
          .filter((row) => changedSince === undefined || row.statusAt >= changedSince.toISOString())
          .filter((row) => changedBefore === undefined || row.statusAt < changedBefore.toISOString())
          .sort((one, other) => compare(one.statusAt, other.statusAt) * (newestFirst ? -1 : 1))
          .slice(0, Math.max(0, limit)),
      ),

    withdraw: (key, owner) =>
      run('ledger.withdraw', () => mayBeWithdrawn(current(key), owner, clock.now()) && rows.delete(key)),

    giveUp: (key) =>
      run('ledger.giveUp', () => {
        const next = giveUpRow(current(key), clock.now());
        if (next !== null) {
          rows.set(key, next);
        }
        return next !== null;
      }),

    reconsider: (key, change) =>
      run('ledger.reconsider', () => {
        const next = reconsiderRow(current(key), change, clock.now());
        if (next !== null) {
          rows.set(key, next);
        }
        return next !== null;
      }),

    reopen: (key, options = {}) =>
      run('ledger.reopen', () => {
        const next = reopenRow(current(key), options, clock.now());
        return next === null ? null : replace(key, next);
      }),

    forgetRow: (key) =>
      run('ledger.forgetRow', () => {
        const next = forgottenRow(current(key), clock.now());
        if (next !== null) {
          rows.set(key, next);
        }
        return next !== null;
      }),

    listOfConversations: (conversationIds) =>
      run('ledger.listOfConversations', () =>
        [...rows.values()].filter(
          ({ conversationId }) => conversationId !== undefined && conversationIds.has(conversationId),
        ),
      ),
  };
}

function createThreadMap(
  run: Run,
  clock: Clock,
  { conversations, mappedAt }: Facts,
  keepDays: number | null,
): ThreadMap {
  return {
    probe: () => run('threadMap.probe', () => undefined),

    getAll: (keys) =>
      run('threadMap.getAll', () => {
        const found = new Map<ThreadMapKey, number>();
        for (const key of keys) {
          const conversationId = conversations.get(key);
          const writtenAt = mappedAt.get(key);
          const expiry = writtenAt === undefined ? null : expiryAfter(writtenAt, keepDays);
          if (conversationId !== undefined && !isPast(expiry, clock)) {
            found.set(key, conversationId);
          }
        }
        return found;
      }),

    putAll: (entries) =>
      run('threadMap.putAll', () => {
        for (const entry of entries) {
          conversations.set(entry.key, entry.conversationId);
          mappedAt.set(entry.key, clock.now());
        }
      }),

    listOfConversations: (conversationIds) =>
      run('threadMap.listOfConversations', () =>
        [...conversations]
          .map(([key, conversationId]) => ({ key, conversationId }))
          .filter(({ conversationId }) => conversationIds.has(conversationId)),
      ),

    removeEntries: (keys) =>
      run('threadMap.removeEntries', () => {
        for (const key of keys) {
          conversations.delete(key);
        }
      }),
  };
}

function createDrafts(run: Run, clock: Clock, { cycles, live }: Facts): BotDrafts {
  const texts = new Map<string, { readonly html: string; readonly until: number }>();
  const textKey = (conversationId: number, draftThreadId: number) => `${conversationId}:${draftThreadId}`;
  return {
    probe: () => run('drafts.probe', () => undefined),

    getLive: (conversationId) => run('drafts.getLive', () => live.get(conversationId) ?? null),

    saveLive: (draft, expectedVersion, sideWrites = {}) =>
      run('drafts.saveLive', () => {
        if ((live.get(draft.conversationId)?.version ?? null) !== expectedVersion) {
          throw contention(`Another writer changed the draft of ${draft.conversationId}.`);
        }
        const now = clock.now();
        const stored: LiveDraft = {
          ...draft,
          updatedAt: now.toISOString(),
          version: (expectedVersion ?? 0) + 1,
        };
        live.set(draft.conversationId, stored);
        const { cycle, text } = sideWrites;
        const cycleKey = cycle && `${cycle.conversationId}:${cycleName(cycle)}`;
        if (cycle !== undefined && cycleKey !== undefined && !cycles.has(cycleKey)) {
          cycles.set(cycleKey, cycle);
        }
        if (text !== undefined && text.keepDays > 0) {
          texts.set(textKey(draft.conversationId, text.draftThreadId), {
            html: text.html,
            until: now.getTime() + text.keepDays * dayMilliseconds,
          });
        }
        return stored;
      }),

    getText: (draftThreadId, conversationId) =>
      run('drafts.getText', () => {
        const text = texts.get(textKey(conversationId, draftThreadId));
        return text !== undefined && text.until > clock.now().getTime() ? text.html : null;
      }),

    listCycles: (conversationId) =>
      run('drafts.listCycles', () =>
        [...cycles.values()]
          .filter((cycle) => cycle.conversationId === conversationId)
          .sort((one, other) => one.answeredThreadId - other.answeredThreadId),
      ),

    listNewest: (limit) =>
      run('drafts.listNewest', () =>
        [...live.values()]
          .sort((one, other) => compare(other.updatedAt, one.updatedAt))
          .slice(0, Math.max(0, limit)),
      ),

    reset: (conversationId) => run('drafts.reset', () => live.delete(conversationId)),

    listTexts: (conversationId) =>
      run('drafts.listTexts', () =>
        [...texts]
          .filter(([key, { until }]) => key.startsWith(`${conversationId}:`) && until > clock.now().getTime())
          .map(([key, { html }]) => ({ draftThreadId: Number(key.split(':')[1]), html })),
      ),

    removeConversation: (conversationId, answered) =>
      run('drafts.removeConversation', () => {
        const ofConversation = (key: string) => key.startsWith(`${conversationId}:`);
        const isMeant = (draft: Pick<LiveDraft, 'answeredThreadId'> | undefined) =>
          draft !== undefined && (answered?.has(draft.answeredThreadId) ?? true);
        const current = live.get(conversationId);
        const goneCycles = [...cycles.keys()].filter(
          (key) => ofConversation(key) && isMeant(cycles.get(key)),
        );
        const goneDrafts = [...goneCycles.map((key) => cycles.get(key)), current].filter(isMeant);
        const goneTexts = [...texts.keys()].filter(
          (key) =>
            ofConversation(key) &&
            (answered === undefined ||
              goneDrafts.some((draft) => `${conversationId}:${draft?.draftThreadId}` === key)),
        );
        for (const key of goneTexts) {
          texts.delete(key);
        }
        for (const key of goneCycles) {
          const cycle = cycles.get(key);
          cycles.delete(key);
          if (cycle !== undefined) {
            // The figures keep how it ended.
            cycles.set(`forgotten:${key}`, { ...cycle, conversationId: 0 });
          }
        }
        const wasLive = isMeant(current) && live.delete(conversationId);
        return goneTexts.length + goneCycles.length + (wasLive ? 1 : 0);
      }),
  };
}

function createState(run: Run, clock: Clock, facts: Facts): SystemState {
  const copies = new Map<string, Map<number, EnteredMessage>>();
  const threadStarters = new Map<ThreadMapKey, LedgerKey>();
  const pollCursors = new Map<string, PollCursor>();
  const shares = new Map<string, Set<string>>();
  const mailsOfSenders = new Map<string, SeenMail[]>();
  const locks = new Map<string, { readonly mail: LedgerKey; readonly until: number }>();
  const takenCalls = new Map<string, number>();
  let sweepCursor: SweepCursor = {
    listedAt: null,
    ranAt: null,
    failedWokenAt: null,
    digestDay: null,
    digestHour: null,
    missing: 0,
  };
  let intakeSince: Date | null = null;
  let shortestKeepDays = Infinity;
  const missingAddresses = new Map<string, Set<string>>();
  const faults = new Map<RememberedCondition, RememberedFault>();
  let draftProof: DraftProof | null = null;
  let registeredWebhook: RegisteredWebhook | null = null;
  let kept: KeptReadiness | null = null;
  let lookLease: { readonly owner: string; readonly until: number } | null = null;
  const secretReports = new Map<string, SecretReport>();
  let webhooks = { received: 0, failed: 0, lastAt: '' };
  let figures: MeterFigures | null = null;
  const cursorOf = (channel: ChannelKind, account: string): PollCursor =>
    pollCursors.get(`${channel}:${account}`) ?? {
      account,
      historyId: null,
      polledAt: null,
      gapCheckedAt: null,
      fault: null,
      missing: 0,
      version: 0,
    };
  return {
    getPollCursor: (channel, alias) => run('state.getPollCursor', () => cursorOf(channel, alias)),

    savePollCursor: (channel, cursor, expectedVersion) =>
      run('state.savePollCursor', () => {
        if (cursorOf(channel, cursor.account).version !== expectedVersion) {
          return false;
        }
        pollCursors.set(`${channel}:${cursor.account}`, { ...cursor, version: expectedVersion + 1 });
        return true;
      }),

    getSweepCursor: () => run('state.getSweepCursor', () => sweepCursor),

    saveSweepCursor: (cursor) =>
      run('state.saveSweepCursor', () => {
        sweepCursor = cursor;
      }),

    intakeSince: (proposed, keepDays) =>
      run('state.intakeSince', () => {
        intakeSince ??= new Date(proposed);
        shortestKeepDays = Math.min(keepDays ?? Infinity, shortestKeepDays);
        const known = knownSince(clock.now(), shortestKeepDays === Infinity ? null : shortestKeepDays);
        return new Date(Math.max(intakeSince.getTime(), known?.getTime() ?? 0));
      }),

    rememberThreadStarter: (thread, mail) =>
      run('state.rememberThreadStarter', () => {
        threadStarters.set(thread, mail);
      }),
    threadStarterOf: (thread) => run('state.threadStarterOf', () => threadStarters.get(thread) ?? null),
    forgetThreadStarter: (thread, mail) =>
      run(
        'state.forgetThreadStarter',
        () => threadStarters.get(thread) === mail && threadStarters.delete(thread),
      ),
    enterMessage: (idDigest, mailboxId, message, insteadOf) =>
      run('state.enterMessage', () => {
        const entered = copies.get(idDigest) ?? new Map<number, EnteredMessage>();
        const present = entered.get(mailboxId);
        if (present === undefined || present.key === insteadOf) {
          entered.set(mailboxId, message);
        }
        copies.set(idDigest, entered);
        return new Map(entered);
      }),
    rememberMissingAddress: (alias, address) =>
      run('state.rememberMissingAddress', () => {
        const known = missingAddresses.get(alias) ?? new Set();
        if (known.has(address) || known.size >= mostMissingAddresses) {
          return false;
        }
        missingAddresses.set(alias, known.add(address));
        return true;
      }),
    missingAddressesOf: (alias) =>
      run('state.missingAddressesOf', () => [...(missingAddresses.get(alias) ?? [])].sort()),
    rememberFault: (condition, { at, count, ...met }) =>
      run('state.rememberFault', () => {
        const earlier = faults.get(condition);
        const begun = earlier?.code === met.code ? earlier : { since: at.toISOString(), count: 0 };
        faults.set(condition, {
          ...{ condition, ...met },
          ...{ since: begun.since, at: at.toISOString(), count: begun.count + count },
        });
      }),
    forgetFault: (condition) =>
      run('state.forgetFault', () => {
        faults.delete(condition);
      }),
    rememberedFaults: () =>
      run('state.rememberedFaults', () =>
        rememberedConditions.flatMap((condition) => faults.get(condition) ?? []),
      ),
    getDraftProof: () => run('state.getDraftProof', () => draftProof),

    saveDraftProof: (proof) =>
      run('state.saveDraftProof', () => {
        const stands =
          proof.state === 'proven' && draftProof?.state === 'stopped' && draftProof.url === proof.url;
        draftProof = stands ? draftProof : proof;
      }),

    clearDraftProof: () =>
      run('state.clearDraftProof', () => {
        draftProof = null;
      }),

    counts: () =>
      run('state.counts', () => ({
        messages: {
          processing: 0,
          deferred: 0,
          failed: 0,
          filtered: 0,
          success: 0,
          ...tally([...facts.rows.values()].map(({ status }) => status)),
        },
        lastClaimAt: facts.lastClaimAt,
        threadMappings: facts.conversations.size,
        drafts: {
          creating: 0,
          live: 0,
          sent: 0,
          replaced: 0,
          gone: 0,
          ...tally([...facts.live.values()].map(({ state }) => state)),
        },
        draftOutcomes: {
          unchanged: 0,
          'light-edit': 0,
          'heavy-edit': 0,
          replaced: 0,
          discarded: 0,
          withdrawn: 0,
          ...tally([...facts.cycles.values()].map(({ outcome }) => outcome)),
        },
        webhooks: { ...webhooks, lastAt: webhooks.lastAt === '' ? null : webhooks.lastAt },
      })),

    countWebhook: (_spreadBy, failed, at) =>
      run('state.countWebhook', () => {
        const lastAt = at.toISOString();
        webhooks = {
          received: webhooks.received + 1,
          failed: webhooks.failed + (failed ? 1 : 0),
          lastAt: webhooks.lastAt > lastAt ? webhooks.lastAt : lastAt,
        };
      }),

    reserveSpend: (kind, usd, limits, at) =>
      run('state.reserveSpend', () => {
        const next = afterReservation(figures, kind, usd, limits, at);
        figures = next ?? figures;
        return next !== null;
      }),

    settleSpend: (reservedUsd, spentUsd, reservedAt) =>
      run('state.settleSpend', () => {
        const period = settledPeriod(figures, reservedAt);
        if (figures === null || period === null) {
          return;
        }
        const delta = nanoOf(spentUsd) - nanoOf(reservedUsd);
        figures = {
          ...figures,
          dayNano: figures.dayNano + (period === 'day' ? delta : 0),
          monthNano: figures.monthNano + delta,
        };
      }),

    getMeter: (at) => run('state.getMeter', () => meterAt(figures, at)),

    takeCalls: (name, count, { maxRequests, windowSeconds }, at) =>
      run('state.takeCalls', () => {
        const window = `${name}:${windowSeconds}:${Math.floor(at.getTime() / (windowSeconds * 1000))}`;
        const taken = takenCalls.get(window) ?? 0;
        const given = Math.max(0, Math.min(count, maxRequests - taken));
        takenCalls.set(window, taken + given);
        return given;
      }),

    countMailOfSender: (account, senderDigest, messageId, at) =>
      run('state.countMailOfSender', () => {
        const sender = `${account}:${senderDigest}`;
        const recent = (mailsOfSenders.get(sender) ?? []).filter(
          (mail) => mail.at > at.getTime() - 2 * hourMilliseconds,
        );
        recent.push({ at: at.getTime(), messageId });
        mailsOfSenders.set(sender, recent);
        return mailsWithinHour(recent, at);
      }),

    takePlace: (share, holder, most, at) =>
      run('state.takePlace', () => {
        const name = `${share.of}:${periodOfShare(share, at)}:${share.by}`;
        const holders = shares.get(name) ?? new Set();
        const fits = holders.size < most || holders.has(holder);
        if (fits) {
          shares.set(name, holders.add(holder));
        }
        return fits;
      }),

    acquireSenderLock: (senderDigest, mail, seconds, at) =>
      run('state.acquireSenderLock', () => {
        const current = locks.get(senderDigest);
        if (current !== undefined && current.mail !== mail && current.until > at.getTime()) {
          return new Date(current.until);
        }
        locks.set(senderDigest, { mail, until: at.getTime() + seconds * 1000 });
        return null;
      }),

    releaseSenderLock: (senderDigest, mail, at) =>
      run('state.releaseSenderLock', () => {
        if (locks.get(senderDigest)?.mail === mail) {
          locks.set(senderDigest, { mail, until: at.getTime() });
        }
      }),

    removeSender: (senderDigest) =>
      run('state.removeSender', () => {
        const senders = [...mailsOfSenders.keys()].filter((sender) => sender.endsWith(`:${senderDigest}`));
        for (const sender of senders) {
          mailsOfSenders.delete(sender);
        }
        const theirs = [...shares.keys()].filter((share) => share.endsWith(`:${senderDigest}`));
        for (const share of theirs) {
          shares.delete(share);
        }
        return senders.length + theirs.length + (locks.delete(senderDigest) ? 1 : 0);
      }),

    keptReadiness: () => run('state.keptReadiness', () => kept),
    beginLook: (owner, { at, until, newEnough }) =>
      run('state.beginLook', () => {
        const now = at.getTime();
        const lookedAt = kept === null ? Number.NEGATIVE_INFINITY : Date.parse(kept.at);
        const isTaken =
          lookLease !== null &&
          lookLease.owner !== owner &&
          lookLease.until > now &&
          lookLease.until <= until.getTime() + clockToleranceMilliseconds;
        const isNewEnough = lookedAt >= newEnough.getTime() && lookedAt <= now + clockToleranceMilliseconds;
        if (isTaken || isNewEnough) {
          return false;
        }
        lookLease = { owner, until: until.getTime() };
        return true;
      }),
    keepLook: (owner, found) =>
      run('state.keepLook', () => {
        if (lookLease?.owner === owner) {
          kept = found;
          lookLease = null;
        }
      }),
    secretReportOf: (variable) => run('state.secretReportOf', () => secretReports.get(variable) ?? null),
    saveSecretReport: (report, renewBefore) =>
      run('state.saveSecretReport', () => {
        const { at, ...before } = secretReports.get(report.variable) ?? { at: '' };
        const { at: _, ...says } = report;
        if (Date.parse(at) >= renewBefore.getTime() && isDeepStrictEqual(before, says)) {
          return;
        }
        secretReports.set(report.variable, report);
      }),
    getRegisteredWebhook: () => run('state.getRegisteredWebhook', () => registeredWebhook),

    saveRegisteredWebhook: (webhook) =>
      run('state.saveRegisteredWebhook', () => {
        registeredWebhook = webhook;
      }),

    probe: () => run('state.probe', () => undefined),
  };
}

function createWebhookEvents(run: Run, clock: Clock): WebhookEvents {
  const events = new Map<string, { readonly event: KeptEvent; readonly until: number }>();
  const kept = (id: string): KeptEvent | null => {
    const stored = events.get(id);
    return stored !== undefined && stored.until > clock.now().getTime()
      ? { ...stored.event, rawBody: Uint8Array.from(stored.event.rawBody) }
      : null;
  };
  return {
    probe: () => run('webhookEvents.probe', () => undefined),

    keep: ({ id, event, conversationId, rawBody, receivedAt, keepDays }) =>
      run('webhookEvents.keep', () => {
        if (keepDays > 0 && kept(id) === null) {
          events.set(id, {
            event: {
              id,
              event,
              conversationId,
              rawBody: Uint8Array.from(rawBody),
              receivedAt: receivedAt.toISOString(),
            },
            until: receivedAt.getTime() + keepDays * dayMilliseconds,
          });
        }
      }),

    get: (id) => run('webhookEvents.get', () => kept(id)),

    visitAll: (visit) =>
      run('webhookEvents.visitAll', () => {
        for (const id of events.keys()) {
          const event = kept(id);
          if (event !== null) {
            visit(event);
          }
        }
      }),

    removeEvent: (id) =>
      run('webhookEvents.removeEvent', () => {
        events.delete(id);
      }),
  };
}

/** How often each name occurs. */
function tally<Name extends string>(names: readonly Name[]): Partial<Record<Name, number>> {
  const counts: Partial<Record<Name, number>> = {};
  for (const name of names) {
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** To the second, as DynamoDB counts. */
function isPast(expiry: Date | null, clock: Clock): boolean {
  return expiry !== null && Math.floor(expiry.getTime() / 1000) <= Math.floor(clock.now().getTime() / 1000);
}

function contention(message: string): Failure {
  return retryable('store-contention', message);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
