import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  ListTablesCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import type { StoreTables } from '#shared/store/dynamo/dynamoStore.ts';

export interface LocalDynamo {
  /** For every client that is to talk to it. */
  readonly config: DynamoDBClientConfig;
  /** Creates a set of empty tables of its own and tells their names. */
  createTables(): Promise<StoreTables>;
  stop(): Promise<void>;
}

/**
 * Starts DynamoDB's stand-in, in memory and on a free port. With `DYNAMODB_ENDPOINT` in the environment it uses what runs there.
 */
export async function startDynamo(): Promise<LocalDynamo> {
  const running = process.env.DYNAMODB_ENDPOINT;
  const server = running === undefined ? await startServer() : { endpoint: running, stop: async () => {} };
  const config: DynamoDBClientConfig = {
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const client = new DynamoDBClient(config);
  await untilReady(client);
  const created: string[] = [];
  return {
    config,
    async createTables() {
      const tables = await createTables(client, `test-${randomUUID()}`);
      created.push(...Object.values(tables));
      return tables;
    },
    async stop() {
      if (running !== undefined) {
        await Promise.all(created.map((TableName) => client.send(new DeleteTableCommand({ TableName }))));
      }
      client.destroy();
      await server.stop();
    },
  };
}

async function startServer(): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const port = await freePort();
  const binary = createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide');
  const child = spawn(binary, ['--port', String(port)], { stdio: 'ignore' });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async stop() {
      process.off('exit', kill);
      if (child.exitCode === null && child.signalCode === null) {
        kill();
        await once(child, 'exit');
      }
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') {
    throw new Error('No free port.');
  }
  return address.port;
}

async function untilReady(client: DynamoDBClient): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch (error) {
      if (attempt === 50) {
        throw error;
      }
      await sleep(20);
    }
  }
}

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
  for (const TableName of [names.botDrafts, names.systemState, names.webhookEvents]) {
    const TimeToLiveSpecification = { AttributeName: 'expiresAt', Enabled: true };
    await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
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
  const secondary = Object.entries(indexes).map(([IndexName, names]) => ({
    IndexName,
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
