import { ComeBackLater } from '#shared/failure/failure.ts';
import type { ListedDraft } from '#shared/freescout/freescoutClient.ts';
import { type Conversation, isAgentMessage, type Thread } from '#shared/freescout/model.ts';
import type { LiveDraft } from '#shared/store/botDrafts.ts';
import { fingerprintOf } from './fingerprint.ts';
import { draftMarker, hasMarker, markerNames } from './markers.ts';

/**
 * An agent can take a reply back for 15 s, and FreeScout keeps times in whole seconds; after 20 s a published reply stays.
 */
export const undoSeconds = 20;

/** Seconds until a published reply can no longer be taken back; 0 when that time is over. */
export function secondsUntilFinal(reply: Thread, now: Date): number {
  const left = Math.ceil(undoSeconds - (now.getTime() - reply.createdAt) / 1000);
  // FreeScout's clock may run ahead of ours; SQS cannot wait longer than 15 minutes in one go for this to be sensible.
  return Math.min(Math.max(left, 0), 900);
}

/** Clocks of the two systems may differ by this much. */
const clockMarginMilliseconds = 5 * 60_000;

/**
 * FreeScout published at once what was to stay a draft, and its answer to the call was lost: the thread still is the bot's, and as
 * old as the call. A person who sends a draft becomes its author, and its time becomes that of the sending, undone or not; only one
 * who is logged in as the bot user and sends within minutes cannot be told apart (core 1.8.235).
 */
export function publishedByNobody(sent: Thread, live: LiveDraft, botUserId: number): boolean {
  return (
    live.draftThreadId === null &&
    sent.createdBy?.id === botUserId &&
    sent.createdAt <= Date.parse(live.updatedAt) + clockMarginMilliseconds
  );
}

/**
 * A reply ends something for good only when it can no longer be taken back.
 *
 * @throws {ComeBackLater} until then.
 */
export function waitUntilFinal(reply: Thread, now: Date): void {
  const seconds = secondsUntilFinal(reply, now);
  if (seconds > 0) {
    throw new ComeBackLater('undo-window', seconds);
  }
}

/** An intent is this old at most when its call is settled: a limit of calls can hold it back for a minute, the call itself another. */
const unsettledSeconds = 120;

/** Seconds until a record may be forgotten: while its draft may still be on its way, a second one would be written beside it. */
export function secondsUntilReset({ state, updatedAt }: LiveDraft, now: Date): number {
  const left = unsettledSeconds - (now.getTime() - Date.parse(updatedAt)) / 1000;
  return state === 'creating' ? Math.max(0, Math.ceil(left)) : 0;
}

/** The published thread that our draft became; a sent draft keeps its thread id and its source. */
export function sentDraft(conversation: Conversation, live: LiveDraft): Thread | undefined {
  const marker = draftMarker.draft(live);
  return conversation.threads.find(
    (thread) =>
      isAgentMessage(thread) &&
      (live.draftThreadId === null
        ? thread.sourceType === 'api' && hasMarker(thread.body, marker)
        : thread.id === live.draftThreadId),
  );
}

/**
 * Another reply by which an agent answered what our draft was to answer. The order of the threads decides, not our clock; only
 * when the answered thread is no longer there (moved by a merge) does the time of the draft.
 */
export function otherReply(conversation: Conversation, live: LiveDraft): Thread | undefined {
  const answered = conversation.threads.findIndex((thread) => thread.id === live.answeredThreadId);
  return answered < 0
    ? conversation.threads.find(
        (thread) => isAgentMessage(thread) && thread.createdAt > Date.parse(live.createdAt),
      )
    : conversation.threads.slice(answered + 1).find(isAgentMessage);
}

/** Fingerprint of what we wrote into this draft, which the draft itself tells. */
export function writtenFingerprint(body: string): string | null {
  const prefix = draftMarker.fingerprint('');
  return (
    markerNames(body)
      .findLast((name) => name.startsWith(prefix))
      ?.slice(prefix.length) ?? null
  );
}

/** A draft that we wrote and nobody changed. */
export function isUntouched(draft: ListedDraft, botUserId: number, live: LiveDraft | null): boolean {
  // Sending makes a draft the sender's, and it stays so after the sending was undone.
  if (draft.createdByUserId !== botUserId) {
    return false;
  }
  const seen = fingerprintOf(draft.body);
  return (
    seen === writtenFingerprint(draft.body) || (draft.id === live?.draftThreadId && seen === live.fingerprint)
  );
}

/**
 * The draft would go to somebody else who wrote in the conversation than whom it is with now. FreeScout addresses a draft to the
 * customer of the moment it is created; its editor changes that for those whose mails it did not fetch itself (core 1.8.235).
 */
export function goesToAnother(draft: ListedDraft, conversation: Conversation): boolean {
  const to = draft.to.map((address) => address.toLowerCase());
  const present = conversation.customer?.email.toLowerCase();
  const writers = conversation.threads.map((thread) => thread.customer?.email.toLowerCase());
  return !to.some((address) => address === present) && to.some((address) => writers.includes(address));
}

/** Somebody else saved the draft within the last minutes, so it may be open in front of them. */
export function isInUse(draft: ListedDraft, botUserId: number, inUseMinutes: number, now: Date): boolean {
  return (
    draft.editedByUserId !== null &&
    draft.editedByUserId !== botUserId &&
    draft.editedAt !== null &&
    now.getTime() - draft.editedAt < inUseMinutes * 60_000
  );
}

/**
 * The draft that the record speaks of: by its id, or, while that is not known, by its marker. Whoever replaced the whole text took
 * the marker away with it; then a draft counts that the bot user began since the call.
 */
export function trackedDraft(
  listed: readonly ListedDraft[],
  live: LiveDraft,
  botUserId: number,
): ListedDraft | undefined {
  if (live.draftThreadId !== null) {
    return listed.find((draft) => draft.id === live.draftThreadId);
  }
  const marker = draftMarker.draft(live);
  const since = Date.parse(live.createdAt) - clockMarginMilliseconds;
  return (
    listed.find((draft) => hasMarker(draft.body, marker)) ??
    listed.find((draft) => draft.createdByUserId === botUserId && draft.createdAt >= since)
  );
}

/** A draft that we once wrote, also one that no record speaks of (left over from the guarded mode, moved here by a merge). */
export function isOurs(draft: ListedDraft, botUserId: number): boolean {
  return (
    draft.createdByUserId === botUserId && markerNames(draft.body).some((name) => name.startsWith('draft:'))
  );
}
