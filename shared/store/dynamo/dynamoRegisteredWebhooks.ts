import { PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { RegisteredWebhook, RegisteredWebhooks } from '../registeredWebhooks.ts';
import { type Dynamo, getByKey, readItem, whileBusy } from './requests.ts';

const registeredWebhookSchema = z.object({
  id: z.int().positive(),
  freescoutUrl: z.string(),
  target: z.string(),
}) satisfies z.ZodType<RegisteredWebhook>;

/** The webhook that we registered: one item. */
export function createDynamoRegisteredWebhooks(
  dynamo: Dynamo & { readonly tableName: string },
): RegisteredWebhooks {
  const { client, tableName } = dynamo;

  return {
    async getRegisteredWebhook() {
      const item = await getByKey(dynamo, tableName, 'registered-webhook');
      return item === null ? null : readItem(registeredWebhookSchema, item, 'registered webhook');
    },

    async saveRegisteredWebhook(webhook) {
      const command = new PutCommand({
        TableName: tableName,
        Item: { ...webhook, key: 'registered-webhook' },
      });
      await whileBusy(dynamo, () => client.send(command));
    },
  };
}
