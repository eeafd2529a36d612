import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import * as z from 'zod';
import { probeName } from '../keys.ts';
import type { KeptEvent, WebhookEvents } from '../webhookEvents.ts';
import { createDynamoWebhookKeeper, partId } from './dynamoWebhookKeeper.ts';
import { probeTable } from './probeTable.ts';
import { batchGet, type Dynamo, epochSeconds, readItem, removeItems, scanAll } from './requests.ts';

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
  const { clock, tableName } = dynamo;

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
    ...createDynamoWebhookKeeper(dynamo),

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

function partIds(eventId: string, furtherParts: number): string[] {
  return Array.from({ length: furtherParts }, (_, index) => partId(eventId, index + 1));
}
