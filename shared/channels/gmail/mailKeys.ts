import { freeScoutThreadIds } from '#shared/mail/replies/replyIds.ts';
import { type ThreadMapKey, threadMapKey } from '#shared/store/keys.ts';

/** The keys of mails by their Message-IDs, in their order; then those of the replies of FreeScout among them. */
export function keysOfMails(messageIds: readonly string[]): readonly ThreadMapKey[] {
  return [
    ...messageIds.map((id) => threadMapKey.mail(id)),
    ...freeScoutThreadIds(messageIds).map((id) => threadMapKey.freescoutThread(id)),
  ];
}
