import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { Channel } from '#shared/channels/channel.ts';
import type { CustomerIdentity } from '#shared/customers/customerIdentity.ts';
import type { Conversation } from '#shared/freescout/model.ts';
import { customerQuery } from './customerQuery.ts';

/** Pages of conversations that are searched. */
const searchedPages = 2;

/**
 * The first that fits among the newest conversations in a mailbox.
 *
 * @param sender - whose they are; null: anybody's.
 */
export async function findAmongNewest(
  deps: Pick<WorkerDependencies, 'freescout'>,
  { mailboxId }: Channel,
  sender: CustomerIdentity | null,
  isIt: (conversation: Conversation) => boolean,
): Promise<Conversation | null> {
  for (let page = 1; page <= searchedPages; page += 1) {
    const { conversations, totalPages } = await deps.freescout.listConversations({
      mailboxIds: [mailboxId],
      ...(sender === null ? {} : customerQuery(sender)),
      embed: ['threads'],
      sort: { field: 'updatedAt', order: 'desc' },
      page,
    });
    const found = conversations.find(isIt);
    if (found !== undefined) {
      return found;
    }
    if (page >= totalPages) {
      break;
    }
  }
  return null;
}
