import { PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { type LedgerKey, parseLedgerKey, type ThreadMapKey } from '../keys.ts';
import type { ThreadStarters } from '../threadStarters.ts';
import { type Dynamo, epochSeconds, getByKey, readItem, transact, whileBusy } from './requests.ts';

const threadStarterSchema = z.object({
  mail: z.custom<LedgerKey>((key) => typeof key === 'string' && parseLedgerKey(key) !== null),
});

/** The dead letters keep a job for 14 days; after that only an operator finishes what a thread starter began. */
const threadStarterSeconds = 30 * 24 * 3600;

/** Mails that start conversations: one item per thread of a channel. */
export function createDynamoThreadStarters(dynamo: Dynamo & { readonly tableName: string }): ThreadStarters {
  const { client, tableName } = dynamo;

  return {
    async rememberThreadStarter(thread, mail) {
      const command = new PutCommand({
        TableName: tableName,
        Item: {
          key: threadStarterKey(thread),
          mail,
          expiresAt: epochSeconds(dynamo.clock.now()) + threadStarterSeconds,
        },
      });
      await whileBusy(dynamo, () => client.send(command));
    },

    async threadStarterOf(thread) {
      const item = await getByKey(dynamo, tableName, threadStarterKey(thread));
      return item === null ? null : readItem(threadStarterSchema, item, `starter of ${thread}`).mail;
    },

    async forgetThreadStarter(thread, mail) {
      const refused = await transact(dynamo, [
        {
          Delete: {
            TableName: tableName,
            Key: { key: threadStarterKey(thread) },
            ConditionExpression: '#mail = :mail',
            ExpressionAttributeNames: { '#mail': 'mail' },
            ExpressionAttributeValues: { ':mail': mail },
          },
        },
      ]);
      return refused.size === 0;
    },
  };
}

function threadStarterKey(thread: ThreadMapKey): string {
  return `beginning#${thread}`;
}
