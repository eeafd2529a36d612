import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { WebhookEvents } from '../webhookEvents.ts';
import { type Dynamo, epochSeconds, transact, whileBusy } from './requests.ts';

/** An item may have 400 KB in all; a body that is still larger when compressed goes on in further items. */
const mostBytesPerItem = 350 * 1024;

/** All that receiving a webhook needs of the kept events. */
export function createDynamoWebhookKeeper(
  dynamo: Dynamo & { readonly tableName: string },
): Pick<WebhookEvents, 'keep'> {
  const { client, clock, tableName } = dynamo;
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
  };
}

function partsOf(packed: Uint8Array): Uint8Array[] {
  const count = Math.ceil(packed.length / mostBytesPerItem);
  return Array.from({ length: count }, (_, index) =>
    packed.subarray(index * mostBytesPerItem, (index + 1) * mostBytesPerItem),
  );
}

/** Id of the item with a further part of an event. */
export function partId(eventId: string, part: number): string {
  return `${eventId}#${part}`;
}
