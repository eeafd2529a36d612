import type { ListedDraft } from '#shared/freescout/draftWriter.ts';
import type { Thread } from '#shared/freescout/model.ts';
import type { MetricName } from '#shared/observability/metrics.ts';
import type { DraftCycle, DraftOutcome, DraftSideWrites, LiveDraft } from '#shared/store/botDrafts.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';
import { writtenFingerprint } from './draftPredicates.ts';
import type { DraftDependencies, DraftSuggestion } from './draftStrategy.ts';
import { fingerprintOf } from './fingerprint.ts';
import { classifySent } from './outcome.ts';

/*
 * One record per conversation tells the state of our draft there. The states are in docs/drafts.md.
 */

type RecordDependencies = Pick<DraftDependencies, 'drafts' | 'settings' | 'clock' | 'log' | 'measure'>;

/** The part of a record that stays the same from the beginning of a cycle to its end. */
type DraftStart = Omit<LiveDraft, 'state' | 'draftThreadId' | 'version' | 'updatedAt'>;

const outcomeMetrics: Readonly<Partial<Record<DraftOutcome, MetricName>>> = {
  unchanged: 'DraftUnchanged',
  'light-edit': 'DraftLightEdit',
  'heavy-edit': 'DraftHeavyEdit',
  replaced: 'DraftReplacedByAgent',
  discarded: 'DraftDiscarded',
};

/** Whether the cycle goes on: the draft exists, or its call was not answered, and it counts as existing. */
export function isOpen(record: LiveDraft | null): record is LiveDraft {
  return record?.state === 'creating' || record?.state === 'live';
}

/** Whether a draft of this kind was written for this message. Then no other is written, also when a person discarded it. */
export function wasDrafted(record: LiveDraft | null, { answeredThreadId, kind }: DraftSuggestion): boolean {
  return (
    record?.answeredThreadId === answeredThreadId && record.kind === kind && record.draftThreadId !== null
  );
}

/** Beginning of a cycle, dated now. */
export function startOf(
  { clock }: RecordDependencies,
  conversationId: number,
  { kind, answeredThreadId, html, origin }: DraftSuggestion,
): DraftStart {
  const createdAt = clock.now().toISOString();
  return { ...origin, conversationId, kind, answeredThreadId, createdAt, fingerprint: fingerprintOf(html) };
}

/** The write that keeps our text, to be compared with what is sent; undefined when the settings keep no texts. */
export function textToKeep(
  { settings: { keepTextDays } }: RecordDependencies,
  draftThreadId: number,
  html: string,
): DraftSideWrites | undefined {
  return keepTextDays > 0 ? { text: { draftThreadId, html, keepDays: keepTextDays } } : undefined;
}

/** Stores a change of a record. @returns the record as stored. */
export function saveRecord(
  { drafts }: RecordDependencies,
  record: LiveDraft,
  change: Partial<Pick<LiveDraft, 'state' | 'draftThreadId'>>,
  sideWrites?: DraftSideWrites,
): Promise<LiveDraft> {
  return drafts.saveLive({ ...withoutVersion(record), ...change }, record.version, sideWrites);
}

function withoutVersion({
  version,
  updatedAt,
  ...rest
}: LiveDraft): Omit<LiveDraft, 'version' | 'updatedAt'> {
  return rest;
}

/** Tells a record whose call was not answered that its draft was found. @returns the record as it is then. */
export async function recordFound(
  deps: RecordDependencies,
  open: LiveDraft,
  draft: ListedDraft,
): Promise<LiveDraft> {
  return open.state === 'creating' ? adoptDraft(deps, open, draft, withoutVersion(open)) : open;
}

/**
 * Stores that the record's draft is one that was found: the answer to the call that wrote it never came, or was never stored.
 *
 * @param start - the cycle that the draft belongs to.
 */
export async function adoptDraft(
  deps: RecordDependencies,
  known: LiveDraft | null,
  draft: ListedDraft,
  start: DraftStart,
): Promise<LiveDraft> {
  const fingerprint = writtenFingerprint(draft.body) ?? start.fingerprint;
  const adopted = await deps.drafts.saveLive(
    { ...start, fingerprint, state: 'live', draftThreadId: draft.id },
    known?.version ?? null,
    fingerprintOf(draft.body) === fingerprint ? textToKeep(deps, draft.id, draft.body) : undefined,
  );
  deps.log.write('DRAFT_CREATED', { conversationId: adopted.conversationId, draftThreadId: draft.id });
  deps.measure('DraftsCreated');
  return adopted;
}

/** Ends the cycle: a person sent our draft. */
export async function endSent(deps: RecordDependencies, open: LiveDraft, sent: Thread): Promise<LiveDraft> {
  const ourHtml = await deps.drafts.getText(sent.id, open.conversationId);
  const result = classifySent(writtenFingerprint(sent.body) ?? open.fingerprint, ourHtml, sent.body);
  const minutesToSend = Math.max(0, (sent.createdAt - Date.parse(open.createdAt)) / minuteMilliseconds);
  return end(deps, { ...open, draftThreadId: sent.id }, 'sent', { ...result, minutesToSend });
}

/** Ends the cycle: an agent answered in another way, a person discarded our draft, or we withdrew it. */
export function endUnsent(
  deps: RecordDependencies,
  open: LiveDraft,
  outcome: 'replaced' | 'discarded' | 'withdrawn',
): Promise<LiveDraft> {
  const state = outcome === 'replaced' ? 'replaced' : 'gone';
  return end(deps, open, state, { outcome, similarity: null, minutesToSend: null });
}

async function end(
  deps: RecordDependencies,
  open: LiveDraft,
  state: 'sent' | 'replaced' | 'gone',
  result: Pick<DraftCycle, 'outcome' | 'similarity' | 'minutesToSend'>,
): Promise<LiveDraft> {
  const { conversationId, answeredThreadId, draftThreadId, kind, type, bucket, language, promptVersion } =
    open;
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
  const endedAt = deps.clock.now().toISOString();
  const ended = await saveRecord(deps, open, { state }, { cycle: { ...cycle, ...result, endedAt } });
  const { outcome, similarity, minutesToSend } = result;
  deps.log.write('DRAFT_OUTCOME', {
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
    deps.measure(metric);
  }
  if (similarity !== null) {
    deps.measure('DraftSimilarity', similarity);
  }
  if (minutesToSend !== null) {
    deps.measure('DraftMinutesToSend', minutesToSend);
  }
  return ended;
}
