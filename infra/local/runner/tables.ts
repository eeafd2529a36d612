import {
  type AttributeDefinition,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  type GlobalSecondaryIndex,
  type KeySchemaElement,
  ResourceNotFoundException,
  type TableDescription,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { localAccount, localRegion, type ResourceIdentity } from './templateValues.ts';

export const tableTypes: readonly string[] = ['AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table'];

const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));

const tableSchema = z.object({
  AttributeDefinitions: z.array(
    z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z
    .array(
      z.object({
        IndexName: z.string(),
        KeySchema: keySchema,
        Projection: z.object({
          ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
          NonKeyAttributes: z.array(z.string()).optional(),
        }),
      }),
    )
    .default([]),
  LocalSecondaryIndexes: z
    .undefined({ error: 'local secondary indexes are not supported on one machine' })
    .optional(),
  TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.boolean() }).optional(),
});

/**
 * Creates a table of the template, or takes the one that is there.
 *
 * @param empty true throws away what an earlier run left in it.
 * @throws when a kept table has other keys than the template: keys cannot be changed in place.
 */
export async function createTable(
  client: DynamoDBClient,
  name: string,
  properties: unknown,
  empty: boolean,
): Promise<ResourceIdentity> {
  const table = tableSchema.parse(properties);
  const indexes = table.GlobalSecondaryIndexes.map(
    (index) => ({ ...index, Projection: { ...index.Projection } }) as GlobalSecondaryIndex,
  );
  let existing = await describe(client, name);
  if (existing !== undefined && empty) {
    await client.send(new DeleteTableCommand({ TableName: name }));
    existing = undefined;
  }
  if (existing === undefined) {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: table.AttributeDefinitions,
        KeySchema: table.KeySchema,
        ...(indexes.length > 0 ? { GlobalSecondaryIndexes: indexes } : {}),
      }),
    );
  } else {
    await bringUpToDate(client, name, existing, table.KeySchema, indexes, table.AttributeDefinitions);
  }
  await setTimeToLive(client, name, table.TimeToLiveSpecification);
  return {
    ref: name,
    attributes: { Arn: `arn:aws:dynamodb:${localRegion}:${localAccount}:table/${name}`, TableId: name },
  };
}

/** Has items deleted by the attribute of the template, also in a table that a release without one created. */
async function setTimeToLive(
  client: DynamoDBClient,
  name: string,
  wanted: z.infer<typeof tableSchema>['TimeToLiveSpecification'],
): Promise<void> {
  if (wanted === undefined) {
    return;
  }
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: name }));
  // DynamoDB refuses to switch on what is on.
  if (TimeToLiveDescription?.TimeToLiveStatus !== 'ENABLED') {
    await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification: wanted }));
  }
}

async function describe(client: DynamoDBClient, name: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) {
      return undefined;
    }
    throw error;
  }
}

/** Adds the indexes a kept table does not have yet. */
async function bringUpToDate(
  client: DynamoDBClient,
  name: string,
  existing: TableDescription,
  keys: readonly KeySchemaElement[],
  indexes: readonly GlobalSecondaryIndex[],
  attributes: AttributeDefinition[],
): Promise<void> {
  if (keyText(existing.KeySchema ?? []) !== keyText(keys)) {
    throw new Error(
      `The table ${name} in the data directory has the key ${keyText(existing.KeySchema ?? [])}, the template says ` +
        `${keyText(keys)}; keys cannot be changed: use another CSM_DATA_DIR or bring the data over by hand.`,
    );
  }
  const present = new Set(existing.GlobalSecondaryIndexes?.map((index) => index.IndexName));
  for (const index of indexes.filter((each) => !present.has(each.IndexName))) {
    await client.send(
      new UpdateTableCommand({
        TableName: name,
        AttributeDefinitions: attributes,
        GlobalSecondaryIndexUpdates: [{ Create: index }],
      }),
    );
  }
}

function keyText(keys: readonly KeySchemaElement[]): string {
  return keys
    .map((key) => `${key.AttributeName} ${key.KeyType}`)
    .toSorted()
    .join(', ');
}
