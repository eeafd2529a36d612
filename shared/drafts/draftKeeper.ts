import { ComeBackLater } from '#shared/failure/failure.ts';
import { stateName } from '#shared/freescout/draftProof.ts';
import {
  type FreeScoutClient,
  FreeScoutFailure,
  type ListedDraft,
} from '#shared/freescout/freescoutClient.ts';
import { settlingSeconds } from '#shared/freescout/freescoutFailures.ts';
import { type Conversation, statusToKeep, type Thread } from '#shared/freescout/model.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import type { Measure, MetricName } from '#shared/observability/metrics.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type {
  BotDrafts,
  DraftCycle,
  DraftKind,
  DraftOrigin,
  DraftOutcome,
  DraftSideWrites,
  LiveDraft,
} from '#shared/store/botDrafts.ts';
import type { Clock } from '#shared/time/clock.ts';
import { type KeptBecause, noDraftNote, suggestionNote } from './draftNotes.ts';
import {
  goesToAnother,
  isInUse,
  isOurs,
  isUntouched,
  otherReply,
  publishedByNobody,
  secondsUntilFinal,
  sentDraft,
  trackedDraft,
  undoSeconds,
  waitUntilFinal,
  writtenFingerprint,
} from './draftPredicates.ts';
import { fingerprintOf } from './fingerprint.ts';
import { draftMarker, hasMarker, hasOwnNote, markerFor } from './markers.ts';
import { classifySent } from './outcome.ts';

export interface DraftSuggestion {
  readonly kind: DraftKind;
  /** Customer thread that the suggestion answers; for a reminder the reply of ours that it comes back to. */
  readonly answeredThreadId: number;
  /** As `shapeReply` makes it. */
  readonly html: string;
  /** There may be a draft for this message that no record tells of any more; what cannot be seen then counts as there. */
  readonly mayBeDrafted?: boolean;
  /** FreeScout has told the agents of the message: a note that carries the suggestion notifies nobody. */
  readonly silentNotes?: boolean;
  readonly origin: DraftOrigin;
}

/**
 * `drafted`: a draft for this customer message is there (or was, and a person dealt with it). `replaced`: our older draft now
 * carries the suggestion. `noted`: an internal note carries it. `stopped`: drafting is stopped, nothing was written.
 */
export type OfferOutcome = 'drafted' | 'replaced' | 'noted' | 'stopped';

/**
 * Keeps at most one live draft of ours per conversation and never changes what a person touched.
 *
 * **States** of the one record per conversation: `creating` (the intent; stored before FreeScout is called) → `live` → `sent` |
 * `replaced` | `gone`. `creating` and `live` are open: they count as a draft that is there.
 *
 * | From | To | When |
 * |---|---|---|
 * | none, ended | creating | a suggestion is offered, and nothing open is known or (managed) listed |
 * | creating | live | FreeScout told the draft's thread id; managed: the draft was found (by its marker, or as begun by the bot since) |
 * | creating | gone | the call provably wrote nothing; managed: 60 s later no such draft is listed |
 * | creating | gone | our thread is published in the bot's name: FreeScout sent it; drafting is stopped everywhere |
 * | live | live | managed: our untouched draft was replaced in place; it now answers the newer message |
 * | creating, live | sent | our thread (by id, or by marker while the id is unknown) is published for 20 s or longer |
 * | creating, live | replaced | another reply after the answered message is published for 20 s or longer |
 * | live | gone (withdrawn) | managed: our untouched draft would go to somebody who is not the customer any more |
 * | live | gone (discarded) | managed: listed neither before nor after a re-read that does not show it as published |
 *
 * **Faults.** Every failure is thrown on, so that the job comes back; what holds then:
 * | Fault | Ends in |
 * |---|---|
 * | conversation 404 at the draft call | intent cleared; permanent failure; nothing is there to write to |
 * | conversation deleted (also: merged into another) | record stays as it is; only a published draft is recorded; a draft that moved with a merge is found by its marker in managed mode, and counts as somebody's draft there if it was touched |
 * | closed, spam, new customer, newer message before the offer | the caller's re-read; the keeper writes what it is given |
 * | closed or spam between that read and the call | FreeScout has no conditional write: the status read is written, the draft stays |
 * | 400 401 403 404 405 413 422, no connection, TLS, at the draft call | intent cleared, the next attempt tries again |
 * | 5xx, timeout, HTML, no `Resource-ID` at the draft call | intent stays. Guarded: never a second draft, one note. Managed: found by its marker, or 60 s after the call's end written again |
 * | draft call answers another state than `draft` | drafting is stopped everywhere; the record is gone without an outcome, because nobody sent it |
 * | the same at replacing | record unchanged; the draft itself tells by its markers what it answers and what we wrote |
 * | the same at withdrawing, listing, re-reading | record unchanged, looked at again |
 * | the same at a note | the next attempt looks for the note's marker first |
 * | record cannot be written after the call | as an unanswered call |
 * | companion module gone (404, 405 at listing) | the guarded rules hold for this step |
 */
export interface DraftKeeper {
  /**
   * Records what became of our draft, from a conversation that was just read. In managed mode it also notices discarded drafts
   * and withdraws a stale untouched one when an agent answered in another way.
   *
   * @throws {ComeBackLater} `undo-window` when the reply that would end the cycle can still be taken back, `unanswered-write` when
   * an unanswered draft call may still arrive.
   * @throws {FreeScoutFailure} of a call; nothing was recorded then.
   */
  observe(conversation: Conversation): Promise<void>;
  /**
   * Puts a suggestion in place. Status and `cc` are taken from `conversation`, so it must have been read in the same step.
   * Offering again for the same customer message is harmless.
   *
   * @throws as {@link observe}.
   */
  offer(conversation: Conversation, suggestion: DraftSuggestion): Promise<OfferOutcome>;
  /**
   * Whether a draft of ours, of whatever kind, is seen to wait for a person to send it, as of the last {@link observe}. Guarded mode
   * sees no draft: one that it wrote may have been discarded since, so it answers false.
   */
  isSeenWaiting(conversationId: number): Promise<boolean>;
  /** Whether drafts are written at all: false while drafting is stopped, and a text need not be asked for. */
  mayDraft(): Promise<boolean>;
  /**
   * One note per message and kind of draft (default: a reply) that none was written and why. `reason`: a code, never text of a mail.
   */
  explainNoDraft(
    conversation: Conversation,
    answeredThreadId: number,
    reason: string,
    options?: { readonly kind?: DraftKind; readonly silentNotes?: boolean },
  ): Promise<void>;
}

export interface DraftKeeperDependencies {
  readonly freescout: FreeScoutClient;
  readonly drafts: BotDrafts;
  /** `managed`: the companion module answers. */
  readonly mode: () => Promise<'guarded' | 'managed'>;
  /** Whether this FreeScout was seen to keep drafts as drafts; proves it when that is not known yet. */
  readonly proveDrafts: () => Promise<'proven' | 'stopped'>;
  /** Stops all drafting until an operator clears it. */
  readonly stopDrafting: (reason: string) => Promise<void>;
  readonly botUserId: number;
  readonly settings: Settings['drafts'];
  readonly clock: Clock;
  readonly log: Log;
  readonly measure: Measure;
}

/** Each attempt begins with a fresh list. Somebody who changes the draft that often is at work on it. */
const replaceAttempts = 3;

const outcomeMetrics: Readonly<Partial<Record<DraftOutcome, MetricName>>> = {
  unchanged: 'DraftUnchanged',
  'light-edit': 'DraftLightEdit',
  'heavy-edit': 'DraftHeavyEdit',
  replaced: 'DraftReplacedByAgent',
  discarded: 'DraftDiscarded',
};

/** What managed mode sees: the record as it is now, and the drafts of the conversation. */
interface Sight {
  readonly live: LiveDraft | null;
  readonly listed: readonly ListedDraft[];
}

export function createDraftKeeper(deps: DraftKeeperDependencies): DraftKeeper {
  const { freescout, drafts, botUserId, settings, clock, log, measure } = deps;

  async function observe(conversation: Conversation): Promise<void> {
    const live = await drafts.getLive(conversation.id);
    if (live === null || !isOpen(live)) {
      return;
    }
    const sent = sentDraft(conversation, live);
    const reply = sent ?? otherReply(conversation, live);
    if (sent !== undefined && publishedByNobody(sent, live, botUserId)) {
      await recordPublished(live, sent);
    } else if (reply !== undefined) {
      waitUntilFinal(reply, clock.now());
      await (sent ? recordSent(live, sent) : recordReplaced(conversation, live));
    } else if (conversation.state !== 'deleted' && (await deps.mode()) === 'managed') {
      await lookAtDrafts(conversation.id, live);
    }
  }

  async function offer(conversation: Conversation, suggestion: DraftSuggestion): Promise<OfferOutcome> {
    const live = await drafts.getLive(conversation.id);
    if (wasDrafted(live, suggestion)) {
      return 'drafted';
    }
    return (await deps.mode()) === 'managed'
      ? offerManaged(conversation, suggestion, live)
      : offerGuarded(conversation, suggestion, live);
  }

  async function isSeenWaiting(conversationId: number): Promise<boolean> {
    const live = await drafts.getLive(conversationId);
    return live !== null && isOpen(live) && (await deps.mode()) === 'managed';
  }

  async function mayDraft(): Promise<boolean> {
    return (await deps.proveDrafts()) === 'proven';
  }

  function offerGuarded(
    conversation: Conversation,
    suggestion: DraftSuggestion,
    live: LiveDraft | null,
  ): Promise<OfferOutcome> {
    const isThere = live !== null && isOpen(live);
    if (!isThere && !suggestion.mayBeDrafted) {
      return create(conversation, suggestion, live);
    }
    const because = live?.state !== 'live' ? 'draft-may-be-there' : 'draft-is-there';
    return noteSuggestion(conversation, suggestion, because);
  }

  async function offerManaged(
    conversation: Conversation,
    suggestion: DraftSuggestion,
    known: LiveDraft | null,
  ): Promise<OfferOutcome> {
    let live = known;
    for (let attempt = 1; attempt <= replaceAttempts; attempt++) {
      const sight = await lookAtDrafts(conversation.id, live);
      if (sight === null) {
        return offerGuarded(conversation, suggestion, live);
      }
      live = sight.live;
      if (wasDrafted(live, suggestion)) {
        return 'drafted';
      }
      const tracked = live !== null && isOpen(live) ? trackedDraft(sight.listed, live, botUserId) : undefined;
      const ours = tracked ?? sight.listed.findLast((draft) => isOurs(draft, botUserId));
      if (ours && hasMarker(ours.body, draftMarkerOf(conversation.id, suggestion))) {
        await adopt(live, ours, startOf(conversation.id, suggestion));
        return 'drafted';
      }
      const others = sight.listed.filter((draft) => draft !== ours);
      if (others.some((draft) => !mayChange(draft, live))) {
        return noteSuggestion(conversation, suggestion, 'own-draft');
      }
      const isMisdirected = ours !== undefined && goesToAnother(ours, conversation);
      // Whoever opened the draft may have chosen its addresses.
      if (ours && (!mayChange(ours, live) || (isMisdirected && ours.editedByUserId !== null))) {
        return noteSuggestion(conversation, suggestion, 'draft-in-hands');
      }
      if (!(await mayDraft())) {
        return 'stopped';
      }
      if (!(await withdrawAll(conversation.id, isMisdirected ? sight.listed : others))) {
        continue;
      }
      if (isMisdirected && live !== null && isOpen(live)) {
        live = await end(live, 'gone', { outcome: 'withdrawn', similarity: null, minutesToSend: null });
      }
      if (ours === undefined || isMisdirected) {
        return create(conversation, suggestion, live);
      }
      if (await replace(conversation, ours, suggestion, live)) {
        return 'replaced';
      }
    }
    return noteSuggestion(conversation, suggestion, 'draft-in-hands');
  }

  async function create(
    conversation: Conversation,
    suggestion: DraftSuggestion,
    live: LiveDraft | null,
  ): Promise<OfferOutcome> {
    if (!(await mayDraft())) {
      return 'stopped';
    }
    const intent = await drafts.saveLive(
      { ...startOf(conversation.id, suggestion), state: 'creating', draftThreadId: null },
      live?.version ?? null,
    );
    const answer = await freescout
      .createDraftReply(conversation.id, {
        html: draftHtml(conversation.id, suggestion),
        cc: conversation.cc,
        status: statusToKeep(conversation),
      })
      .catch(async (failure: unknown) => {
        if (failure instanceof FreeScoutFailure && failure.nothingWritten) {
          await save(intent, { state: 'gone' });
        } else {
          // The call may have left long after the intent, and what it may still do counts from its end. Its failure is what to tell.
          await save(intent, {}).catch(() => undefined);
        }
        throw failure;
      });
    if (answer.state !== 'draft') {
      await deps.stopDrafting(
        `FreeScout stored draft ${answer.threadId} of conversation ${conversation.id} as "${stateName(answer.state)}"`,
      );
      await save(intent, { state: 'gone', draftThreadId: answer.threadId });
      return 'stopped';
    }
    await save(
      intent,
      { state: 'live', draftThreadId: answer.threadId },
      textToKeep(answer.threadId, suggestion.html),
    );
    log.write('DRAFT_CREATED', { conversationId: conversation.id, draftThreadId: answer.threadId });
    measure('DraftsCreated');
    return 'drafted';
  }

  /** @returns false when the draft changed since it was listed. */
  async function replace(
    conversation: Conversation,
    draft: ListedDraft,
    suggestion: DraftSuggestion,
    live: LiveDraft | null,
  ): Promise<boolean> {
    const change = await freescout.replaceDraft(conversation.id, draft.id, {
      html: draftHtml(conversation.id, suggestion),
      // Whoever opened the draft may have chosen its addresses.
      cc: draft.editedByUserId === null ? conversation.cc : draft.cc,
      ifVersion: draft.version,
    });
    if (change === 'no-longer-a-draft') {
      throw new ComeBackLater('undo-window', undoSeconds);
    }
    if (change !== 'done') {
      return false;
    }
    await drafts.saveLive(
      { ...startOf(conversation.id, suggestion), state: 'live', draftThreadId: draft.id },
      live?.version ?? null,
      textToKeep(draft.id, suggestion.html),
    );
    log.write('DRAFT_REPLACED', { conversationId: conversation.id, draftThreadId: draft.id });
    measure('DraftsReplaced');
    return true;
  }

  /** @returns false when one of them is still there. */
  async function withdrawAll(conversationId: number, listed: readonly ListedDraft[]): Promise<boolean> {
    let allGone = true;
    for (const draft of listed) {
      const change = await freescout.withdrawDraft(conversationId, draft.id, draft.version);
      if (change === 'no-longer-a-draft') {
        throw new ComeBackLater('undo-window', undoSeconds);
      }
      if (change === 'done') {
        log.write('DRAFT_WITHDRAWN', { conversationId, draftThreadId: draft.id });
        measure('DraftsWithdrawn');
      }
      allGone &&= change === 'done' || change === 'gone';
    }
    return allGone;
  }

  /**
   * Lists the drafts and settles what the record does not know: an unanswered call, a discarded draft.
   *
   * @returns null when the drafts cannot be seen: the companion module is gone, or the conversation is.
   */
  async function lookAtDrafts(conversationId: number, live: LiveDraft | null): Promise<Sight | null> {
    const listed = await freescout.listDrafts(conversationId);
    if (listed === null || live === null || !isOpen(live)) {
      return listed && { live, listed };
    }
    const draft = trackedDraft(listed, live, botUserId);
    return draft ? { live: await found(live, draft), listed } : settleAbsence(conversationId, live);
  }

  /** A draft that is not listed was sent, discarded or never written. A person may act between two calls, hence the order. */
  async function settleAbsence(conversationId: number, live: LiveDraft): Promise<Sight | null> {
    if (live.state === 'creating') {
      const passed = (clock.now().getTime() - Date.parse(live.updatedAt)) / 1000;
      if (passed < settlingSeconds) {
        throw new ComeBackLater('unanswered-write', Math.ceil(settlingSeconds - passed));
      }
    }
    const conversation = await freescout.getConversation(conversationId);
    if (conversation === null || conversation.state === 'deleted') {
      return null;
    }
    const reply = sentDraft(conversation, live) ?? otherReply(conversation, live);
    if (reply !== undefined) {
      throw new ComeBackLater('undo-window', Math.max(1, secondsUntilFinal(reply, clock.now())));
    }
    const listed = await freescout.listDrafts(conversationId);
    if (listed === null) {
      return null;
    }
    const draft = trackedDraft(listed, live, botUserId);
    if (draft) {
      return { live: await found(live, draft), listed };
    }
    const settled =
      live.draftThreadId === null
        ? await save(live, { state: 'gone' })
        : await end(live, 'gone', { outcome: 'discarded', similarity: null, minutesToSend: null });
    return { live: settled, listed };
  }

  async function found(live: LiveDraft, draft: ListedDraft): Promise<LiveDraft> {
    return live.state === 'creating' ? adopt(live, draft, withoutVersion(live)) : live;
  }

  /** Brings the record up to a draft that was found: the answer to our call never came, or was never recorded. */
  async function adopt(live: LiveDraft | null, draft: ListedDraft, start: DraftStart): Promise<LiveDraft> {
    const fingerprint = writtenFingerprint(draft.body) ?? start.fingerprint;
    const record = await drafts.saveLive(
      { ...start, fingerprint, state: 'live', draftThreadId: draft.id },
      live?.version ?? null,
      fingerprintOf(draft.body) === fingerprint ? textToKeep(draft.id, draft.body) : undefined,
    );
    log.write('DRAFT_CREATED', { conversationId: record.conversationId, draftThreadId: draft.id });
    measure('DraftsCreated');
    return record;
  }

  /** Without an outcome: nobody found the text fit to send. */
  async function recordPublished(live: LiveDraft, published: Thread): Promise<void> {
    await deps.stopDrafting(
      `thread ${published.id} of conversation ${live.conversationId}, which was to stay a draft, was sent in the name of the bot user: by FreeScout itself, or by a person logged in as that user`,
    );
    await save(live, { state: 'gone', draftThreadId: published.id });
  }

  async function recordSent(live: LiveDraft, sent: Thread): Promise<void> {
    const ourHtml = await drafts.getText(sent.id, live.conversationId);
    const result = classifySent(writtenFingerprint(sent.body) ?? live.fingerprint, ourHtml, sent.body);
    const minutesToSend = Math.max(0, (sent.createdAt - Date.parse(live.createdAt)) / 60_000);
    await end({ ...live, draftThreadId: sent.id }, 'sent', { ...result, minutesToSend });
  }

  async function recordReplaced(conversation: Conversation, live: LiveDraft): Promise<void> {
    // Withdrawn before it is recorded: whoever comes back after a crash still knows what to withdraw.
    if (conversation.state !== 'deleted' && (await deps.mode()) === 'managed') {
      const listed = await freescout.listDrafts(conversation.id);
      const draft = listed ? trackedDraft(listed, live, botUserId) : undefined;
      if (draft && mayChange(draft, live)) {
        await withdrawAll(conversation.id, [draft]);
      }
    }
    await end(live, 'replaced', { outcome: 'replaced', similarity: null, minutesToSend: null });
  }

  async function end(
    live: LiveDraft,
    state: 'sent' | 'replaced' | 'gone',
    result: Pick<DraftCycle, 'outcome' | 'similarity' | 'minutesToSend'>,
  ): Promise<LiveDraft> {
    const { conversationId, answeredThreadId, draftThreadId, kind, type, bucket, language, promptVersion } =
      live;
    const cycle = {
      conversationId,
      answeredThreadId,
      draftThreadId,
      kind,
      type,
      bucket,
      language,
      promptVersion,
    };
    const ended = await save(
      live,
      { state },
      { cycle: { ...cycle, ...result, endedAt: clock.now().toISOString() } },
    );
    const { outcome, similarity, minutesToSend } = result;
    log.write('DRAFT_OUTCOME', {
      conversationId,
      draftThreadId,
      outcome,
      similarity,
      type,
      bucket,
      language,
    });
    const metric = outcomeMetrics[outcome];
    if (metric) {
      measure(metric);
    }
    if (similarity !== null) {
      measure('DraftSimilarity', similarity);
    }
    if (minutesToSend !== null) {
      measure('DraftMinutesToSend', minutesToSend);
    }
    return ended;
  }

  async function noteSuggestion(
    conversation: Conversation,
    suggestion: DraftSuggestion,
    because: KeptBecause,
  ): Promise<OfferOutcome> {
    const marker = draftMarker.suggestion(namedIn(conversation.id, suggestion));
    const html = suggestionNote(because, suggestion.kind, suggestion.html, marker);
    if (await noteOnce(conversation, marker, html, suggestion.silentNotes ?? false)) {
      log.write('DRAFT_KEPT', { conversationId: conversation.id, reason: because });
      measure('DraftsNoted');
    }
    return 'noted';
  }

  async function explainNoDraft(
    conversation: Conversation,
    answeredThreadId: number,
    reason: string,
    {
      kind = 'reply',
      silentNotes = false,
    }: { readonly kind?: DraftKind; readonly silentNotes?: boolean } = {},
  ): Promise<void> {
    const marker = draftMarker.noDraft({ conversationId: conversation.id, answeredThreadId, kind });
    if (await noteOnce(conversation, marker, noDraftNote(reason, marker), silentNotes)) {
      log.write('DRAFT_UNUSABLE', { conversationId: conversation.id, threadId: answeredThreadId, reason });
      measure('DraftsUnusable');
    }
  }

  /** @returns false when the note is already there. */
  async function noteOnce(
    conversation: Conversation,
    marker: string,
    html: string,
    imported: boolean,
  ): Promise<boolean> {
    const isThere = hasOwnNote(conversation, botUserId, marker);
    if (!isThere) {
      await freescout.addNote(conversation.id, { html, cc: conversation.cc, imported });
    }
    return !isThere;
  }

  function mayChange(draft: ListedDraft, live: LiveDraft | null): boolean {
    return (
      isUntouched(draft, botUserId, live) && !isInUse(draft, botUserId, settings.inUseMinutes, clock.now())
    );
  }

  function startOf(
    conversationId: number,
    { kind, answeredThreadId, html, origin }: DraftSuggestion,
  ): DraftStart {
    const createdAt = clock.now().toISOString();
    return { ...origin, conversationId, kind, answeredThreadId, createdAt, fingerprint: fingerprintOf(html) };
  }

  function save(
    live: LiveDraft,
    change: Partial<Pick<LiveDraft, 'state' | 'draftThreadId'>>,
    sideWrites?: DraftSideWrites,
  ): Promise<LiveDraft> {
    return drafts.saveLive({ ...withoutVersion(live), ...change }, live.version, sideWrites);
  }

  function textToKeep(draftThreadId: number, html: string): DraftSideWrites | undefined {
    const keepDays = settings.keepTextDays;
    return keepDays > 0 ? { text: { draftThreadId, html, keepDays } } : undefined;
  }

  return { observe, offer, isSeenWaiting, mayDraft, explainNoDraft };
}

/** What a record says from the beginning of a cycle on. */
type DraftStart = Omit<LiveDraft, 'state' | 'draftThreadId' | 'version' | 'updatedAt'>;

function isOpen(live: LiveDraft): boolean {
  return live.state === 'creating' || live.state === 'live';
}

/** There was such a draft for this very message, so there is never another, whatever became of it. */
function wasDrafted(live: LiveDraft | null, { answeredThreadId, kind }: DraftSuggestion): boolean {
  return live?.answeredThreadId === answeredThreadId && live.kind === kind && live.draftThreadId !== null;
}

function namedIn(conversationId: number, { answeredThreadId, kind }: DraftSuggestion) {
  return { conversationId, answeredThreadId, kind };
}

function draftMarkerOf(conversationId: number, suggestion: DraftSuggestion): string {
  return draftMarker.draft(namedIn(conversationId, suggestion));
}

function draftHtml(conversationId: number, suggestion: DraftSuggestion): string {
  const { html } = suggestion;
  return [
    html,
    markerFor(draftMarkerOf(conversationId, suggestion)),
    markerFor(draftMarker.fingerprint(fingerprintOf(html))),
  ].join('');
}

function withoutVersion({
  version,
  updatedAt,
  ...rest
}: LiveDraft): Omit<LiveDraft, 'version' | 'updatedAt'> {
  return rest;
}
