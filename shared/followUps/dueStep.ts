import {
  type Conversation,
  isCustomerMessage,
  isTeamAnswer,
  newestCustomerMessage,
  type Thread,
} from '#shared/freescout/model.ts';
import { mailboxIdsOf } from '#shared/settings/channels.ts';
import type { Calendar, Settings } from '#shared/settings/settings.ts';
import { followUpKey, type LedgerKey, threadKey } from '#shared/store/keys.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import type { Triage } from '#shared/triage/triage.ts';
import { countedHours } from './businessHours.ts';

/** `follow-up`: we owe the customer an answer. `reminder`: the customer owes us one. */
export type FollowUpStep = 'follow-up' | 'reminder';

export type NotDueReason =
  | 'follow-ups-off'
  | 'drafts-off'
  | 'other-mailbox'
  | 'not-published'
  | 'not-open'
  | 'excluded-tag'
  | 'missing-tag'
  | 'other-state'
  | 'no-customer-message'
  | 'answered'
  | 'too-young'
  /** The answer to the newest message of the customer is not through yet, or failed. */
  | 'reply-not-done'
  /** The newest message of the customer was never judged: it gets no draft either. */
  | 'not-judged'
  /** The newest message of the customer may get no draft: it looks automatic, or its sender writes too often. */
  | 'no-draft-wanted'
  | 'other-type'
  | 'no-reply-needed'
  /** There is a row for this step: it is done, under way, or waits. */
  | 'known'
  | 'reminded-enough';

interface Looked {
  /** Hours since the newest message of customer or team that the step is about, as the calendar counts them; null = none. */
  readonly waitedHours: number | null;
}

/** A step that the conversation itself asks for; the ledger may still know better. */
export interface Candidate extends Looked {
  readonly waitedHours: number;
  readonly due: FollowUpStep;
  /** The message that waits for an answer: the customer's for a follow-up, ours for a reminder. */
  readonly waiting: Thread;
  /** The customer's newest message, whose judgement decides. */
  readonly customerMessage: Thread;
}

export interface NotDue extends Looked {
  readonly due: null;
  readonly reason: NotDueReason;
}

export interface Due extends Candidate {
  readonly triage: Triage;
}

export type FollowUpSettings = Pick<Settings, 'channels' | 'drafts' | 'followUps'>;

/**
 * What a conversation asks for by itself, without what the ledger knows. Only what customer and team wrote to each other counts: a
 * draft, a note that is no team message, or FreeScout's `latestReplyFrom` is no answer.
 */
export function candidateIn(
  conversation: Conversation,
  settings: FollowUpSettings,
  now: Date,
): Candidate | NotDue {
  const { followUps } = settings;
  const newest = newestMessage(conversation);
  const customerMessage = newestCustomerMessage(conversation);
  const isFollowUp = newest !== undefined && isCustomerMessage(newest);
  const calendar = isFollowUp ? calendarOf(settings, conversation.mailboxId) : null;
  const waitedHours = newest === undefined ? null : countedHours(new Date(newest.createdAt), now, calendar);
  const notDue = (reason: NotDueReason): NotDue => ({ due: null, reason, waitedHours });

  if (!mailboxIdsOf(settings).includes(conversation.mailboxId)) {
    return notDue('other-mailbox');
  }
  const unfit = unfitReason(conversation, settings, isFollowUp);
  if (unfit !== null) {
    return notDue(unfit);
  }
  if (newest === undefined || customerMessage === undefined) {
    return notDue('no-customer-message');
  }
  if (!isFollowUp && !followUps.reminder.enabled) {
    return notDue('answered');
  }
  const waitsFor = isFollowUp ? followUps.hoursWithoutReply : followUps.reminder.afterDays * 24;
  return waitedHours === null || waitedHours < waitsFor
    ? notDue('too-young')
    : { due: isFollowUp ? 'follow-up' : 'reminder', waiting: newest, customerMessage, waitedHours };
}

/** Rows of the ledger that {@link confirmed} asks for. */
export function rowsAbout(conversation: Conversation, candidate: Candidate): readonly LedgerKey[] {
  return [
    threadKey(conversation.id, candidate.customerMessage.id),
    ...messagesInTurn(conversation, candidate).map(({ id }) => followUpKey(conversation.id, id)),
  ];
}

/**
 * Whether the ledger lets a candidate through: its reply is done, it gets drafts, and nobody has seen to this step.
 *
 * @param rows - those of {@link rowsAbout}; whoever has the row of this step in hand leaves it out.
 */
export function confirmed(
  conversation: Conversation,
  candidate: Candidate,
  rows: ReadonlyMap<LedgerKey, LedgerRow>,
  { drafts, followUps }: FollowUpSettings,
): Due | NotDue {
  const { waitedHours } = candidate;
  const notDue = (reason: NotDueReason): NotDue => ({ due: null, reason, waitedHours });
  if (rows.has(followUpKey(conversation.id, candidate.waiting.id))) {
    return notDue('known');
  }
  const reply = rows.get(threadKey(conversation.id, candidate.customerMessage.id));
  if (reply?.status !== 'success') {
    return notDue('reply-not-done');
  }
  if (reply.noDraft) {
    return notDue('no-draft-wanted');
  }
  const { triage } = reply;
  if (triage === undefined) {
    return notDue('not-judged');
  }
  if (!drafts.types.includes(triage.type)) {
    return notDue('other-type');
  }
  if (candidate.due === 'follow-up') {
    return triage.needsReply ? { ...candidate, triage } : notDue('no-reply-needed');
  }
  const reminded = messagesInTurn(conversation, candidate).filter(
    ({ id }) => rows.get(followUpKey(conversation.id, id))?.followUp !== undefined,
  );
  return reminded.length < followUps.reminder.maximum ? { ...candidate, triage } : notDue('reminded-enough');
}

/** Business hours of a mailbox, which the settings give by one of its channels; null = all hours. */
function calendarOf({ channels, followUps }: FollowUpSettings, mailboxId: number): Calendar | null {
  const alias = channels.find(
    (channel) => channel.mailboxId === mailboxId && Object.hasOwn(followUps.calendars, channel.alias),
  )?.alias;
  return followUps.calendars[alias ?? ''] ?? null;
}

/** Tag that says that the step's draft is ready. */
export function tagOf(step: FollowUpStep, followUps: Settings['followUps']): string {
  return step === 'follow-up' ? followUps.tag : followUps.reminder.tag;
}

/** What the conversation's settings, status and tags say against a step; null when nothing does. */
function unfitReason(
  conversation: Conversation,
  { drafts, followUps }: FollowUpSettings,
  isFollowUp: boolean,
): NotDueReason | null {
  const status = conversation.status.toLowerCase();
  const state = conversation.state.toLowerCase();
  const tags = new Set((conversation.tags ?? []).map((tag) => tag.toLowerCase()));
  if (!followUps.enabled) {
    return 'follow-ups-off';
  }
  if (!drafts.enabled) {
    return 'drafts-off';
  }
  if (state !== 'published') {
    return 'not-published';
  }
  if (status !== 'active' && (status !== 'pending' || (isFollowUp && !followUps.includePending))) {
    return 'not-open';
  }
  const ownTag = tagOf(isFollowUp ? 'follow-up' : 'reminder', followUps);
  if ([ownTag, ...followUps.excludedTags].some((tag) => tags.has(tag))) {
    return 'excluded-tag';
  }
  if (!followUps.requiredTags.every((tag) => tags.has(tag))) {
    return 'missing-tag';
  }
  return followUps.requiredStates.length === 0 ||
    followUps.requiredStates.some((wanted) => wanted === status || wanted === state)
    ? null
    : 'other-state';
}

/** Newest message of customer or team to each other. */
export function newestMessage(conversation: Conversation): Thread | undefined {
  return conversation.threads.findLast((thread) => isCustomerMessage(thread) || isTeamAnswer(thread));
}

/** The message that waits and, for a reminder, our earlier ones since the customer wrote. */
function messagesInTurn(conversation: Conversation, candidate: Candidate): readonly Thread[] {
  if (candidate.due === 'follow-up') {
    return [candidate.waiting];
  }
  const last = conversation.threads.findLastIndex(isCustomerMessage);
  return conversation.threads.slice(last + 1).filter(isTeamAnswer);
}
