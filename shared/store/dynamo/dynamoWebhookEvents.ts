import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { z } from 'zod';
import type { WebhookEvents } from '../webhookEvents.ts';
import { batchGet, batchPut, type Dynamo, epochSeconds, readItem, transact } from './requests.ts';

/** An item may have 400 KB in all; a body that is still larger when compressed goes on in further items. */
const mostBytesPerItem = 350 * 1024;

const headSchema = z.object({
  event: z.string().nullable(),
  receivedAt: z.string(),
  body: z.instanceof(Uint8Array),
  furtherParts: z.int().min(0),
  expiresAt: z.number(),
});
const partSchema = z.object({ eventId: z.string(), body: z.instanceof(Uint8Array) });

export function createDynamoWebhookEvents(dynamo: Dynamo & { readonly tableName: string }): WebhookEvents {
  const { clock, tableName } = dynamo;

  async function itemsOf(ids: readonly string[]) {
    return batchGet(
      dynamo,
      tableName,
      ids.map((eventId) => ({ eventId })),
    );
  }

  return {
    async keep(event) {
      if (event.keepDays <= 0) {
        return;
      }
      const packed = await promisify(gzip)(event.rawBody);
      const expiresAt = epochSeconds(event.receivedAt) + event.keepDays * 24 * 3600;
      const further: Record<string, unknown>[] = [];
      for (let start = mostBytesPerItem; start < packed.length; start += mostBytesPerItem) {
        const body = packed.subarray(start, start + mostBytesPerItem);
        further.push({ eventId: partId(event.id, further.length + 1), body, expiresAt });
      }
      // The same event has the same parts; the head comes last, so that what can be found is whole.
      await batchPut(dynamo, tableName, further);
      await transact(dynamo, [
        {
          Put: {
            TableName: tableName,
            Item: {
              eventId: event.id,
              event: event.event,
              conversationId: event.conversationId,
              receivedAt: event.receivedAt.toISOString(),
              body: packed.subarray(0, mostBytesPerItem),
              furtherParts: further.length,
              expiresAt,
            },
            ConditionExpression: 'attribute_not_exists(#id) OR #expiresAt <= :now',
            ExpressionAttributeNames: { '#id': 'eventId', '#expiresAt': 'expiresAt' },
            ExpressionAttributeValues: { ':now': epochSeconds(clock.now()) },
          },
        },
      ]);
    },

    async get(id) {
      const [item] = await itemsOf([id]);
      if (item === undefined) {
        return null;
      }
      const head = readItem(headSchema, item, `webhook event ${id}`);
      if (head.expiresAt <= epochSeconds(clock.now())) {
        return null;
      }
      const ids = Array.from({ length: head.furtherParts }, (_, index) => partId(id, index + 1));
      const found = await itemsOf(ids);
      const further = ids.map((wanted) =>
        readItem(
          partSchema,
          found.find((part) => part.eventId === wanted),
          `webhook event ${wanted}`,
        ),
      );
      const packed = Buffer.concat([head.body, ...further.map((part) => part.body)]);
      return { event: head.event, rawBody: await promisify(gunzip)(packed), receivedAt: head.receivedAt };
    },
  };
}

function partId(eventId: string, part: number): string {
  return `${eventId}#${part}`;
}
