import { type Conversation, newestCustomerMessage } from '#shared/freescout/model.ts';
import { type LedgerKey, messageKey, parseLedgerKey, threadKey } from '#shared/store/keys.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import type { Deployment } from './deployment.ts';
import { CommandFailed } from './terminal.ts';

/** What an operator names by one word: a conversation, or a row of the ledger. */
export type Named =
  | { readonly kind: 'conversation'; readonly conversationId: number }
  | { readonly kind: 'row'; readonly row: LedgerRow }
  /** A message that the ledger does not know. */
  | { readonly kind: 'unknown'; readonly id: string };

/**
 * Finds out what is meant: up to ten digits are FreeScout's number of a conversation, a text with colons is a key of the ledger,
 * anything else is the id of a message in one of the channels.
 */
export async function findNamed(deployment: Deployment, id: string): Promise<Named> {
  if (/^[1-9]\d{0,9}$/.test(id)) {
    return { kind: 'conversation', conversationId: Number(id) };
  }
  const parsed = parseLedgerKey(id);
  const keys: readonly LedgerKey[] =
    parsed === null ? deployment.sources.map(({ kind, alias }) => messageKey(kind, alias, id)) : [parsed.key];
  const [row] = (await deployment.store.ledger.getAll(keys)).values();
  return row === undefined ? { kind: 'unknown', id } : { kind: 'row', row };
}

/** As {@link findNamed}, for commands that need a row. */
export async function findRow(deployment: Deployment, id: string): Promise<LedgerRow> {
  const named = await findNamed(deployment, id);
  if (named.kind !== 'row') {
    throw new CommandFailed(
      `${id} names no row of the ledger. Give the id that the message has in its channel, or a key of the ledger; "failures" shows them.`,
    );
  }
  return named.row;
}

/** Key of the row for the newest customer message of a conversation; null when it has none. */
export function newestRowKey(conversation: Conversation): LedgerKey | null {
  const newest = newestCustomerMessage(conversation);
  return newest === undefined ? null : threadKey(conversation.id, newest.id);
}
