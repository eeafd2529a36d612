import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssetHashType, DockerImage, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type AssetCode,
  Code,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Settings } from '#shared/settings/settings.ts';
import { probeName, readinessKey } from '#shared/store/keys.ts';
import { buildFunction } from '../bundle/buildFunction.ts';
import type { ServiceSecret } from './secrets.ts';
import { type IndexName, type TableName, type Tables, tableVariables } from './tables.ts';

/** Namespace of the metrics that the functions write. */
export const metricsNamespace = 'CustomerServiceManagement';

/** A DynamoDB action on the table itself, or the query of one of its indexes. Transactions need the actions they consist of. */
export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'ConditionCheckItem'
  | 'Query'
  | `Query ${IndexName}`
  /** The conditional write that proves the table writable; it can touch no item but one that does not exist. */
  | 'Probe'
  /** Keeps the answer of `/ready`, and no other item. */
  | 'KeepReadiness'
  /** Deletes rows of follow-ups that left nothing behind; no other row of the ledger is ever deleted. */
  | 'WithdrawFollowUps';

/** Writes that are restricted to some items, by the operator and values of a condition on the partition key. */
const restricted = {
  Probe: {
    action: 'DeleteItem',
    conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [probeName] } },
  },
  KeepReadiness: {
    action: 'UpdateItem',
    conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [readinessKey] } },
  },
  WithdrawFollowUps: {
    action: 'DeleteItem',
    conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['followup:*'] } },
  },
} as const satisfies Partial<Record<TableAction, object>>;

export interface ServiceFunctionProps {
  readonly settings: Settings;
  /** Folder with one folder per function. */
  readonly functionsFolder: string;
  /** The function's folder in it; its `handler.ts` exports `handler`. Also the service's name in logs and metrics. */
  readonly folder: string;
  readonly timeout: Duration;
  readonly memoryMegabytes: number;
  readonly tables: Tables;
  /** What it may do with which table. */
  readonly tableAccess: Readonly<Partial<Record<TableName, readonly TableAction[]>>>;
  /** Secrets it may read. */
  readonly secrets?: readonly ServiceSecret[];
  /** A call that nobody waits for and that failed is made again twice, within the hour. Omitted: never, the next tick does its work. */
  readonly isRepeated?: true;
  /**
   * Somebody waits for its start. Then the stack traces of its crashes show the built code: reading the source map, which lies beside
   * it, takes a tenth of a start.
   */
  readonly isAwaited?: true;
  /** Calls that are kept free for this function, and that it makes at most at a time. Omitted or null: it shares the account's. */
  readonly reservedConcurrency?: number | null;
  /** Further variables: names, ARNs and figures only; a Lambda environment holds 4 KB. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * One function with its own log group and its own role. What it may use it also finds in its environment, and nothing else:
 * a right is given and a name handed over in the same place.
 */
export class ServiceFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly logGroup: LogGroup;
  /** Also its service name in logs and metrics. */
  readonly folder: string;
  private readonly role: Role;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    this.folder = props.folder;
    this.logGroup = new LogGroup(this, 'Logs', {
      retention: props.settings.logging.retentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logGroup.logGroupArn]);
    this.lambda = new LambdaFunction(this, 'Function', {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: codeOf(join(props.functionsFolder, props.folder), JSON.stringify(props.settings)),
      handler: 'index.handler',
      timeout: props.timeout,
      memorySize: props.memoryMegabytes,
      ...(props.reservedConcurrency == null
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrency }),
      role: this.role,
      logGroup: this.logGroup,
      retryAttempts: props.isRepeated ? 2 : 0,
      maxEventAge: props.isRepeated ? Duration.hours(1) : Duration.minutes(5),
      environment: {
        LOG_LEVEL: props.settings.logging.level,
        POWERTOOLS_SERVICE_NAME: props.folder,
        POWERTOOLS_METRICS_NAMESPACE: metricsNamespace,
        ...(props.isAwaited ? {} : { NODE_OPTIONS: '--enable-source-maps' }),
        ...props.environment,
      },
    });
    for (const [table, actions] of typedEntries(props.tableAccess)) {
      this.mayUseTable(table, props.tables.byName[table], actions);
    }
    for (const { secret, variable } of props.secrets ?? []) {
      this.lambda.addEnvironment(variable, secret.secretArn);
      this.allow(['secretsmanager:GetSecretValue'], [secret.secretArn]);
    }
    Validations.of(this).acknowledge(
      {
        id: 'Serverless-LambdaTracing',
        reason:
          'X-Ray can only be granted on every resource ("*"); the ids in the structured logs follow a message across the functions.',
      },
      {
        id: 'Serverless-LambdaDLQ',
        reason:
          'Only schedules and alarms call functions asynchronously: the next tick does the work of a lost one, and alarms go out by mail too. Jobs have their own dead-letter queue.',
      },
      {
        id: 'Serverless-LambdaAsyncFailureDestination',
        reason:
          'A lost tick carries no data: the next one starts from the stored cursor. A lost alarm still stands in CloudWatch.',
      },
    );
  }

  /** May put jobs into the queue. */
  maySendTo(queue: Queue): void {
    this.allow(['sqs:SendMessage'], [queue.queueArn]);
    this.lambda.addEnvironment('JOBS_QUEUE_URL', queue.queueUrl);
  }

  /** Is called with one job at a time, for at most `maxConcurrency` jobs at once; a failed job goes back to the queue. */
  worksOn(queue: Queue, maxConcurrency: number): void {
    this.lambda.addEventSource(
      new SqsEventSource(queue, { batchSize: 1, reportBatchItemFailures: true, maxConcurrency }),
    );
    Validations.of(this.lambda).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason: 'A job that fails five times goes to the dead-letter queue, by the rule of the jobs queue.',
    });
  }

  /** Allows exact actions on exact resources. */
  allow(actions: string[], resources: string[]): void {
    this.role.addToPolicy(new PolicyStatement({ actions, resources }));
  }

  private mayUseTable(name: TableName, table: Table, actions: readonly TableAction[]): void {
    this.lambda.addEnvironment(tableVariables[name], table.tableName);
    const onTable = actions.filter((action) => !(action in restricted) && !action.startsWith('Query '));
    if (onTable.length > 0) {
      this.allow(
        onTable.map((action) => `dynamodb:${action}`),
        [table.tableArn],
      );
    }
    for (const action of actions.filter((each) => each.startsWith('Query '))) {
      this.allow(['dynamodb:Query'], [`${table.tableArn}/index/${action.slice('Query '.length)}`]);
    }
    for (const [name, { action, conditions }] of Object.entries(restricted)) {
      if (actions.some((each) => each === name)) {
        this.role.addToPolicy(
          new PolicyStatement({
            actions: [`dynamodb:${action}`],
            resources: [table.tableArn],
            conditions,
          }),
        );
      }
    }
  }
}

/** What is built of a function's folder, with the settings beside it. */
function codeOf(folder: string, settings: string): AssetCode {
  return Code.fromAsset(folder, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Must be named, and is not used: nothing is built in a container.
      image: DockerImage.fromRegistry('none'),
      local: {
        tryBundle(outputFolder) {
          for (const [name, contents] of buildFunction(folder, settings).files) {
            writeFileSync(join(outputFolder, name), contents);
          }
          return true;
        },
      },
    },
  });
}

/** Entries that are set, with their key's type. */
function typedEntries<Key extends string, Value>(record: Partial<Record<Key, Value>>): [Key, Value][] {
  // Object.entries widens the keys to string; a record literal typed by its keys has no others.
  return Object.entries(record) as [Key, Value][];
}
