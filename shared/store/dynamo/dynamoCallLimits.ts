import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { CallLimits } from '../callLimits.ts';
import { type Dynamo, epochSeconds, itemInTheWay, readItem, whileBusy } from './requests.ts';

const itemSchema = z.object({ calls: z.int().min(0) });

/** Longer than any window, so that a clock that is off does no harm. */
const keptSeconds = 3600;

/** Calls that were taken, one item per limit and window. */
export function createDynamoCallLimits(dynamo: Dynamo & { readonly tableName: string }): CallLimits {
  return {
    async takeCalls(name, count, { maxRequests, windowSeconds }, at) {
      const window = Math.floor(at.getTime() / (windowSeconds * 1000));
      const take = async (wanted: number): Promise<number> => {
        const command = new UpdateCommand({
          TableName: dynamo.tableName,
          Key: { key: `calls#${name}#${windowSeconds}#${window}` },
          UpdateExpression: 'ADD #calls :wanted SET #expiresAt = :expiresAt',
          ConditionExpression: 'attribute_not_exists(#calls) OR #calls <= :room',
          ExpressionAttributeNames: { '#calls': 'calls', '#expiresAt': 'expiresAt' },
          ExpressionAttributeValues: {
            ':wanted': wanted,
            ':room': maxRequests - wanted,
            ':expiresAt': epochSeconds(at) + windowSeconds + keptSeconds,
          },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        });
        try {
          await whileBusy(dynamo, () => dynamo.client.send(command));
          return wanted;
        } catch (error) {
          const { calls } = readItem(itemSchema, itemInTheWay(error), `calls of ${name}`);
          const rest = Math.min(wanted, maxRequests - calls);
          return rest > 0 ? await take(rest) : 0;
        }
      };
      return await take(Math.min(count, maxRequests));
    },
  };
}
