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
