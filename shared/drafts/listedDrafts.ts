import { ComeBackLater } from '#shared/failure/failure.ts';
import type { ListedDraft } from '#shared/freescout/draftWriter.ts';
import type { LiveDraft } from '#shared/store/botDrafts.ts';
import {
  otherReply,
  secondsUntilFinal,
  sentDraft,
  trackedDraft,
  waitUntilSettled,
} from './draftPredicates.ts';
import { endUnsent, isOpen, recordFound, saveRecord } from './draftRecord.ts';
import type { DraftDependencies } from './draftStrategy.ts';

/** The drafts of a conversation, and the record as it is after they were read. */
export interface DraftListing {
  /** If it is open, its draft is listed. */
  readonly record: LiveDraft | null;
  readonly drafts: readonly ListedDraft[];
}

/**
 * Lists the drafts and settles what the record does not know: a call that was not answered, a draft that was discarded.
 *
 * @returns null when the drafts cannot be seen: the companion module is gone, or the conversation is.
 * @throws {ComeBackLater} `unanswered-write` while the call may still write its draft, `undo-window` when our draft was sent, or
 * another reply was, since the conversation was read.
 */
export async function listDrafts(
  deps: DraftDependencies,
  conversationId: number,
  known: LiveDraft | null,
): Promise<DraftListing | null> {
  const drafts = await deps.freescout.listDrafts(conversationId);
  if (drafts === null) {
    return null;
  }
  return isOpen(known)
    ? ((await listingWithDraft(deps, known, drafts)) ?? settleAbsence(deps, conversationId, known))
    : { record: known, drafts };
}

/** @returns null when the record's draft is not listed. */
async function listingWithDraft(
  deps: DraftDependencies,
  open: LiveDraft,
  drafts: readonly ListedDraft[],
): Promise<DraftListing | null> {
  const draft = trackedDraft(drafts, open, deps.botUserId);
  return draft === undefined ? null : { record: await recordFound(deps, open, draft), drafts };
}

/**
 * A draft that is not listed was sent, discarded or never written. The conversation is read first and the drafts are listed once
 * more after it: a person may send a draft, or take the reply back, between two calls.
 */
async function settleAbsence(
  deps: DraftDependencies,
  conversationId: number,
  open: LiveDraft,
): Promise<DraftListing | null> {
  waitUntilSettled(open, deps.clock.now());
  const conversation = await deps.freescout.getConversation(conversationId);
  if (conversation === null || conversation.state === 'deleted') {
    return null;
  }
  const reply = sentDraft(conversation, open) ?? otherReply(conversation, open);
  if (reply !== undefined) {
    throw new ComeBackLater('undo-window', Math.max(1, secondsUntilFinal(reply, deps.clock.now())));
  }
  const drafts = await deps.freescout.listDrafts(conversationId);
  if (drafts === null) {
    return null;
  }
  const listing = await listingWithDraft(deps, open, drafts);
  if (listing !== null) {
    return listing;
  }
  const ended =
    open.draftThreadId === null
      ? await saveRecord(deps, open, { state: 'gone' })
      : await endUnsent(deps, open, 'discarded');
  return { record: ended, drafts };
}
