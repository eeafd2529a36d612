import { afterAll, beforeAll } from 'vitest';
import { createDocumentClient } from '#shared/store/dynamo/documentClient.ts';
import { createDynamoStore } from '#shared/store/dynamo/dynamoStore.ts';
import type { Store } from '#shared/store/store.ts';
import { type LocalDynamo, startDynamo } from './dynoxide.ts';
import { createInMemoryStore } from './inMemoryStore.ts';
import type { ManualClock } from './manualClock.ts';

/** Both kinds of store, each opened empty. The tests of the calling file share one local DynamoDB. */
export function storagesUnderTest(): readonly {
  readonly name: string;
  /** @param keepDays - days after which what ended is forgotten; never when absent. */
  open(clock: ManualClock, keepDays?: number): Promise<Store>;
}[] {
  let dynamo: LocalDynamo;
  beforeAll(async () => {
    dynamo = await startDynamo();
  });
  afterAll(() => dynamo.stop());
  return [
    {
      name: 'in memory',
      open: async (clock, keepDays) => createInMemoryStore({ clock, keepDays: keepDays ?? null }),
    },
    {
      name: 'in DynamoDB',
      open: async (clock, keepDays) =>
        createDynamoStore({
          client: createDocumentClient(dynamo.config),
          tables: await dynamo.createTables(),
          clock,
          keepDays: keepDays ?? null,
        }),
    },
  ];
}
