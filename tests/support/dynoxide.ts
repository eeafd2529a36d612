import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { type DynamodbProcess, startDynamodb } from '#infra/local/dynoxide.ts';
import type { StoreTables } from '#shared/store/dynamo/dynamoStore.ts';

export interface LocalDynamo {
  /** For every client that is to talk to it. */
  readonly config: DynamoDBClientConfig;
  /** Creates a set of empty tables of its own and tells their names. */
  createTables(): Promise<StoreTables>;
  stop(): Promise<void>;
}

/**
 * Starts DynamoDB's stand-in as the system does, in memory and on a free port. With `DYNAMODB_ENDPOINT` in the environment it is
 * what runs there.
 */
export function startDynoxide(say = (_sentence: string) => {}): Promise<DynamodbProcess> {
  return startDynamodb({
    endpoint: databaseVariables.DYNAMODB_ENDPOINT,
    databaseFile: undefined,
    onUnexpectedEnd: say,
    say,
  });
}

/** For systems that are given their variables one by one. */
export const databaseVariables: Readonly<Record<string, string>> = process.env.DYNAMODB_ENDPOINT
  ? { DYNAMODB_ENDPOINT: process.env.DYNAMODB_ENDPOINT }
  : {};

/** {@link startDynoxide} for tests of what works with tables. */
export async function startDynamo(): Promise<LocalDynamo> {
  const server = await startDynoxide();
  const config: DynamoDBClientConfig = {
    ...localAccess,
    endpoint: server.endpoint,
    // Tests open hundreds of connections at once, more than a busy machine takes within the second that is right elsewhere.
    requestHandler: { connectionTimeout: 30_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  };
  const client = new DynamoDBClient(config);
  const created: string[] = [];
  return {
    config,
    async createTables() {
      const tables = await createTables(client, `test-${randomUUID()}`);
      created.push(...Object.values(tables));
      return tables;
    },
    async stop() {
      client.destroy();
      await removeTables(server.endpoint, created);
      await server.close();
    },
  };
}

/** Leaves nothing in a database that is there for longer than the test. */
export async function removeTables(endpoint: string, names: readonly string[]): Promise<void> {
  if (endpoint === databaseVariables.DYNAMODB_ENDPOINT) {
    const client = new DynamoDBClient({ ...localAccess, endpoint });
    await Promise.all(names.map((TableName) => client.send(new DeleteTableCommand({ TableName }))));
    client.destroy();
  }
}

const localAccess = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
} as const;

async function createTables(client: DynamoDBClient, prefix: string): Promise<StoreTables> {
  const names: StoreTables = {
    processedMessages: `${prefix}-processed-messages`,
    threadMap: `${prefix}-thread-map`,
    botDrafts: `${prefix}-bot-drafts`,
    systemState: `${prefix}-system-state`,
    webhookEvents: `${prefix}-webhook-events`,
  };
  await createTable(client, names.processedMessages, ['key'], { byStatus: ['listedStatus', 'statusAt'] });
  await createTable(client, names.threadMap, ['key']);
  await createTable(client, names.botDrafts, ['conversationId', 'item'], { newest: ['feed', 'updatedAt'] });
  await createTable(client, names.systemState, ['key']);
  await createTable(client, names.webhookEvents, ['eventId']);
  for (const tableName of [names.botDrafts, names.systemState, names.webhookEvents]) {
    const timeToLiveSpecification = { AttributeName: 'expiresAt', Enabled: true };
    await client.send(
      new UpdateTimeToLiveCommand({ TableName: tableName, TimeToLiveSpecification: timeToLiveSpecification }),
    );
  }
  return names;
}

async function createTable(
  client: DynamoDBClient,
  TableName: string,
  key: readonly string[],
  indexes: Readonly<Record<string, readonly string[]>> = {},
): Promise<void> {
  const attributes = new Set([...key, ...Object.values(indexes).flat()]);
  const secondary = Object.entries(indexes).map(([indexName, names]) => ({
    IndexName: indexName,
    KeySchema: keySchema(names),
    Projection: { ProjectionType: 'ALL' as const },
  }));
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [...attributes].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S' as const,
      })),
      KeySchema: keySchema(key),
      ...(secondary.length === 0 ? {} : { GlobalSecondaryIndexes: secondary }),
    }),
  );
}

function keySchema(names: readonly string[]) {
  return names.map((AttributeName, index) => ({
    AttributeName,
    KeyType: index === 0 ? ('HASH' as const) : ('RANGE' as const),
  }));
}
