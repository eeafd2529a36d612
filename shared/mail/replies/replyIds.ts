/**
 * FreeScout gives every reply it mails a Message-ID `FS_reply-<threadId>-<hash>@<mailbox domain>`
 * (core 1.8.235, `Thread::getMessageId`). A reply to a conversation born by API carries no In-Reply-To,
 * so this id is often the only thread back to the conversation.
 */
const replyId = /^<?FS_reply-(\d{1,15})-[^\s@<>]{0,200}@/i;

/**
 * Thread ids out of `FS_reply-…` Message-IDs.
 *
 * @param ids Message-IDs with or without angle brackets; others are passed over.
 * @returns FreeScout thread ids, each once, in the order met.
 */
export function freeScoutThreadIds(ids: readonly string[]): number[] {
  const found = new Set<number>();
  for (const id of ids) {
    const threadId = replyId.exec(id.trim())?.[1];
    if (threadId !== undefined) {
      found.add(Number(threadId));
    }
  }
  return [...found];
}
