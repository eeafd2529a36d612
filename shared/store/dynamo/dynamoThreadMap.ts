import * as z from 'zod';
import { asLedgerKey, type LedgerKey, type ThreadMapKey } from '../keys.ts';
import type { ThreadMapEntry } from '../ledger.ts';
import type { ThreadMap } from '../threadMap.ts';
import {
  batchGet,
  chunks,
  type Dynamo,
  type RawItem,
  readItem,
  removeItems,
  scanAll,
  transact,
} from './requests.ts';

const entrySchema = z.object({
  key: z.union([
    z.templateLiteral(['gmail:', z.string(), ':', z.string()]),
    z.templateLiteral(['mail:', z.string()]),
    z.templateLiteral(['freescout:', z.int()]),
  ]),
  conversationId: z.int().positive(),
});

/** A Gmail thread whose conversation is about to be started. */
const beginningSchema = z.object({
  beginning: z.custom<LedgerKey>((key) => typeof key === 'string' && asLedgerKey(key) !== null),
});

function isBeginning(item: RawItem | undefined): boolean {
  return item !== undefined && 'beginning' in item;
}

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
        if (item !== undefined && !isBeginning(item)) {
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

    async noteBeginning(gmailThread, mail) {
      // A refusal means that the thread has its conversation.
      await transact(dynamo, [
        {
          Put: {
            TableName: dynamo.tableName,
            Item: { key: gmailThread, beginning: mail },
            ConditionExpression: 'attribute_not_exists(#conversationId)',
            ExpressionAttributeNames: { '#conversationId': 'conversationId' },
          },
        },
      ]);
    },

    async beginningOf(gmailThread) {
      const [item] = await batchGet(dynamo, dynamo.tableName, [{ key: gmailThread }]);
      return isBeginning(item)
        ? readItem(beginningSchema, item, `beginning of ${gmailThread}`).beginning
        : null;
    },

    async listOfConversations(conversationIds) {
      const found: ThreadMapEntry[] = [];
      await scanAll(dynamo, { TableName: dynamo.tableName }, (item) => {
        if (isBeginning(item)) {
          return;
        }
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
