import { z } from 'zod';
import type { ThreadMapKey } from '../keys.ts';
import type { ThreadMapEntry } from '../ledger.ts';
import type { ThreadMap } from '../threadMap.ts';
import { batchGet, chunks, type Dynamo, readItem, removeItems, scanAll, transact } from './requests.ts';

const entrySchema = z.object({
  key: z.union([
    z.templateLiteral(['gmail:', z.string(), ':', z.string()]),
    z.templateLiteral(['mail:', z.string()]),
    z.templateLiteral(['freescout:', z.int()]),
  ]),
  conversationId: z.int().positive(),
});

export function createDynamoThreadMap(dynamo: Dynamo & { readonly tableName: string }): ThreadMap {
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
        if (item !== undefined) {
          found.set(key, readItem(entrySchema, item, `thread map ${key}`).conversationId);
        }
      }
      return found;
    },

    async putAll(entries) {
      for (const chunk of chunks(lastOfEachKey(entries), 100)) {
        await transact(
          dynamo,
          chunk.map((item) => ({ Put: { TableName: dynamo.tableName, Item: item } })),
        );
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

    removeEntries: (keys) =>
      removeItems(
        dynamo,
        dynamo.tableName,
        keys.map((key) => ({ key })),
      ),
  };
}

/** A transaction takes each key once. */
export function lastOfEachKey(entries: readonly ThreadMapEntry[]): { key: string; conversationId: number }[] {
  const byKey = new Map(entries.map((entry) => [entry.key, entry.conversationId]));
  return [...byKey].map(([key, conversationId]) => ({ key, conversationId }));
}
