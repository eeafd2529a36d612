import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import {
  type RememberedCondition,
  type RememberedFault,
  type RememberedFaults,
  rememberedConditions,
} from '../rememberedFaults.ts';
import { type Dynamo, getByKey, readItem, transact, whileBusy } from './requests.ts';

const faultSchema = z.object({
  code: z.string(),
  since: z.string(),
  at: z.string(),
  count: z.int().positive(),
  conversationId: z.int().nullable(),
}) satisfies z.ZodType<Omit<RememberedFault, 'condition'>>;

const names = { '#code': 'code', '#at': 'at', '#count': 'count', '#conversationId': 'conversationId' };

/** Faults that functions tell `/ready` of: one item per condition. A fault that is forgotten leaves the item without its code. */
export function createDynamoRememberedFaults(
  dynamo: Dynamo & { readonly tableName: string },
): RememberedFaults {
  const { client, tableName } = dynamo;

  return {
    async rememberFault(condition, { code, at, count, conversationId }) {
      const values = {
        ':at': at.toISOString(),
        ':conversationId': conversationId,
        ':count': count,
        ':code': code,
      };
      const item = { TableName: tableName, Key: { key: keyOf(condition) } };
      const refused = await transact(dynamo, [
        {
          Update: {
            ...item,
            UpdateExpression: 'SET #at = :at, #conversationId = :conversationId ADD #count :count',
            ConditionExpression: '#code = :code',
            ExpressionAttributeNames: names,
            ExpressionAttributeValues: values,
          },
        },
      ]);
      if (refused.size > 0) {
        // Two workers that meet a new fault at the same moment lose one count.
        const command = new UpdateCommand({
          ...item,
          UpdateExpression:
            'SET #code = :code, #since = :at, #at = :at, #count = :count, #conversationId = :conversationId',
          ExpressionAttributeNames: { ...names, '#since': 'since' },
          ExpressionAttributeValues: values,
        });
        await whileBusy(dynamo, () => client.send(command));
      }
    },

    async forgetFault(condition) {
      const command = new UpdateCommand({
        TableName: tableName,
        Key: { key: keyOf(condition) },
        UpdateExpression: 'REMOVE #code',
        ExpressionAttributeNames: { '#code': 'code' },
      });
      await whileBusy(dynamo, () => client.send(command));
    },

    async rememberedFaults() {
      const items = await Promise.all(
        rememberedConditions.map(async (condition) => ({
          condition,
          item: await getByKey(dynamo, tableName, keyOf(condition)),
        })),
      );
      return items.flatMap(({ condition, item }) =>
        item === null || item.code === undefined
          ? []
          : [{ condition, ...readItem(faultSchema, item, keyOf(condition)) }],
      );
    },
  };
}

function keyOf(condition: RememberedCondition): string {
  return `fault#${condition}`;
}
