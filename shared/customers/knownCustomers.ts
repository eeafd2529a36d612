import type { ConversationReader } from '#shared/freescout/conversationReader.ts';
import { type Conversation, isTeamAnswer } from '#shared/freescout/model.ts';
import { doubtfulTag } from '#shared/triage/buckets.ts';

/** Who is a customer already. */
export interface KnownCustomers {
  /**
   * @param address - in lower case
   * @throws what FreeScout's client throws: nothing is guessed while FreeScout cannot be asked
   */
  isKnown(address: string): Promise<boolean>;
  /**
   * Whether an agent has answered them. Nobody can bring that about by writing to us.
   *
   * @param address - in lower case
   * @throws what FreeScout's client throws
   */
  isAnswered(address: string): Promise<boolean>;
}

/** The newest are looked at: a sender with so many conversations that all are in doubt is none whom anybody answered lately. */
const newest = 20;

/** Customers are known by their conversations in FreeScout, of any mailbox. One call each time. */
export function createKnownCustomers(freescout: ConversationReader): KnownCustomers {
  const newestOf = async (address: string) => {
    const { conversations } = await freescout.listConversations({
      customerEmail: address,
      embed: ['threads', 'tags'],
      sort: { field: 'updatedAt', order: 'desc' },
      page: 1,
      pageSize: newest,
    });
    return conversations.filter(({ state }) => state !== 'deleted');
  };
  return {
    isKnown: async (address) => (await newestOf(address)).some(isOfCustomer),
    isAnswered: async (address) =>
      (await newestOf(address)).some(({ threads }) => threads.some(isTeamAnswer)),
  };
}

/** An agent answered in it, or it is there without our tag for doubt. Where FreeScout has no tags, each conversation counts. */
function isOfCustomer({ threads, tags, status }: Conversation): boolean {
  return threads.some(isTeamAnswer) || (status !== 'spam' && !tags?.includes(doubtfulTag));
}
