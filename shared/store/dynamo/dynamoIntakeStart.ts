import * as z from 'zod';
import type { IntakeStart } from '../intakeStart.ts';
import { type Dynamo, getByKey, readItem, transact } from './requests.ts';

const intakeSchema = z.object({ since: z.iso.datetime() });

/** The moment at which intake began: one item that is written once. */
export function createDynamoIntakeStart(dynamo: Dynamo & { readonly tableName: string }): IntakeStart {
  const { tableName } = dynamo;

  return {
    async intakeSince(proposed) {
      const key = 'intake.since';
      let stored = await getByKey(dynamo, tableName, key);
      if (stored === null) {
        const since = proposed.toISOString();
        const refused = await transact(dynamo, [
          {
            Put: {
              TableName: tableName,
              Item: { key, since },
              ConditionExpression: 'attribute_not_exists(#since)',
              ExpressionAttributeNames: { '#since': 'since' },
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            },
          },
        ]);
        stored = refused.get(0) ?? { since };
      }
      return new Date(readItem(intakeSchema, stored, key).since);
    },
  };
}
