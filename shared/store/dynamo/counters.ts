import { createHash } from 'node:crypto';
import { z } from 'zod';
import { batchGet, type Dynamo, readItem, type TransactItem } from './requests.ts';

/**
 * Figures are spread over this many items, so that many workers can move them at the same time without getting in each other's
 * way. Never change it: what an item already holds would no longer be found by its row.
 */
const spread = 16;

const counterItemSchema = z
  .object({ key: z.string(), webhookLastAt: z.string().optional() })
  .catchall(z.number());
export type CounterItem = z.infer<typeof counterItemSchema>;

/**
 * Adds to the figures of one of the counter items, as part of a transaction.
 *
 * @param spreadBy - what is counted; the same text always moves the same item.
 */
export function addToCounters(
  tableName: string,
  spreadBy: string,
  deltas: Readonly<Record<string, number>>,
  set: Readonly<Record<string, string>> = {},
): TransactItem {
  const added = Object.entries(deltas);
  const stored = Object.entries(set);
  const adds = added.map((_, index) => `#a${index} :a${index}`).join(', ');
  const sets = stored.map((_, index) => `#s${index} = :s${index}`).join(', ');
  return {
    Update: {
      TableName: tableName,
      Key: { key: counterKey(createHash('sha256').update(spreadBy).digest().readUInt16BE() % spread) },
      UpdateExpression: `ADD ${adds}${sets === '' ? '' : ` SET ${sets}`}`,
      ExpressionAttributeNames: Object.fromEntries([
        ...added.map(([name], index) => [`#a${index}`, name]),
        ...stored.map(([name], index) => [`#s${index}`, name]),
      ]),
      ExpressionAttributeValues: Object.fromEntries([
        ...added.map(([, value], index) => [`:a${index}`, value]),
        ...stored.map(([, value], index) => [`:s${index}`, value]),
      ]),
    },
  };
}

/** All counter items that exist. */
export async function readCounters(dynamo: Dynamo, tableName: string): Promise<readonly CounterItem[]> {
  const keys = Array.from({ length: spread }, (_, index) => ({ key: counterKey(index) }));
  const items = await batchGet(dynamo, tableName, keys);
  return items.map((item) => readItem(counterItemSchema, item, 'counter'));
}

/** Sum of one figure over all counter items. */
export function total(items: readonly CounterItem[], name: string): number {
  return items.reduce((sum, item) => {
    const value = item[name];
    return sum + (typeof value === 'number' ? value : 0);
  }, 0);
}

function counterKey(index: number): string {
  return `counter#${index}`;
}
