import type { LedgerKey, ThreadMapKey } from './keys.ts';
import type { ThreadMapEntry } from './ledger.ts';

/** Which conversation a Gmail thread, a mail or a FreeScout thread belongs to. */
export interface ThreadMap {
  getAll(keys: readonly ThreadMapKey[]): Promise<ReadonlyMap<ThreadMapKey, number>>;
  /**
   * Writes the entries; an existing one is replaced (a merge may have moved its conversation). New ones are counted in
   * {@link SystemState.counts}.
   */
  putAll(entries: readonly ThreadMapEntry[]): Promise<void>;
  /**
   * Notes the mail that is about to start the conversation of a Gmail thread; the last one noted counts. Changes nothing once the
   * thread has its conversation. It is all that is left when a worker stops between FreeScout's write and the ledger's and its job
   * ends among the dead letters: the next mail of the thread then asks what became of that one.
   */
  noteBeginning(gmailThread: ThreadMapKey, mail: LedgerKey): Promise<void>;
  /** The mail noted for a Gmail thread that has no conversation yet; null when there is none. */
  beginningOf(gmailThread: ThreadMapKey): Promise<LedgerKey | null>;
  /** Entries that lead to one of these conversations. Reads the whole table: for the operator's commands only. */
  listOfConversations(conversationIds: ReadonlySet<number>): Promise<readonly ThreadMapEntry[]>;
  removeEntries(keys: readonly ThreadMapKey[]): Promise<void>;
  /** Proves that the table takes a conditional write; for `/ready`. Leaves nothing. */
  probe(): Promise<void>;
}
