import * as z from 'zod';
import { probeName, type ThreadMapKey } from '../keys.ts';
import type { ThreadMapEntry } from '../ledger.ts';
import { expiryAfter } from '../retention.ts';
import type { ThreadMap } from '../threadMap.ts';
import { addToCounters, threadMappingCounter } from './counters.ts';
import { probeTable } from './probeTable.ts';
import {
  batchGet,
  chunks,
  contention,
  type Dynamo,
  expiresAt,
  isExpired,
  readItem,
  scanAll,
  type TransactItem,
  transact,
} from './requests.ts';

const entrySchema = z.object({
  /** A key that only a later release knows leads to its conversation, too: it must not hide the others of a list. */
  key: z.custom<ThreadMapKey>((key) => typeof key === 'string'),
  conversationId: z.int().positive(),
});

export interface DynamoThreadMapOptions extends Dynamo {
  readonly tableName: string;
  /** Holds the counters. */
  readonly systemStateTable: string;
  /** Days after which an entry that nothing wrote again is forgotten. Omitted or null: never. */
  readonly keepDays?: number | null;
}

/** A transaction takes 100 items, one of which is the counter. */
const mostPerTransaction = 99;
/** How often an entry may come and go under one attempt. */
const rounds = 10;

export function createDynamoThreadMap(dynamo: DynamoThreadMapOptions): ThreadMap {
  async function put(entries: readonly ThreadMapEntry[]): Promise<void> {
    const expiry = expiryAfter(dynamo.clock.now(), dynamo.keepDays ?? null);
    const writes = mapWrites(dynamo.tableName, entries, expiry);
    for (let round = 0; round < rounds; round++) {
      const items = writes.items();
      const added = writes.added();
      const counter = addToCounters(dynamo.systemStateTable, String(entries[0]?.key), {
        [threadMappingCounter]: added,
      });
      const refused = await transact(dynamo, added === 0 ? items : [...items, counter]);
      if (refused.size === 0) {
        return;
      }
      writes.learn(refused.keys());
    }
    throw contention('Entries of the thread map kept coming and going');
  }

  return {
    async getAll(keys) {
      const asked = new Set(keys);
      const items = await batchGet(
        dynamo,
        dynamo.tableName,
        [...asked].map((key) => ({ key })),
      );
      const found = new Map<ThreadMapKey, number>();
      const byKey = new Map(items.map((item) => [item.key, item]));
      for (const key of asked) {
        const item = byKey.get(key);
        if (item !== undefined && !isExpired(item, dynamo.clock.now())) {
          found.set(key, readItem(entrySchema, item, `thread map ${key}`).conversationId);
        }
      }
      return found;
    },

    async putAll(entries) {
      for (const chunk of chunks(lastOfEachKey(entries), mostPerTransaction)) {
        await put(chunk);
      }
    },

    async listOfConversations(conversationIds) {
      const found: ThreadMapEntry[] = [];
      await scanAll(dynamo, { TableName: dynamo.tableName }, (item) => {
        const entry = readItem(entrySchema, item, `thread map ${item.key}`);
        if (conversationIds.has(entry.conversationId)) {
          found.push(entry);
        }
      });
      return found;
    },

    async removeEntries(keys) {
      for (const key of new Set(keys)) {
        // A refusal means that it is gone already.
        await transact(dynamo, [
          {
            Delete: {
              TableName: dynamo.tableName,
              Key: { key },
              ConditionExpression: 'attribute_exists(#conversationId)',
              ExpressionAttributeNames: { '#conversationId': 'conversationId' },
            },
          },
          addToCounters(dynamo.systemStateTable, key, { [threadMappingCounter]: -1 }),
        ]);
      }
    },

    probe: () => probeTable(dynamo, { key: probeName }),
  };
}

/** Entries on their way into the map, so that those that are new can be counted in the same transaction. */
export interface MapWrites {
  /** In the order of the entries, each under the condition that it is there already, or that it is not. */
  items(): readonly TransactItem[];
  /** How many are new. */
  added(): number;
  /** Takes in which of {@link items} were refused, by position. */
  learn(refused: Iterable<number>): void;
}

/** @param expiry - when the entries are forgotten; null = never. */
export function mapWrites(
  tableName: string,
  entries: readonly ThreadMapEntry[],
  expiry: Date | null,
): MapWrites {
  const items = lastOfEachKey(entries);
  const existing = new Set<string>();
  return {
    items: () =>
      items.map((item) => ({
        Put: {
          TableName: tableName,
          Item: { ...item, ...expiresAt(expiry) },
          ConditionExpression: `${existing.has(item.key) ? 'attribute_exists' : 'attribute_not_exists'}(#conversationId)`,
          ExpressionAttributeNames: { '#conversationId': 'conversationId' },
        },
      })),
    added: () => items.length - existing.size,
    learn(refused) {
      for (const position of refused) {
        const key = items[position]?.key;
        if (key !== undefined && !existing.delete(key)) {
          existing.add(key);
        }
      }
    },
  };
}

/** A transaction takes each key once. */
function lastOfEachKey(entries: readonly ThreadMapEntry[]): ThreadMapEntry[] {
  const byKey = new Map(entries.map((entry) => [entry.key, entry.conversationId]));
  return [...byKey].map(([key, conversationId]) => ({ key, conversationId }));
}
