import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { probeName } from '../keys.ts';
import type { KeptEvent, WebhookEvents } from '../webhookEvents.ts';
import { probeTable } from './probeTable.ts';
import {
  batchGet,
  type Dynamo,
  epochSeconds,
  readItem,
  removeItems,
  scanAll,
  transact,
  whileBusy,
} from './requests.ts';

/** An item may have 400 KB in all; a body that is still larger when compressed goes on in further items. */
const mostBytesPerItem = 350 * 1024;

const headSchema = z.object({
  event: z.string().nullable(),
  conversationId: z.int().nullable(),
  receivedAt: z.string(),
  body: z.instanceof(Uint8Array),
  furtherParts: z.int().min(0),
  expiresAt: z.number(),
});
const partSchema = z.object({ eventId: z.string(), body: z.instanceof(Uint8Array) });

export function createDynamoWebhookEvents(dynamo: Dynamo & { readonly tableName: string }): WebhookEvents {
  const { client, clock, tableName } = dynamo;

  async function itemsOf(ids: readonly string[]) {
    return batchGet(
      dynamo,
      tableName,
      ids.map((eventId) => ({ eventId })),
    );
  }

  async function read(id: string): Promise<KeptEvent | null> {
    const [item] = await itemsOf([id]);
    if (item === undefined) {
      return null;
    }
    const head = readItem(headSchema, item, `webhook event ${id}`);
    if (head.expiresAt <= epochSeconds(clock.now())) {
      return null;
    }
    const ids = partIds(id, head.furtherParts);
    const found = await itemsOf(ids);
    const further = ids.map((wanted) =>
      readItem(
        partSchema,
        found.find((part) => part.eventId === wanted),
        `webhook event ${wanted}`,
      ),
    );
    const packed = Buffer.concat([head.body, ...further.map((part) => part.body)]);
    return {
      id,
      event: head.event,
      conversationId: head.conversationId,
      rawBody: await promisify(gunzip)(packed),
      receivedAt: head.receivedAt,
    };
  }

  return {
    async keep(event) {
      if (event.keepDays <= 0) {
        return;
      }
      const expiresAt = epochSeconds(event.receivedAt) + event.keepDays * 24 * 3600;
      const [body, ...further] = partsOf(await promisify(gzip)(event.rawBody));
      // The same event has the same parts; the head comes last, so that what can be found is whole.
      for (const [index, part] of further.entries()) {
        const item = { eventId: partId(event.id, index + 1), body: part, expiresAt };
        await whileBusy(dynamo, () => client.send(new PutCommand({ TableName: tableName, Item: item })));
      }
      await transact(dynamo, [
        {
          Put: {
            TableName: tableName,
            Item: {
              eventId: event.id,
              event: event.event,
              conversationId: event.conversationId,
              receivedAt: event.receivedAt.toISOString(),
              body,
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

    get: read,

    async visitAll(visit) {
      await scanAll(
        dynamo,
        {
          TableName: tableName,
          FilterExpression: 'attribute_exists(#receivedAt)',
          ProjectionExpression: '#id',
          ExpressionAttributeNames: { '#receivedAt': 'receivedAt', '#id': 'eventId' },
        },
        async ({ eventId }) => {
          const event = await read(String(eventId));
          if (event !== null) {
            visit(event);
          }
        },
      );
    },

    async removeEvent(id) {
      const [item] = await itemsOf([id]);
      if (item !== undefined) {
        const { furtherParts } = readItem(headSchema, item, `webhook event ${id}`);
        const ids = [...partIds(id, furtherParts), id];
        await removeItems(
          dynamo,
          tableName,
          ids.map((eventId) => ({ eventId })),
        );
      }
    },

    probe: () => probeTable(dynamo, { eventId: probeName }),
  };
}

function partsOf(packed: Uint8Array): Uint8Array[] {
  const count = Math.ceil(packed.length / mostBytesPerItem);
  return Array.from({ length: count }, (_, index) =>
    packed.subarray(index * mostBytesPerItem, (index + 1) * mostBytesPerItem),
  );
}

function partIds(eventId: string, furtherParts: number): string[] {
  return Array.from({ length: furtherParts }, (_, index) => partId(eventId, index + 1));
}

function partId(eventId: string, part: number): string {
  return `${eventId}#${part}`;
}
