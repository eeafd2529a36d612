import * as z from 'zod';
import { claimedAtCounter, counterKeys, webhookCounter } from './counters.ts';
import { batchGet, type Dynamo, readItem } from './requests.ts';

const counterItemSchema = z
  .object({
    key: z.string(),
    [webhookCounter.lastAt]: z.string().optional(),
    [claimedAtCounter]: z.string().optional(),
  })
  .catchall(z.number());
type CounterItem = z.infer<typeof counterItemSchema>;

/** All counter items that exist. */
export async function readCounters(dynamo: Dynamo, tableName: string): Promise<readonly CounterItem[]> {
  const items = await batchGet(dynamo, tableName, counterKeys);
  return items.map((item) => readItem(counterItemSchema, item, 'counter'));
}

/** Sums over all counter items, under the names that `counters` gives the figures. */
export function sumsOf<Name extends string>(
  items: readonly CounterItem[],
  counters: Readonly<Record<Name, string>>,
): Readonly<Record<Name, number>> {
  const sums = Object.entries<string>(counters).map(([name, counter]) => [
    name,
    items.reduce((sum, item) => sum + Number(item[counter] ?? 0), 0),
  ]);
  // Object.fromEntries forgets that the names are those of `counters`.
  return Object.fromEntries(sums) as Record<Name, number>;
}

/** Latest of the instants that the counter items hold under that name; null when none does. */
export function latestOf(
  items: readonly CounterItem[],
  counter: typeof webhookCounter.lastAt | typeof claimedAtCounter,
): string | null {
  const instants = items.flatMap((item) => item[counter] ?? []).sort();
  return instants.at(-1) ?? null;
}
