import { asFailure } from '#shared/failure/failure.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import type { Measure } from '#shared/observability/metrics.ts';
import type { DraftProofs } from '#shared/store/draftProofs.ts';
import type { Clock } from '#shared/time/clock.ts';
import type { ConversationReader } from './conversationReader.ts';
import type { DraftWriter } from './draftWriter.ts';
import { FreeScoutFailure } from './freescoutClient.ts';
import { deleteQuietly, type ProofConversations } from './proofConversations.ts';

/** What a trial of drafts does in FreeScout. */
export type TrialClient = ProofConversations &
  Pick<ConversationReader, 'getConversation'> &
  Pick<DraftWriter, 'createDraftReply'>;

export interface DraftProofDependencies {
  readonly client: TrialClient;
  readonly state: Pick<DraftProofs, 'getDraftProof' | 'saveDraftProof'>;
  /** FreeScout's address; a proof holds for this one only. */
  readonly url: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly measure: Measure;
}

/**
 * Whether FreeScout keeps drafts as drafts: stored result if there is one for this address, else seen where nobody can be mailed.
 * An API module too old to know the `state` of a thread would send the draft.
 *
 * @param mailboxId - mailbox in which the trial conversation lives for a moment.
 * @returns `stopped`: no draft may be created until an operator clears it.
 * @throws FreeScoutFailure (retryable) when the trial could not be carried through; nothing is stored then.
 */
export async function proveDraftsStayDrafts({
  mailboxId,
  ...dependencies
}: DraftProofDependencies & { readonly mailboxId: number }): Promise<'proven' | 'stopped'> {
  const { client, state, url, clock, log } = dependencies;
  const known = await state.getDraftProof();
  if (known?.url === url) {
    return known.state;
  }
  const fault = await tryDraft(client, mailboxId).catch((error: unknown) => {
    throw trialNotCarriedThrough(error);
  });
  if (fault !== null) {
    await stopDrafting({ ...dependencies, reason: fault });
    return 'stopped';
  }
  await state.saveDraftProof({ state: 'proven', url, at: clock.now().toISOString() });
  log.write('DRAFTS_PROVEN');
  return 'proven';
}

/**
 * Stops drafting because FreeScout did not keep a draft as a draft. Only the operator's command clears it; intake, tags and
 * notes go on.
 *
 * @param reason - ids and FreeScout's own words for states only; shown to the operator.
 * @param conversationId - where it happened.
 */
export async function stopDrafting({
  state,
  url,
  clock,
  log,
  measure,
  reason,
  conversationId = null,
}: Omit<DraftProofDependencies, 'client'> & {
  readonly reason: string;
  readonly conversationId?: number | null;
}): Promise<void> {
  // Told before it is stored: should storing fail, the alarm has still been raised.
  measure('DraftsStopped');
  log.write('DRAFTS_STOPPED', { reason, conversationId });
  await state.saveDraftProof({ state: 'stopped', url, at: clock.now().toISOString(), reason });
}

/**
 * Creates a draft where nobody can be mailed, looks at it and deletes it again.
 *
 * @param mailboxId - mailbox in which the trial conversation lives for a moment.
 * @returns what was wrong, or null when the draft stayed a draft.
 * @throws when the trial could not be carried through.
 */
export async function tryDraft(client: TrialClient, mailboxId: number): Promise<string | null> {
  const { conversationId } = await client.createProofConversation(mailboxId);
  try {
    const draft = await client.createDraftReply(conversationId, {
      html: '<div>A draft that nobody can receive.</div>',
      cc: [],
      status: 'active',
    });
    if (draft.state !== 'draft') {
      return `FreeScout stored a trial draft as "${stateName(draft.state)}"`;
    }
    const conversation = await client.getConversation(conversationId);
    if (conversation === null) {
      throw new FreeScoutFailure(
        'freescout-error',
        'The trial conversation was gone before its draft could be looked at. Nothing was stored; the trial is repeated.',
        { retryable: true, status: 404, nothingWritten: true },
      );
    }
    return conversation.threads.some((thread) => thread.id === draft.threadId)
      ? 'FreeScout lists a trial draft among the published threads'
      : null;
  } finally {
    await deleteQuietly(client, conversationId);
  }
}

/**
 * Retryable whatever it was: a refused trial, for example because `freescout.botUserId` names nobody, says nothing about the
 * conversation that is to get a draft.
 */
function trialNotCarriedThrough(error: unknown): FreeScoutFailure {
  const failure = asFailure(error);
  return new FreeScoutFailure(
    failure.code,
    `The trial that drafts stay drafts could not be carried through; no draft was created, the work is kept. Check freescout.botUserId and that this user has access to the mailboxes. ${failure.message}`,
    {
      retryable: true,
      retryAfterSeconds: failure.retryAfterSeconds,
      status: failure instanceof FreeScoutFailure ? failure.status : null,
      nothingWritten: true,
      cause: error,
    },
  );
}

/** A word of FreeScout's, cut down in case an answer holds something else there. */
export function stateName(state: string): string {
  return state.replace(/[^a-z -]/gi, '').slice(0, 20) || 'nothing';
}
