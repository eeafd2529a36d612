import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, type TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';

const string = (name: string) => ({ name, type: AttributeType.STRING });

/** Attribute (epoch seconds) after which an item may be deleted; it stays readable for days, so readers filter. An item without it stays. */
const expiresAt = 'expiresAt';

/** Keys and indexes of every table. A change of any of them replaces the table: the data would stay behind in the old one. */
const definitions = {
  ProcessedMessages: {
    keys: { partitionKey: string('key'), timeToLiveAttribute: expiresAt },
    index: { indexName: 'byStatus', partitionKey: string('listedStatus'), sortKey: string('statusAt') },
  },
  ThreadMap: { keys: { partitionKey: string('key'), timeToLiveAttribute: expiresAt } },
  BotDrafts: {
    keys: {
      partitionKey: string('conversationId'),
      sortKey: string('item'),
      timeToLiveAttribute: expiresAt,
    },
    index: { indexName: 'newest', partitionKey: string('feed'), sortKey: string('updatedAt') },
  },
  SystemState: { keys: { partitionKey: string('key'), timeToLiveAttribute: expiresAt } },
  WebhookEvents: { keys: { partitionKey: string('eventId'), timeToLiveAttribute: expiresAt } },
} as const;

export type TableName = keyof typeof definitions;

/** Environment variable in which a function finds the physical name of a table. */
export const tableVariables: Readonly<Record<TableName, string>> = {
  ProcessedMessages: 'TABLE_PROCESSED_MESSAGES',
  ThreadMap: 'TABLE_THREAD_MAP',
  BotDrafts: 'TABLE_BOT_DRAFTS',
  SystemState: 'TABLE_SYSTEM_STATE',
  WebhookEvents: 'TABLE_WEBHOOK_EVENTS',
};

/**
 * What the system remembers: on demand, restorable to any second of the last 35 days, encrypted with AWS's own key, and
 * kept when the stack is destroyed.
 */
export class Tables extends Construct {
  readonly byName: Readonly<Record<TableName, Table>>;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.byName = {
      ProcessedMessages: this.createTable('ProcessedMessages'),
      ThreadMap: this.createTable('ThreadMap'),
      BotDrafts: this.createTable('BotDrafts'),
      SystemState: this.createTable('SystemState'),
      WebhookEvents: this.createTable('WebhookEvents'),
    };
  }

  private createTable(name: TableName): Table {
    const definition: {
      keys: Pick<TableProps, 'partitionKey' | 'sortKey' | 'timeToLiveAttribute'>;
      index?: Index;
    } = definitions[name];
    const table = new Table(this, name, {
      ...definition.keys,
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    if (definition.index !== undefined) {
      table.addGlobalSecondaryIndex({ ...definition.index, projectionType: ProjectionType.ALL });
    }
    return table;
  }
}

type Index = (typeof definitions)['ProcessedMessages' | 'BotDrafts']['index'];

/** Name of an index that can be queried. */
export type IndexName = Index['indexName'];
