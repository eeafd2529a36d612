import { DeleteCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import {
  type BotDrafts,
  cycleName,
  type DraftCycle,
  type DraftSideWrites,
  type DraftText,
  type LiveDraft,
} from '../botDrafts.ts';
import { addToCounters, outcomeCounter } from './counters.ts';
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

  function cycleWrites(cycle: DraftCycle): TransactItem[] {
    const item = `cycle#${cycleName(cycle)}`;
    const conversationId = String(cycle.conversationId);
    return [
      {
        Put: {
          TableName: tableName,
          Item: { ...cycle, conversationId, item },
          ConditionExpression: 'attribute_not_exists(#item)',
          ExpressionAttributeNames: { '#item': 'item' },
        },
      },
      addToCounters(options.systemStateTable, `${conversationId}:${item}`, {
        [outcomeCounter[cycle.outcome]]: 1,
      }),
    ];
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
    async getLive(conversationId) {
      const item = await read(conversationId, 'live');
      return item === null ? null : readItem(liveSchema, item, `live draft of ${conversationId}`);
    },

    async saveLive(draft, expectedVersion, sideWrites = {}) {
      const stored: LiveDraft = {
        ...draft,
        updatedAt: clock.now().toISOString(),
        version: (expectedVersion ?? 0) + 1,
      };
      const live: TransactItem = {
        Put: {
          TableName: tableName,
          Item: { ...stored, conversationId: String(draft.conversationId), item: 'live', feed },
          ...(expectedVersion === null
            ? { ConditionExpression: 'attribute_not_exists(#version)' }
            : {
                ConditionExpression: '#version = :version',
                ExpressionAttributeValues: { ':version': expectedVersion },
              }),
          ExpressionAttributeNames: { '#version': 'version' },
        },
      };
      const text = sideWrites.text === undefined ? [] : textWrites(draft.conversationId, sideWrites.text);
      const cycle = sideWrites.cycle === undefined ? [] : cycleWrites(sideWrites.cycle);
      let refused = await transact(options, [live, ...cycle, ...text]);
      if (refused.size > 0 && !refused.has(0)) {
        // Only the cycle can be in the way: it is written and counted already.
        refused = await transact(options, [live, ...text]);
      }
      if (refused.size > 0) {
        throw contention(`Another writer changed the draft of conversation ${draft.conversationId} first`);
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

    async reset(conversationId) {
      const command = new DeleteCommand({
        TableName: tableName,
        Key: { conversationId: String(conversationId), item: 'live' },
        ReturnValues: 'ALL_OLD',
      });
      return (await whileBusy(options, () => client.send(command))).Attributes !== undefined;
    },

    async listTexts(conversationId) {
      const items = await itemsOf(conversationId, 'text#');
      return items
        .map((item) => readItem(listedTextSchema, item, `text of a draft of ${conversationId}`))
        .filter(({ expiresAt }) => expiresAt > epochSeconds(clock.now()))
        .map(({ item, html }): DraftText => ({ draftThreadId: item, html }));
    },

    async removeConversation(conversationId) {
      const items = await itemsOf(conversationId, '');
      await removeItems(
        options,
        tableName,
        items.map(({ item }) => ({ conversationId: String(conversationId), item: String(item) })),
      );
      return items.length;
    },
  };
}
