import { randomUUID } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { ZodType } from 'zod';
import { type Failure, retryable } from '#shared/failure/failure.ts';
import type { Clock } from '#shared/time/clock.ts';

/** What every part of the store needs to talk to DynamoDB. */
export interface Dynamo {
  readonly client: DynamoDBDocumentClient;
  readonly clock: Clock;
}

/** An item as DynamoDB gives it, not checked yet. */
export type RawItem = Readonly<Record<string, unknown>>;
export type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** Retries of a request that DynamoDB refused because others were quicker or the table is too busy. */
const retries = 6;
/** First wait at most; doubled with every further one. */
const firstWaitMilliseconds = 25;

const busyErrors = new Set([
  'TransactionConflictException',
  'TransactionInProgressException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);
const busyReasons = new Set(['TransactionConflict', 'ProvisionedThroughputExceeded', 'ThrottlingError']);

/**
 * Writes all items or none. Busy answers are repeated with the same request token, so that an attempt whose answer was lost is not
 * applied twice.
 *
 * @returns per position whose condition did not hold, the item that is there (null = none); empty = everything is written. An
 * item is told only where the position asks for `ReturnValuesOnConditionCheckFailure: ALL_OLD`.
 * @throws a retryable `store-contention` failure when DynamoDB stays busy.
 */
export async function transact(
  dynamo: Dynamo,
  items: readonly TransactItem[],
): Promise<ReadonlyMap<number, RawItem | null>> {
  const command = new TransactWriteCommand({ TransactItems: [...items], ClientRequestToken: randomUUID() });
  try {
    await whileBusy(dynamo, () => dynamo.client.send(command));
    return new Map();
  } catch (error) {
    const refused = refusedPositions(error);
    if (refused.size === 0) {
      throw error;
    }
    return refused;
  }
}

/**
 * Sends one request, again while DynamoDB is busy. Fit for requests that are refused as a whole or may be repeated.
 *
 * @throws a retryable `store-contention` failure when DynamoDB stays busy.
 */
export async function whileBusy<Answer>(dynamo: Dynamo, request: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await request();
    } catch (error) {
      if (!isBusy(error)) {
        throw error;
      }
      await waitAfter(dynamo, attempt, error);
    }
  }
}

/** The newest item of a table whose only key is `key`; null when there is none. */
export async function getByKey(dynamo: Dynamo, tableName: string, key: string): Promise<RawItem | null> {
  const command = new GetCommand({ TableName: tableName, Key: { key }, ConsistentRead: true });
  return (await whileBusy(dynamo, () => dynamo.client.send(command))).Item ?? null;
}

/** The first items of a query, `limit` at most, over as many pages as it takes. */
export async function queryFirst(
  dynamo: Dynamo,
  input: QueryCommandInput,
  limit: number,
): Promise<readonly RawItem[]> {
  const items: RawItem[] = [];
  let from: Record<string, unknown> | undefined;
  while (items.length < limit) {
    const command = new QueryCommand({
      ...input,
      Limit: limit - items.length,
      ...(from === undefined ? {} : { ExclusiveStartKey: from }),
    });
    const answer = await whileBusy(dynamo, () => dynamo.client.send(command));
    items.push(...(answer.Items ?? []));
    from = answer.LastEvaluatedKey;
    if (from === undefined) {
      break;
    }
  }
  return items;
}

/** Shows every item of a table, page by page; reads all of it, so never inside a function. */
export async function scanAll(
  dynamo: Dynamo,
  input: ScanCommandInput,
  visit: (item: RawItem) => void | Promise<void>,
): Promise<void> {
  let from: Record<string, unknown> | undefined;
  do {
    const command = new ScanCommand({
      ...input,
      ConsistentRead: true,
      ...(from === undefined ? {} : { ExclusiveStartKey: from }),
    });
    const answer = await whileBusy(dynamo, () => dynamo.client.send(command));
    for (const item of answer.Items ?? []) {
      await visit(item);
    }
    from = answer.LastEvaluatedKey;
  } while (from !== undefined);
}

export async function removeItems(
  dynamo: Dynamo,
  tableName: string,
  keys: readonly Record<string, string>[],
): Promise<void> {
  for (const key of keys) {
    const command = new DeleteCommand({ TableName: tableName, Key: key });
    await whileBusy(dynamo, () => dynamo.client.send(command));
  }
}

/** Items of the keys that exist, read consistently, in no particular order. Keys must differ from each other. */
export async function batchGet(
  dynamo: Dynamo,
  tableName: string,
  keys: readonly Record<string, string>[],
): Promise<readonly RawItem[]> {
  const found: RawItem[] = [];
  for (const chunk of chunks(keys, 100)) {
    let asked = chunk;
    for (let attempt = 0; asked.length > 0; attempt++) {
      if (attempt > 0) {
        await waitAfter(dynamo, attempt - 1, null);
      }
      const command = new BatchGetCommand({
        RequestItems: { [tableName]: { Keys: asked, ConsistentRead: true } },
      });
      const answer = await whileBusy(dynamo, () => dynamo.client.send(command));
      found.push(...(answer.Responses?.[tableName] ?? []));
      asked = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
    }
  }
  return found;
}

/**
 * The item that kept a single conditional write from happening.
 *
 * @returns null when there is no item. Throws `error` again when it is not a failed condition.
 */
export function itemInTheWay(error: unknown): RawItem | null {
  if (!(error instanceof ConditionalCheckFailedException)) {
    throw error;
  }
  return error.Item === undefined ? null : unmarshall(error.Item);
}

/** Checks an item on its way out of a table. */
export function readItem<Value>(schema: ZodType<Value>, item: unknown, name: string): Value {
  const parsed = schema.safeParse(item);
  if (!parsed.success) {
    const paths = parsed.error.issues.map((issue) => issue.path.join('.') || 'item').join(', ');
    throw retryable(
      'unexpected',
      `Stored item ${name} is damaged (${paths}). Nothing was changed; repair the item or restore the table.`,
    );
  }
  return parsed.data;
}

/** The attribute by which DynamoDB deletes an item some days after that time; none for an item that stays. */
export function expiresAt(at: Date | null): { readonly expiresAt?: number } {
  return at === null ? {} : { expiresAt: epochSeconds(at) };
}

/** Whether an item is still there only because DynamoDB takes days to delete it. */
export function isExpired(item: RawItem, now: Date): boolean {
  return typeof item.expiresAt === 'number' && item.expiresAt <= epochSeconds(now);
}

/** Others were quicker, again and again. */
export function contention(what: string, cause?: unknown): Failure {
  return retryable(
    'store-contention',
    `${what}. Nothing was changed by this attempt; the work is kept and tried again.`,
    cause === undefined ? {} : { cause },
  );
}

export function epochSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}

function isBusy(error: unknown): boolean {
  if (error instanceof TransactionCanceledException) {
    const codes = error.CancellationReasons?.map((reason) => reason.Code ?? 'None') ?? [];
    return codes.some((code) => busyReasons.has(code)) && !codes.includes('ConditionalCheckFailed');
  }
  return error instanceof DynamoDBServiceException && busyErrors.has(error.name);
}

function refusedPositions(error: unknown): ReadonlyMap<number, RawItem | null> {
  const refused = new Map<number, RawItem | null>();
  if (error instanceof TransactionCanceledException) {
    for (const [position, reason] of (error.CancellationReasons ?? []).entries()) {
      if (reason.Code === 'ConditionalCheckFailed') {
        refused.set(position, reason.Item === undefined ? null : unmarshall(reason.Item));
      }
    }
  }
  return refused;
}

/** Waits a random part of a growing time, so that those who collided do not come back together. */
async function waitAfter(dynamo: Dynamo, attempt: number, error: unknown): Promise<void> {
  if (attempt >= retries) {
    throw contention('DynamoDB stayed too busy', error);
  }
  await dynamo.clock.sleep(firstWaitMilliseconds * 2 ** attempt * (0.5 + dynamo.clock.random() / 2));
}

export function chunks<Value>(values: readonly Value[], size: number): Value[][] {
  const parts: Value[][] = [];
  for (let start = 0; start < values.length; start += size) {
    parts.push(values.slice(start, start + size));
  }
  return parts;
}
