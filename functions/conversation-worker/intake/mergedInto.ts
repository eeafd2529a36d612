import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { markerNames } from '#shared/drafts/markers.ts';
import { type Conversation, isCustomerMessage } from '#shared/freescout/model.ts';
import { type MessageKey, parseLedgerKey } from '#shared/store/keys.ts';
import { findAmongNewest } from './findAmongNewest.ts';
import type { MessageInHand } from './messageInHand.ts';

/**
 * Conversation that now holds the earlier messages of a deleted one: merging moves threads to another conversation of the customer
 * and soft-deletes the one they came from.
 */
export async function mergedInto(
  deps: Pick<WorkerDependencies, 'store' | 'freescout'>,
  { channel, sender }: Pick<MessageInHand, 'channel' | 'sender'>,
  deletedConversationId: number,
): Promise<number | null> {
  const candidates: Conversation[] = [];
  await findAmongNewest(deps, channel, sender, (conversation) => {
    if (conversation.state === 'published' && conversation.id !== deletedConversationId) {
      candidates.push(conversation);
    }
    return false;
  });
  const keysOf = new Map(candidates.map((conversation) => [conversation.id, messageKeysIn(conversation)]));
  const rows = await deps.store.ledger.getAll([...keysOf.values()].flat());
  const merged = candidates.find((conversation) =>
    keysOf.get(conversation.id)?.some((key) => rows.get(key)?.conversationId === deletedConversationId),
  );
  return merged?.id ?? null;
}

/** Ledger keys of the messages that we brought into a conversation, out of the markers we left. */
export function messageKeysIn(conversation: Conversation): readonly MessageKey[] {
  return conversation.threads
    .filter((thread) => isCustomerMessage(thread) && thread.sourceType === 'api')
    .flatMap((thread) => markerNames(thread.body))
    .flatMap((name) => messageKeyIn(name) ?? []);
}

function messageKeyIn(marker: string): MessageKey | null {
  const parsed = parseLedgerKey(marker);
  return parsed?.kind === 'message' ? parsed.key : null;
}
