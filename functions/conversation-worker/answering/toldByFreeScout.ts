import { safelyPastMilliseconds } from '#shared/freescout/freescoutBodies.ts';
import type { Conversation, Thread } from '#shared/freescout/model.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';

/**
 * Whether FreeScout itself tells the agents of a customer's message. It tells of mail that it fetched, and of what we add to a
 * conversation. It is silent about what is dated back, and about new conversations while `freescout.imported` says so. Of what others
 * bring in through the API, and of what a restored ledger forgot, nobody knows it: that counts as silent, for two mails are better than
 * none.
 *
 * Our notes about a message that it tells of notify nobody, so that an agent gets one mail about the message.
 *
 * @param mailRow - row of the mail that the message came in with; null when there is none.
 */
export function isToldByFreeScout(
  { freescout }: Pick<Settings, 'freescout'>,
  { threads }: Conversation,
  message: Thread,
  mailRow: Pick<LedgerRow, 'writeStartedAt'> | null,
): boolean {
  if (message.sourceType !== 'api') {
    return true;
  }
  const writtenAt = mailRow?.writeStartedAt;
  // A message that FreeScout dates itself is never this much older than its write; one that we date back always is.
  if (writtenAt === undefined || Date.parse(writtenAt) - message.createdAt > safelyPastMilliseconds) {
    return false;
  }
  // Not the customer's first message: an agent may have begun the conversation.
  const isAdded = threads[0]?.id !== message.id;
  return isAdded || !freescout.imported;
}
