import type { ThreadMapKey } from './keys.ts';
import type { ThreadMapEntry } from './ledger.ts';

/**
 * Which conversation the thread of a channel, a mail or a FreeScout thread belongs to. An entry that nothing wrote again for the days of the
 * settings may be forgotten, and is not read from then on.
 */
export interface ThreadMap {
  getAll(keys: readonly ThreadMapKey[]): Promise<ReadonlyMap<ThreadMapKey, number>>;
  /**
   * Writes the entries; an existing one is replaced (a merge may have moved its conversation). New ones are counted in
   * {@link Counters.counts}.
   */
  putAll(entries: readonly ThreadMapEntry[]): Promise<void>;
  /** Entries that lead to one of these conversations, with those that are forgotten and still there. Reads the whole table: for the operator's commands only. */
  listOfConversations(conversationIds: ReadonlySet<number>): Promise<readonly ThreadMapEntry[]>;
  removeEntries(keys: readonly ThreadMapKey[]): Promise<void>;
  /** Proves that the table takes a conditional write; for `/ready`. Leaves nothing. */
  probe(): Promise<void>;
}
