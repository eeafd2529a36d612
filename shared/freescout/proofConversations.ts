/** No mail becomes a conversation by phone, so a customer who writes this subject is answered like any other. */
export const proofSubject = 'Automatic check, deletes itself';

/**
 * Whether a conversation is one of our trials, in which nobody wants anything: the webhook function, the sweep and the worker pass it by.
 *
 * @param conversation - as FreeScout's API or a webhook tells it.
 */
export function isProofConversation({
  type,
  subject,
}: {
  readonly type?: unknown;
  readonly subject?: unknown;
}): boolean {
  return type === 'phone' && subject === proofSubject;
}

/** Makes and deletes conversations in which a trial can do no harm. A failed call is never repeated: it throws `FreeScoutFailure`. */
export interface ProofConversations {
  /**
   * Creates a phone conversation whose customer has no e-mail address, so that FreeScout can mail nobody from it.
   * Only {@link deleteProofConversation} of the same client can delete it.
   */
  createProofConversation(mailboxId: number): Promise<{ conversationId: number }>;
  /**
   * Deletes the conversation for good.
   *
   * @throws Error for an id that this client did not get from {@link createProofConversation}.
   */
  deleteProofConversation(conversationId: number): Promise<void>;
}

/**
 * Has FreeScout send a webhook: makes a conversation in which nobody wants anything, and deletes it at once. FreeScout sends
 * `convo.created` for it all the same (seen on core 1.8.235, API module 1.0.87). No agent is told of it.
 *
 * @param mailboxId - mailbox in which the conversation lives for a moment.
 * @throws FreeScoutFailure when FreeScout did not make the conversation.
 */
export async function provokeWebhook(client: ProofConversations, mailboxId: number): Promise<void> {
  const { conversationId } = await client.createProofConversation(mailboxId);
  await deleteQuietly(client, conversationId);
}

/** What stays behind is a conversation that says of itself that it may be deleted; the result of the trial counts all the same. */
export async function deleteQuietly(client: ProofConversations, conversationId: number): Promise<void> {
  try {
    await client.deleteProofConversation(conversationId);
  } catch {
    // The client has logged the call.
  }
}
