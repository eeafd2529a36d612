import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { queueType, redriveOrder, startQueues, topicType } from './queues.ts';
import { type LocalEndpoints, localCredentials } from './sdkEnvironment.ts';
import { type LocalSecrets, secretType, startSecrets } from './secrets.ts';
import { createTable, tableTypes } from './tables.ts';
import { constructId, type TemplateResource } from './template.ts';
import { localRegion, type TemplateValues } from './templateValues.ts';

export type NamedResource = readonly [logicalId: string, resource: TemplateResource];

/** What the functions stand on: tables, queues, topics, secrets. */
export interface Backing {
  readonly endpoints: LocalEndpoints;
  /** Physical names by construct id. */
  readonly tables: Readonly<Record<string, string>>;
  /** Queue addresses by ARN. */
  readonly queueUrls: ReadonlyMap<string, string>;
  readonly secrets: LocalSecrets;
  readonly close: () => Promise<void>;
}

/** Where the tables are, and what is done with those that are there. */
interface TablePlace {
  readonly endpoint: string;
  readonly prefix: string;
  readonly empty: boolean;
}

/** Creates the template's tables, queues, topics and secrets, and lets its values refer to them. */
export async function createBacking(
  stackName: string,
  resources: readonly NamedResource[],
  values: TemplateValues,
  place: TablePlace,
): Promise<Backing> {
  const [queues, secrets] = await Promise.all([startQueues(), startSecrets()]);
  const close = async () => {
    await Promise.all([queues.close(), secrets.close()]);
  };
  try {
    const tables = await createTables(stackName, resources, values, place);
    const queueUrls = new Map<string, string>();
    for (const [logicalId, { Properties }] of resources
      .filter(([, { Type }]) => Type === queueType)
      .toSorted(([, a], [, b]) => redriveOrder(a.Properties) - redriveOrder(b.Properties))) {
      const identity = queues.create(`${stackName}-${logicalId}`, values.resolve(Properties));
      values.register(logicalId, identity);
      queueUrls.set(identity.attributes.Arn ?? '', identity.ref);
    }
    for (const [logicalId] of resources.filter(([, { Type }]) => Type === topicType)) {
      values.register(logicalId, queues.createTopic(`${stackName}-${logicalId}`));
    }
    for (const [logicalId, { Properties }] of resources.filter(([, { Type }]) => Type === secretType)) {
      values.register(logicalId, secrets.create(`${stackName}-${logicalId}`, values.resolve(Properties)));
    }
    return {
      endpoints: { dynamodb: place.endpoint, sqs: queues.endpoint, secretsManager: secrets.endpoint },
      tables,
      queueUrls,
      secrets,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function createTables(
  stackName: string,
  resources: readonly NamedResource[],
  values: TemplateValues,
  { endpoint, prefix, empty }: TablePlace,
): Promise<Record<string, string>> {
  const client = new DynamoDBClient({ endpoint, region: localRegion, credentials: localCredentials });
  const tables: Record<string, string> = {};
  try {
    for (const [logicalId, resource] of resources.filter(([, { Type }]) => tableTypes.includes(Type))) {
      const name = `${prefix}${stackName}-${logicalId}`;
      values.register(logicalId, await createTable(client, name, values.resolve(resource.Properties), empty));
      tables[constructId(logicalId, resource)] = name;
    }
    return tables;
  } finally {
    client.destroy();
  }
}
