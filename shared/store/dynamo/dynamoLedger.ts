import * as z from 'zod';
import { firstChannel } from '#shared/channels/channelKinds.ts';
import type { RemarkCode } from '#shared/intake/remark.ts';
import { triageSchema } from '#shared/triage/triage.ts';
import { type LedgerKey, probeName } from '../keys.ts';
import type {
  Claim,
  Ledger,
  LedgerAction,
  LedgerOutcome,
  LedgerRow,
  LedgerStatus,
  ThreadMapEntry,
} from '../ledger.ts';
import {
  claimRow,
  finishRow,
  forgottenRow,
  giveUpRow,
  mayBeWithdrawn,
  progressRow,
  reconsiderRow,
  releaseRow,
  reopenRow,
  settleRow,
} from '../ledgerTransitions.ts';
import { expiryAfter, expiryOf } from '../retention.ts';
import { addToCounters, claimedAtCounter, statusCounter, threadMappingCounter } from './counters.ts';
import { type MapWrites, mapWrites } from './dynamoThreadMap.ts';
import { probeTable } from './probeTable.ts';
import {
  batchGet,
  contention,
  type Dynamo,
  epochSeconds,
  expiresAt,
  getByKey,
  isExpired,
  queryFirst,
  type RawItem,
  readItem,
  scanAll,
  type TransactItem,
  transact,
} from './requests.ts';

export interface DynamoLedgerOptions extends Dynamo {
  readonly tableName: string;
  /** Holds the counters. */
  readonly systemStateTable: string;
  /** Omitted where no row is ever ended with entries of the thread map. */
  readonly threadMapTable?: string;
  /** Days after which a row that ended is forgotten. Omitted or null: never. */
  readonly keepDays?: number | null;
}

const statuses = {
  processing: 'processing',
  deferred: 'deferred',
  failed: 'failed',
  filtered: 'filtered',
  success: 'success',
} as const satisfies { readonly [Status in LedgerStatus]: Status };

/**
 * Name of {@link LedgerRow.channelThreadId} in the table, as the releases before the second channel read and write it. The releases
 * share the rows, so the name stays.
 */
const storedThreadId = firstChannel.threadId;

const isText = (value: unknown) => typeof value === 'string';

/**
 * Keys and actions that only a later release knows are read like any other text: one such row must not hide all the rows beside it in a
 * list. `parseLedgerKey` tells whether this release can work on a row.
 */
const rowShape = {
  key: z.custom<LedgerKey>(isText),
  status: z.enum(statuses),
  statusAt: z.string(),
  firstSeenAt: z.string(),
  attempts: z.int().min(0),
  action: z.custom<LedgerAction>(isText).exactOptional(),
  reason: z.string().exactOptional(),
  retryable: z.boolean().exactOptional(),
  failedSince: z.string().exactOptional(),
  [storedThreadId]: z.string().exactOptional(),
  conversationId: z.int().positive().exactOptional(),
  threadId: z.int().positive().exactOptional(),
  leaseOwner: z.string().exactOptional(),
  leaseUntil: z.string().exactOptional(),
  writeStartedAt: z.string().exactOptional(),
  noDraft: z.string().nullable().exactOptional(),
  related: z
    .object({ conversationId: z.int().positive(), why: z.enum(['sender-has-no-part', 'revived']) })
    .exactOptional(),
  /** A code that only a later release knows stays: the note leaves its line out. */
  remarks: z
    .array(
      z.object({
        code: z.custom<RemarkCode>(isText),
        address: z.string().exactOptional(),
        conversationId: z.int().positive().exactOptional(),
      }),
    )
    .exactOptional(),
  burst: z.enum(['deciding', 'first', 'later']).exactOptional(),
  triage: triageSchema.exactOptional(),
  ticketAnyway: z.literal(true).exactOptional(),
  followUp: z.enum(['drafted', 'noted', 'waiting', 'no-draft']).exactOptional(),
  alertedBy: z.array(z.string()).exactOptional(),
} satisfies { readonly [Name in keyof StoredAttributes]-?: z.ZodType };
const rowSchema = z.object(rowShape).transform(({ [storedThreadId]: channelThreadId, ...row }) => ({
  ...row,
  ...(channelThreadId === undefined ? {} : { channelThreadId }),
})) satisfies z.ZodType<LedgerRow>;

/** A row by the names that its attributes have in the table. */
type StoredAttributes = Omit<LedgerRow, 'channelThreadId'> & { readonly [storedThreadId]?: string };

function attributesOf({ channelThreadId, ...row }: LedgerRow): StoredAttributes {
  return channelThreadId === undefined ? row : { ...row, [storedThreadId]: channelThreadId };
}

/** Attributes that only the table needs: changes with every write; partition key of the sparse index; end of the row's life. */
const ownShape = {
  version: z.int().positive(),
  listedStatus: z.string().optional(),
  /** Epoch seconds from which on the row counts as gone; DynamoDB takes days to delete it. */
  expiresAt: z.number().optional(),
};
const ownSchema = z.object(ownShape);

/** A row together with what it takes to replace it. */
interface StoredRow {
  readonly row: LedgerRow;
  readonly version: number;
  /** Attributes that this release does not know; a later one wrote them and may run again. */
  readonly unknown: RawItem;
}

/** What a change comes to: an answer, and what has to be written for it to hold. */
interface Decision<Answer> {
  /** null: the row is taken away. */
  readonly next?: LedgerRow | null;
  readonly threadMap?: readonly ThreadMapEntry[];
  /** Set when a worker takes the row. */
  readonly claimedAt?: string;
  readonly answer: Answer;
}

/** How often a row may change under a decision before it is left to a later attempt. */
const rounds = 10;
/** Rows that are settled at the same time. */
const settledAtOnce = 8;

/** The ledger in DynamoDB. Each row carries a version; a change is decided on the row that was read and written only over that. */
export function createDynamoLedger(options: DynamoLedgerOptions): Ledger {
  const { clock, tableName, keepDays = null } = options;

  async function read(key: LedgerKey): Promise<StoredRow | null> {
    return asStoredRow(await getByKey(options, tableName, key));
  }

  /** Decides on `start`, and again on what is really there when that is something else. */
  async function change<Answer>(
    key: LedgerKey,
    start: StoredRow | null,
    decide: (row: LedgerRow | null) => Decision<Answer>,
  ): Promise<Answer> {
    let current = start;
    let threadMap: MapWrites | null = null;
    for (let round = 0; round < rounds; round++) {
      const decision = decide(current?.row ?? null);
      if (decision.next === undefined) {
        return decision.answer;
      }
      threadMap ??= mapWritesOf(decision.threadMap ?? []);
      const writes = writesOf(key, current, decision, decision.next, threadMap);
      const refused = await transact(options, writes);
      if (refused.size === 0) {
        return decision.answer;
      }
      const inTheWay = refused.get(0);
      if (inTheWay !== undefined) {
        current = asStoredRow(inTheWay);
      }
      const mapStart = writes.length - threadMap.items().length;
      threadMap.learn([...refused.keys()].map((position) => position - mapStart));
    }
    throw contention(`Row ${key} changed ${rounds} times under one attempt`);
  }

  function mapWritesOf(entries: readonly ThreadMapEntry[]): MapWrites {
    if (entries.length > 0 && options.threadMapTable === undefined) {
      throw new Error('This ledger was given no thread map to write to.');
    }
    return mapWrites(options.threadMapTable ?? '', entries, expiryAfter(clock.now(), keepDays));
  }

  function writesOf(
    key: LedgerKey,
    before: StoredRow | null,
    { claimedAt }: Pick<Decision<unknown>, 'claimedAt'>,
    next: LedgerRow | null,
    threadMap: MapWrites,
  ): TransactItem[] {
    const deltas = {
      ...statusDeltas(before?.row ?? null, next),
      ...(threadMap.added() === 0 ? {} : { [threadMappingCounter]: threadMap.added() }),
    };
    const times = claimedAt === undefined ? {} : { [claimedAtCounter]: claimedAt };
    const condition = {
      ...(before === null
        ? {
            ConditionExpression: 'attribute_not_exists(#key)',
            ExpressionAttributeNames: { '#key': 'key' },
          }
        : {
            ConditionExpression: '#version = :version',
            ExpressionAttributeNames: { '#version': 'version' },
            ExpressionAttributeValues: { ':version': before.version },
          }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    } as const;
    return [
      next === null
        ? { Delete: { TableName: tableName, Key: { key }, ...condition } }
        : {
            Put: {
              TableName: tableName,
              Item: {
                ...before?.unknown,
                ...attributesOf(next),
                version: (before?.version ?? 0) + 1,
                ...(next.status === 'success' ? {} : { listedStatus: next.status }),
                ...expiresAt(expiryOf(next, keepDays)),
              },
              ...condition,
            },
          },
      ...(Object.keys({ ...deltas, ...times }).length === 0
        ? []
        : [addToCounters(options.systemStateTable, key, deltas, times)]),
      ...threadMap.items(),
    ];
  }

  return {
    async get(key) {
      const item = await getByKey(options, tableName, key);
      return item === null || isExpired(item, clock.now()) ? null : asRow(item);
    },

    async getAll(keys) {
      const items = await batchGet(
        options,
        tableName,
        [...new Set(keys)].map((key) => ({ key })),
      );
      const rows = items.filter((item) => !isExpired(item, clock.now())).map((item) => asRow(item));
      return new Map(rows.map((row) => [row.key, row]));
    },

    claim(key, claimOptions) {
      // Most rows are new: only a refusal tells what is there.
      return change<Claim>(key, null, (row) => {
        const decision = claimRow(row, key, claimOptions, clock.now());
        return 'next' in decision
          ? {
              next: decision.next,
              claimedAt: decision.next.statusAt,
              answer: { outcome: 'claimed', row: decision.next },
            }
          : { answer: decision.refused };
      });
    },

    async progress(key, owner, progress) {
      return change(key, await read(key), (row) => {
        const next = progressRow(row, owner, progress) ?? leaseLost(key);
        return { next, answer: next };
      });
    },

    async finish(key, owner, outcome) {
      await change(key, await read(key), (row) => ({
        next: finishRow(row, owner, outcome, clock.now()) ?? leaseLost(key),
        threadMap: threadMapOf(outcome),
        answer: null,
      }));
    },

    async release(key, owner) {
      await change(key, await read(key), (row) => ({
        next: releaseRow(row, owner) ?? leaseLost(key),
        answer: null,
      }));
    },

    async settle(entries) {
      const written: LedgerKey[] = [];
      for (let start = 0; start < entries.length; start += settledAtOnce) {
        const keys = await Promise.all(
          entries.slice(start, start + settledAtOnce).map((entry) =>
            change(entry.key, null, (row) => {
              const next = settleRow(row, entry, clock.now());
              return next === null
                ? { answer: null }
                : { next, threadMap: threadMapOf(entry.outcome), answer: entry.key };
            }),
          ),
        );
        written.push(...keys.filter((key) => key !== null));
      }
      return written;
    },

    async listByStatus(
      status,
      { limit, changedSince, changedBefore, retryable, reason, channelThreadId, newestFirst },
    ) {
      const equal = Object.entries({ retryable, reason, [storedThreadId]: channelThreadId }).filter(
        ([, value]) => value !== undefined,
      );
      const changed = changedWithin(changedSince, changedBefore);
      const items = await queryFirst(
        options,
        {
          TableName: tableName,
          IndexName: 'byStatus',
          KeyConditionExpression: `#status = :status${changed.condition}`,
          FilterExpression: [
            '(attribute_not_exists(#expiresAt) OR #expiresAt > :now)',
            ...equal.map(([name]) => `#${name} = :${name}`),
          ].join(' AND '),
          ...(newestFirst === undefined ? {} : { ScanIndexForward: false }),
          ExpressionAttributeNames: {
            '#status': 'listedStatus',
            '#expiresAt': 'expiresAt',
            ...changed.names,
            ...Object.fromEntries(equal.map(([name]) => [`#${name}`, name])),
          },
          ExpressionAttributeValues: {
            ':status': status,
            ':now': epochSeconds(clock.now()),
            ...changed.values,
            ...Object.fromEntries(equal.map(([name, value]) => [`:${name}`, value])),
          },
        },
        limit,
      );
      return items.map((item) => asRow(item));
    },

    async withdraw(key, owner) {
      return change(key, await read(key), (row) =>
        mayBeWithdrawn(row, owner, clock.now()) ? { next: null, answer: true } : { answer: false },
      );
    },

    async giveUp(key) {
      return change(key, await read(key), (row) => {
        const next = giveUpRow(row, clock.now());
        return next === null ? { answer: false } : { next, answer: true };
      });
    },

    async reconsider(key, reconsidered) {
      return change(key, await read(key), (row) => {
        const next = reconsiderRow(row, reconsidered, clock.now());
        return next === null ? { answer: false } : { next, answer: true };
      });
    },

    async reopen(key, reopenOptions = {}) {
      return change<LedgerRow | null>(key, await read(key), (row) => {
        const next = reopenRow(row, reopenOptions, clock.now());
        return next === null ? { answer: null } : { next, answer: next };
      });
    },

    async forgetRow(key) {
      return change(key, await read(key), (row) => {
        const next = forgottenRow(row, clock.now());
        return next === null ? { answer: false } : { next, answer: true };
      });
    },

    async listOfConversations(conversationIds) {
      const found: LedgerRow[] = [];
      await scanAll(
        options,
        {
          TableName: tableName,
          FilterExpression: 'attribute_exists(#conversationId)',
          ExpressionAttributeNames: { '#conversationId': 'conversationId' },
        },
        (item) => {
          const row = asRow(item);
          if (row.conversationId !== undefined && conversationIds.has(row.conversationId)) {
            found.push(row);
          }
        },
      );
      return found;
    },

    probe: () => probeTable(options, { key: probeName }),
  };
}

/** How the counters move when a row gets a new status. */
function statusDeltas(before: LedgerRow | null, after: LedgerRow | null): Record<string, number> {
  if (before?.status === after?.status) {
    return {};
  }
  return {
    ...(before === null ? {} : { [statusCounter[before.status]]: -1 }),
    ...(after === null ? {} : { [statusCounter[after.status]]: 1 }),
  };
}

function threadMapOf(outcome: LedgerOutcome): readonly ThreadMapEntry[] {
  return outcome.status === 'success' ? (outcome.threadMap ?? []) : [];
}

function leaseLost(key: LedgerKey): never {
  throw contention(`Another worker took over ${key} because the lease had ended`);
}

function asRow(item: RawItem): LedgerRow {
  return readItem(rowSchema, item, `${item.key}`);
}

function asStoredRow(item: RawItem | null | undefined): StoredRow | null {
  if (item === null || item === undefined) {
    return null;
  }
  const row = asRow(item);
  const { version } = readItem(ownSchema, item, row.key);
  const known = { ...rowShape, ...ownShape };
  return {
    row,
    version,
    unknown: Object.fromEntries(Object.entries(item).filter(([name]) => !(name in known))),
  };
}

/** Condition on the time of the index; DynamoDB takes one condition on it. */
function changedWithin(since: Date | undefined, before: Date | undefined) {
  if (before === undefined) {
    return { condition: '', names: {}, values: {} };
  }
  const names = { '#at': 'statusAt' };
  return since === undefined
    ? { condition: ' AND #at < :before', names, values: { ':before': before.toISOString() } }
    : {
        condition: ' AND #at BETWEEN :since AND :last',
        names,
        // BETWEEN includes its end.
        values: { ':since': since.toISOString(), ':last': new Date(before.getTime() - 1).toISOString() },
      };
}
