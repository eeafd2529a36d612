import { ComeBackLater } from '#shared/failure/failure.ts';
import type { ListedDraft } from '#shared/freescout/draftWriter.ts';
import { settlingSeconds } from '#shared/freescout/freescoutFailures.ts';
import { type Conversation, isAgentMessage, isTeamAnswer, type Thread } from '#shared/freescout/model.ts';
import type { LiveDraft } from '#shared/store/botDrafts.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';
import { fingerprintOf } from './fingerprint.ts';
import { draftMarker, hasMarker, markerNames } from './markers.ts';

/** An agent can take a reply back for 15 s, and FreeScout keeps times in whole seconds: after 20 s a published reply stays. */
export const undoSeconds = 20;

/**
 * Seconds until a published reply can no longer be taken back; 0 when that time is over. A team message was sent before it was written
 * down here, so nobody can take it back.
 */
export function secondsUntilFinal(reply: Thread, now: Date): number {
  if (reply.isTeamMessage) {
    return 0;
  }
  const left = Math.ceil(undoSeconds - (now.getTime() - reply.createdAt) / 1000);
  // FreeScout's clock may run ahead of ours. SQS delays a message by 15 minutes at most.
  return Math.min(Math.max(left, 0), 900);
}

/** The clock of FreeScout and ours may differ by this much. */
const clockMarginMilliseconds = 5 * minuteMilliseconds;

/**
 * FreeScout published at once what was to stay a draft, and its answer to the call was lost: the bot is still the author of the
 * thread, and the thread is as old as the call. When a person sends a draft, FreeScout makes that person the author and dates the
 * thread by the sending, also when the sending is undone (core 1.8.235). A person who is logged in as the bot user and sends within
 * minutes cannot be told from FreeScout.
 */
export function publishedByNobody(sent: Thread, record: LiveDraft, botUserId: number): boolean {
  return (
    record.draftThreadId === null &&
    sent.createdBy?.id === botUserId &&
    sent.createdAt <= Date.parse(record.updatedAt) + clockMarginMilliseconds
  );
}

/**
 * Waits until a reply can no longer be taken back: only then does it end anything.
 *
 * @throws {ComeBackLater} `undo-window` until then.
 */
export function waitUntilFinal(reply: Thread, now: Date): void {
  const seconds = secondsUntilFinal(reply, now);
  if (seconds > 0) {
    throw new ComeBackLater('undo-window', seconds);
  }
}

/**
 * Waits for the end of a draft call that was not answered: it may still write its draft.
 *
 * @param record - `updatedAt` is when the call ended; when the process stopped dead during the call, it is when the call was intended.
 * @throws {ComeBackLater} `unanswered-write` until then.
 */
export function waitUntilSettled({ state, updatedAt }: LiveDraft, now: Date): void {
  const passed = secondsSince(updatedAt, now);
  if (state === 'creating' && passed < settlingSeconds) {
    throw new ComeBackLater('unanswered-write', Math.ceil(settlingSeconds - passed));
  }
}

/** A draft call is over this long after its intent: our limit of calls holds it back for a minute at most, and it takes another. */
const unsettledSeconds = 120;

/**
 * Seconds until a record may be forgotten. While the call for its draft may still write, a forgotten record would let a second draft
 * be written beside the first.
 */
export function secondsUntilReset({ state, updatedAt }: LiveDraft, now: Date): number {
  const left = unsettledSeconds - secondsSince(updatedAt, now);
  return state === 'creating' ? Math.max(0, Math.ceil(left)) : 0;
}

function secondsSince(time: string, now: Date): number {
  return (now.getTime() - Date.parse(time)) / 1000;
}

/** The published thread that our draft became. FreeScout keeps the thread id and the source of a draft that is sent. */
export function sentDraft(conversation: Conversation, record: LiveDraft): Thread | undefined {
  const marker = draftMarker.draft(record);
  return conversation.threads.find(
    (thread) =>
      isAgentMessage(thread) &&
      (record.draftThreadId === null
        ? thread.sourceType === 'api' && hasMarker(thread.body, marker)
        : thread.id === record.draftThreadId),
  );
}

/**
 * Another answer of the team to what our draft was to answer: a reply that an agent sent from FreeScout, or a team message. The order
 * of the threads decides, not our clock. When the answered thread is no longer in the conversation (a merge moved it), the time of the
 * draft decides.
 */
export function otherReply(conversation: Conversation, record: LiveDraft): Thread | undefined {
  const answered = conversation.threads.findIndex((thread) => thread.id === record.answeredThreadId);
  return answered < 0
    ? conversation.threads.find(
        (thread) => isTeamAnswer(thread) && thread.createdAt > Date.parse(record.createdAt),
      )
    : conversation.threads.slice(answered + 1).find(isTeamAnswer);
}

/** Fingerprint of what we wrote into a draft, as the marker in the draft says; null when a person took the marker away. */
export function writtenFingerprint(body: string): string | null {
  const prefix = draftMarker.fingerprint('');
  return (
    markerNames(body)
      .findLast((name) => name.startsWith(prefix))
      ?.slice(prefix.length) ?? null
  );
}

/** A draft that we wrote and nobody changed. */
export function isUntouched(draft: ListedDraft, botUserId: number, record: LiveDraft | null): boolean {
  // FreeScout makes the sender the author of a draft, and leaves it so when the sending is undone.
  if (draft.createdByUserId !== botUserId) {
    return false;
  }
  const seen = fingerprintOf(draft.body);
  return (
    seen === writtenFingerprint(draft.body) ||
    (draft.id === record?.draftThreadId && seen === record.fingerprint)
  );
}

/**
 * Whether the draft would go to somebody who wrote in the conversation, and not to its customer of now. FreeScout addresses a draft
 * to the customer of the moment in which it is created. Opening the draft in the editor corrects that only for customers whose mails
 * FreeScout fetched itself (core 1.8.235).
 */
export function goesToAnother(draft: ListedDraft, conversation: Conversation): boolean {
  const to = draft.to.map((address) => address.toLowerCase());
  const customer = conversation.customer?.email.toLowerCase();
  const writers = conversation.threads.map((thread) => thread.customer?.email.toLowerCase());
  return !to.some((address) => address === customer) && to.some((address) => writers.includes(address));
}

/** A person saved the draft within the last minutes, and may still have it open. */
export function isInUse(draft: ListedDraft, botUserId: number, inUseMinutes: number, now: Date): boolean {
  return (
    draft.editedByUserId !== null &&
    draft.editedByUserId !== botUserId &&
    draft.editedAt !== null &&
    now.getTime() - draft.editedAt < inUseMinutes * minuteMilliseconds
  );
}

/**
 * The draft that the record is about: the one with its id, or, while the id is not known, the one with its marker. A person who
 * replaces the whole text removes the marker; therefore a draft without it counts when the bot user began it since the call.
 */
export function trackedDraft(
  listed: readonly ListedDraft[],
  record: LiveDraft,
  botUserId: number,
): ListedDraft | undefined {
  if (record.draftThreadId !== null) {
    return listed.find((draft) => draft.id === record.draftThreadId);
  }
  const marker = draftMarker.draft(record);
  const since = Date.parse(record.createdAt) - clockMarginMilliseconds;
  return (
    listed.find((draft) => hasMarker(draft.body, marker)) ??
    listed.find((draft) => draft.createdByUserId === botUserId && draft.createdAt >= since)
  );
}

/** A draft that we wrote, also one that no record knows (left over from guarded mode, or moved here by a merge). */
export function isOurs(draft: ListedDraft, botUserId: number): boolean {
  return (
    draft.createdByUserId === botUserId && markerNames(draft.body).some((name) => name.startsWith('draft:'))
  );
}
