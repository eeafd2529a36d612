import { PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { ChannelKind } from '#shared/channels/channelKinds.ts';
import type { PollCursor, PollCursors } from '../pollCursors.ts';
import type { SweepCursor, SweepCursors } from '../sweepCursors.ts';
import { type Dynamo, getByKey, readItem, transact, whileBusy } from './requests.ts';

const pollCursorSchema = z.object({
  account: z.string(),
  historyId: z.string().nullable(),
  polledAt: z.string().nullable(),
  gapCheckedAt: z.string().nullable(),
  fault: z.string().nullable(),
  missing: z.int().min(0),
  labels: z
    .object({
      readAt: z.string(),
      named: z.array(z.object({ name: z.string(), id: z.string().nullable() })),
    })
    .exactOptional(),
  version: z.int().min(1),
}) satisfies z.ZodType<PollCursor>;

const sweepCursorSchema = z.object({
  listedAt: z.string().nullable(),
  ranAt: z.string().nullable(),
  failedWokenAt: z.string().nullable(),
  /** Releases before write none. */
  digestDay: z.string().nullable().default(null),
  digestHour: z.string().nullable().default(null),
  missing: z.int().min(0),
  webhookTrial: z.object({ at: z.string(), unansweredSince: z.string().nullable() }).exactOptional(),
}) satisfies z.ZodType<SweepCursor>;

/** Where reading stands: one item per channel that is polled, and one for the sweep. */
export function createDynamoCursors(
  dynamo: Dynamo & { readonly tableName: string },
): PollCursors & SweepCursors {
  const { client, tableName } = dynamo;

  return {
    async getPollCursor(channel, alias) {
      const item = await getByKey(dynamo, tableName, pollCursorKey(channel, alias));
      return item === null
        ? {
            account: alias,
            historyId: null,
            polledAt: null,
            gapCheckedAt: null,
            fault: null,
            missing: 0,
            version: 0,
          }
        : readItem(pollCursorSchema, item, `cursor of ${alias}`);
    },

    async savePollCursor(channel, cursor, expectedVersion) {
      const refused = await transact(dynamo, [
        {
          Put: {
            TableName: tableName,
            Item: { ...cursor, key: pollCursorKey(channel, cursor.account), version: expectedVersion + 1 },
            ...(expectedVersion === 0
              ? { ConditionExpression: 'attribute_not_exists(#version)' }
              : {
                  ConditionExpression: '#version = :version',
                  ExpressionAttributeValues: { ':version': expectedVersion },
                }),
            ExpressionAttributeNames: { '#version': 'version' },
          },
        },
      ]);
      return refused.size === 0;
    },

    async getSweepCursor() {
      const item = await getByKey(dynamo, tableName, 'sweep-cursor');
      return item === null
        ? {
            listedAt: null,
            ranAt: null,
            failedWokenAt: null,
            digestDay: null,
            digestHour: null,
            missing: 0,
          }
        : readItem(sweepCursorSchema, item, 'cursor of the sweep');
    },

    async saveSweepCursor(cursor) {
      const command = new PutCommand({ TableName: tableName, Item: { ...cursor, key: 'sweep-cursor' } });
      await whileBusy(dynamo, () => client.send(command));
    },
  };
}

function pollCursorKey(channel: ChannelKind, alias: string): string {
  return `${channel}-cursor#${alias}`;
}
