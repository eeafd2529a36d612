import { GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import {
  type BotDrafts,
  cycleName,
  type DraftCycle,
  type DraftSideWrites,
  type DraftState,
  type DraftText,
  type LiveDraft,
} from '../botDrafts.ts';
import { probeName } from '../keys.ts';
import { addToCounters, draftStateCounter, outcomeCounter } from './counters.ts';
import { probeTable } from './probeTable.ts';
import {
  contention,
  type Dynamo,
  epochSeconds,
  queryFirst,
  type RawItem,
  readItem,
  removeItems,
  type TransactItem,
  transact,
  whileBusy,
} from './requests.ts';

export interface DynamoBotDraftsOptions extends Dynamo {
  readonly tableName: string;
  /** Holds the counters. */
  readonly systemStateTable: string;
}

const originShape = {
  type: z.enum(['lead', 'customer', 'other']),
  bucket: z.enum(['p0', 'p1', 'p2', 'p3']),
  language: z.string(),
  promptVersion: z.string(),
};

/** The conversation id is a text in the key and a number everywhere else. */
const conversationIdSchema = z.string().regex(/^\d+$/).transform(Number);

const liveSchema = z.object({
  conversationId: conversationIdSchema,
  state: z.enum(['creating', 'live', 'sent', 'replaced', 'gone']),
  kind: z.enum(['reply', 'followup', 'reminder']),
  answeredThreadId: z.int(),
  draftThreadId: z.int().nullable(),
  fingerprint: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  version: z.int().positive(),
  ...originShape,
}) satisfies z.ZodType<LiveDraft>;

const cycleSchema = z.object({
  conversationId: conversationIdSchema,
  answeredThreadId: z.int(),
  draftThreadId: z.int().nullable(),
  kind: z.enum(['reply', 'followup', 'reminder']),
  outcome: z.enum(['unchanged', 'light-edit', 'heavy-edit', 'replaced', 'discarded', 'withdrawn']),
  similarity: z.number().nullable(),
  minutesToSend: z.number().nullable(),
  endedAt: z.string(),
  ...originShape,
}) satisfies z.ZodType<DraftCycle>;

const textSchema = z.object({ html: z.string(), expiresAt: z.number() });
const listedTextSchema = textSchema.extend({
  item: z.templateLiteral(['text#', z.int()]).transform((item) => Number(item.slice('text#'.length))),
});

/** Partition key of the index of the newest drafts: they all stand in one list. */
const feed = 'drafts';

/** How often the draft may change under the operator's command. */
const rounds = 10;

/** Far more items than any conversation has. */
const mostItems = 10_000;

export function createDynamoBotDrafts(options: DynamoBotDraftsOptions): BotDrafts {
  const { client, clock, tableName } = options;

  async function read(conversationId: number, item: string): Promise<RawItem | null> {
    const command = new GetCommand({
      TableName: tableName,
      Key: { conversationId: String(conversationId), item },
      ConsistentRead: true,
    });
    return (await whileBusy(options, () => client.send(command))).Item ?? null;
  }

  /** Items of a conversation whose name starts so. */
  function itemsOf(conversationId: number, start: string): Promise<readonly RawItem[]> {
    return queryFirst(
      options,
      {
        TableName: tableName,
        KeyConditionExpression:
          start === ''
            ? '#conversation = :conversation'
            : '#conversation = :conversation AND begins_with(#item, :start)',
        ExpressionAttributeNames: {
          '#conversation': 'conversationId',
          ...(start === '' ? {} : { '#item': 'item' }),
        },
        ExpressionAttributeValues: {
          ':conversation': String(conversationId),
          ...(start === '' ? {} : { ':start': start }),
        },
        ConsistentRead: true,
      },
      mostItems,
    );
  }

  async function readLive(conversationId: number): Promise<LiveDraft | null> {
    const item = await read(conversationId, 'live');
    return item === null ? null : readItem(liveSchema, item, `live draft of ${conversationId}`);
  }

  /** Names of the cycles of a conversation that answer these threads, and of their texts that are kept. */
  async function itemsThatAnswer(
    conversationId: number,
    threadIds: ReadonlySet<number>,
    live: LiveDraft | null,
  ): Promise<readonly string[]> {
    const cycles = await itemsOf(conversationId, 'cycle#');
    const ended = cycles.map((item) => ({
      name: String(item.item),
      ...readItem(cycleSchema, item, `draft cycle of ${conversationId}`),
    }));
    const theirs = ended.filter(({ answeredThreadId }) => threadIds.has(answeredThreadId));
    const drafts = live !== null && threadIds.has(live.answeredThreadId) ? [...theirs, live] : theirs;
    const textNames = drafts.map(({ draftThreadId }) => `text#${draftThreadId}`);
    const texts = await itemsOf(conversationId, 'text#');
    return [
      ...theirs.map(({ name }) => name),
      ...texts.map(({ item }) => String(item)).filter((name) => textNames.includes(name)),
    ];
  }

  function cycleWrite(cycle: DraftCycle): TransactItem {
    return {
      Put: {
        TableName: tableName,
        Item: {
          ...cycle,
          conversationId: String(cycle.conversationId),
          item: `cycle#${cycleName(cycle)}`,
        },
        ConditionExpression: 'attribute_not_exists(#item)',
        ExpressionAttributeNames: { '#item': 'item' },
      },
    };
  }

  function counterWrites(conversationId: number, deltas: Readonly<Record<string, number>>): TransactItem[] {
    return Object.keys(deltas).length === 0
      ? []
      : [addToCounters(options.systemStateTable, String(conversationId), deltas)];
  }

  async function removeLive(conversationId: number): Promise<boolean> {
    for (let round = 0; round < rounds; round++) {
      const live = await readLive(conversationId);
      if (live === null) {
        return false;
      }
      const refused = await transact(options, [
        {
          Delete: {
            TableName: tableName,
            Key: { conversationId: String(conversationId), item: 'live' },
            ...unchanged(live),
          },
        },
        ...counterWrites(conversationId, stateDeltas(live.state, null)),
      ]);
      if (refused.size === 0) {
        return true;
      }
    }
    throw contention(`The draft of conversation ${conversationId} kept changing`);
  }

  function textWrites(conversationId: number, text: NonNullable<DraftSideWrites['text']>): TransactItem[] {
    if (text.keepDays <= 0) {
      return [];
    }
    return [
      {
        Put: {
          TableName: tableName,
          Item: {
            conversationId: String(conversationId),
            item: `text#${text.draftThreadId}`,
            html: text.html,
            expiresAt: epochSeconds(clock.now()) + text.keepDays * 24 * 3600,
          },
        },
      },
    ];
  }

  return {
    getLive: readLive,

    async saveLive(draft, expectedVersion, sideWrites = {}) {
      const { conversationId } = draft;
      // Which state is counted off; the write holds only while the item still is this one.
      const before = expectedVersion === null ? null : await readLive(conversationId);
      if ((before?.version ?? null) !== expectedVersion) {
        throw changedByOther(conversationId);
      }
      const stored: LiveDraft = {
        ...draft,
        updatedAt: clock.now().toISOString(),
        version: (expectedVersion ?? 0) + 1,
      };
      const live: TransactItem = {
        Put: {
          TableName: tableName,
          Item: { ...stored, conversationId: String(conversationId), item: 'live', feed },
          ...(before === null
            ? {
                ConditionExpression: 'attribute_not_exists(#version)',
                ExpressionAttributeNames: { '#version': 'version' },
              }
            : unchanged(before)),
        },
      };
      const text = sideWrites.text === undefined ? [] : textWrites(conversationId, sideWrites.text);
      const deltas = stateDeltas(before?.state ?? null, draft.state);
      const withoutCycle = [live, ...text, ...counterWrites(conversationId, deltas)];
      const { cycle } = sideWrites;
      let refused = await transact(
        options,
        cycle === undefined
          ? withoutCycle
          : [
              live,
              cycleWrite(cycle),
              ...text,
              ...counterWrites(conversationId, { ...deltas, [outcomeCounter[cycle.outcome]]: 1 }),
            ],
      );
      if (refused.size > 0 && !refused.has(0)) {
        // Only the cycle can be in the way: it is written and counted already.
        refused = await transact(options, withoutCycle);
      }
      if (refused.size > 0) {
        throw changedByOther(conversationId);
      }
      return stored;
    },

    async getText(draftThreadId, conversationId) {
      const item = await read(conversationId, `text#${draftThreadId}`);
      if (item === null) {
        return null;
      }
      const text = readItem(textSchema, item, `text of draft ${draftThreadId}`);
      return text.expiresAt > epochSeconds(clock.now()) ? text.html : null;
    },

    async listCycles(conversationId) {
      const items = await itemsOf(conversationId, 'cycle#');
      return items
        .map((item) => readItem(cycleSchema, item, `draft cycle of ${conversationId}`))
        .sort((one, other) => one.answeredThreadId - other.answeredThreadId);
    },

    async listNewest(limit) {
      const items = await queryFirst(
        options,
        {
          TableName: tableName,
          IndexName: 'newest',
          KeyConditionExpression: '#feed = :feed',
          ExpressionAttributeNames: { '#feed': 'feed' },
          ExpressionAttributeValues: { ':feed': feed },
          ScanIndexForward: false,
        },
        limit,
      );
      return items.map((item) => readItem(liveSchema, item, 'live draft'));
    },

    reset: removeLive,

    async listTexts(conversationId) {
      const items = await itemsOf(conversationId, 'text#');
      return items
        .map((item) => readItem(listedTextSchema, item, `text of a draft of ${conversationId}`))
        .filter(({ expiresAt }) => expiresAt > epochSeconds(clock.now()))
        .map(({ item, html }): DraftText => ({ draftThreadId: item, html }));
    },

    async removeConversation(conversationId, answeredThreadIds) {
      const live = await readLive(conversationId);
      const names =
        answeredThreadIds === undefined
          ? (await itemsOf(conversationId, '')).map(({ item }) => String(item))
          : await itemsThatAnswer(conversationId, answeredThreadIds, live);
      const isMeant = live !== null && (answeredThreadIds?.has(live.answeredThreadId) ?? true);
      const wasLive = isMeant && (await removeLive(conversationId));
      const others = names.filter((item) => item !== 'live');
      await removeItems(
        options,
        tableName,
        others.map((item) => ({ conversationId: String(conversationId), item })),
      );
      return others.length + (wasLive ? 1 : 0);
    },

    probe: () => probeTable(options, { conversationId: probeName, item: probeName }),
  };
}

/** How the counters move when the draft of a conversation goes from one state to another; null = there is none. */
function stateDeltas(before: DraftState | null, after: DraftState | null): Record<string, number> {
  if (before === after) {
    return {};
  }
  return {
    ...(before === null ? {} : { [draftStateCounter[before]]: -1 }),
    ...(after === null ? {} : { [draftStateCounter[after]]: 1 }),
  };
}

/** The item still is the one that was read: after a reset, version numbers begin anew. */
function unchanged({ version, state }: LiveDraft) {
  return {
    ConditionExpression: '#version = :version AND #state = :state',
    ExpressionAttributeNames: { '#version': 'version', '#state': 'state' },
    ExpressionAttributeValues: { ':version': version, ':state': state },
  };
}

function changedByOther(conversationId: number) {
  return contention(`Another writer changed the draft of conversation ${conversationId} first`);
}
