import type { Store } from '../store.ts';
import { createDynamoBotDrafts } from './dynamoBotDrafts.ts';
import { createDynamoLedger } from './dynamoLedger.ts';
import { createDynamoSystemState } from './dynamoSystemState.ts';
import { createDynamoThreadMap } from './dynamoThreadMap.ts';
import { createDynamoWebhookEvents } from './dynamoWebhookEvents.ts';
import type { Dynamo } from './requests.ts';

/** Names of the tables; a function gets only those it uses. */
export interface StoreTables {
  readonly processedMessages: string;
  readonly threadMap: string;
  readonly botDrafts: string;
  readonly systemState: string;
  readonly webhookEvents: string;
}

export function createDynamoStore(
  options: Dynamo & {
    readonly tables: StoreTables;
    /** Days after which rows of the ledger that ended, and entries of the thread map, are forgotten. Omitted or null: never. */
    readonly keepDays?: number | null;
  },
): Store {
  const { client, clock, tables, keepDays = null } = options;
  return {
    ledger: createDynamoLedger({
      client,
      clock,
      tableName: tables.processedMessages,
      systemStateTable: tables.systemState,
      threadMapTable: tables.threadMap,
      keepDays,
    }),
    threadMap: createDynamoThreadMap({
      client,
      clock,
      tableName: tables.threadMap,
      systemStateTable: tables.systemState,
      keepDays,
    }),
    drafts: createDynamoBotDrafts({
      client,
      clock,
      tableName: tables.botDrafts,
      systemStateTable: tables.systemState,
    }),
    state: createDynamoSystemState({ client, clock, tableName: tables.systemState }),
    webhookEvents: createDynamoWebhookEvents({ client, clock, tableName: tables.webhookEvents }),
  };
}
