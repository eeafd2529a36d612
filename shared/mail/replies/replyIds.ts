import { createHash } from 'node:crypto';

/**
 * FreeScout gives every reply it mails a Message-ID `FS_reply-<threadId>-<hash>@<mailbox domain>`
 * (core 1.8.235, `Thread::getMessageId`). A reply to a conversation born by API carries no In-Reply-To,
 * so this id is often the only thread back to the conversation.
 */
const replyId = /^<?FS_reply-(\d{1,15})-[^\s@<>]{0,200}@/i;

/**
 * A notification of FreeScout to one of its users has the Message-ID `FS_notify-<threadId>-<userId>-<time>@<mailbox domain>` and says that
 * it answers `FS_conversation-<conversationId>-<md5 of that id>@<mailbox domain>`, which no mail has: so mail programs put all that tell
 * of a conversation into one thread (core, `SendNotificationToUsers`). The user's answer by mail names both.
 */
const notificationId = /^<?FS_notify-(\d{1,15})-\d{1,15}-[^\s@<>]{0,200}@/i;
const notifiedConversationId = /^<?FS_conversation-(\d{1,15})-([0-9a-f]{32})@/i;

/**
 * Thread ids out of `FS_reply-…` Message-IDs.
 *
 * @param ids Message-IDs with or without angle brackets; others are passed over.
 * @returns FreeScout thread ids, each once, in the order met.
 */
export function freeScoutThreadIds(ids: readonly string[]): number[] {
  return threadIdsIn(ids, replyId);
}

/** What an answer to a notification of FreeScout answers. */
interface Notified {
  /** The newest thread that the notification told of. */
  readonly threadId: number;
  /** null: the answer does not name it. */
  readonly conversationId: number | null;
}

/** The notification that a mail answers; null when it answers none. */
export function answeredNotification(ids: readonly string[]): Notified | null {
  const [threadId] = threadIdsIn(ids, notificationId);
  if (threadId === undefined) {
    return null;
  }
  const conversation = ids
    .map((id) => notifiedConversationId.exec(id.trim()))
    .find(
      (match) =>
        match?.[2]?.toLowerCase() ===
        createHash('md5')
          .update(match?.[1] ?? '')
          .digest('hex'),
    );
  return { threadId, conversationId: conversation?.[1] === undefined ? null : Number(conversation[1]) };
}

function threadIdsIn(ids: readonly string[], form: RegExp): number[] {
  const found = new Set<number>();
  for (const id of ids) {
    const threadId = form.exec(id.trim())?.[1];
    if (threadId !== undefined) {
      found.add(Number(threadId));
    }
  }
  return [...found];
}
