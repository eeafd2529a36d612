import * as z from 'zod';
import type { IntakeStart } from '../intakeStart.ts';
import { knownSince } from '../retention.ts';
import { type Dynamo, getByKey, readItem, transact } from './requests.ts';

const key = 'intake.since';

/** Releases before know no retention, and leave it alone. */
const intakeSchema = z.object({ since: z.iso.datetime(), shortestKeepDays: z.int().positive().optional() });
type StoredIntake = z.infer<typeof intakeSchema>;

/** The moment at which intake began and the shortest retention: one item. */
export function createDynamoIntakeStart(dynamo: Dynamo & { readonly tableName: string }): IntakeStart {
  const { tableName, clock } = dynamo;

  /** Writes the item over the one that was read. @returns the one that is there then. */
  async function write(next: StoredIntake, before: StoredIntake | null): Promise<StoredIntake> {
    const refused = await transact(dynamo, [
      {
        Put: {
          TableName: tableName,
          Item: { key, ...next },
          ...(before === null
            ? {
                ConditionExpression: 'attribute_not_exists(#since)',
                ExpressionAttributeNames: { '#since': 'since' },
              }
            : {
                ConditionExpression:
                  '#since = :since AND (attribute_not_exists(#keepDays) OR #keepDays > :keepDays)',
                ExpressionAttributeNames: { '#since': 'since', '#keepDays': 'shortestKeepDays' },
                ExpressionAttributeValues: {
                  ':since': before.since,
                  ':keepDays': next.shortestKeepDays,
                },
              }),
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
    ]);
    const inTheWay = refused.get(0);
    return inTheWay ? readItem(intakeSchema, inTheWay, key) : next;
  }

  return {
    async intakeSince(proposed, keepDays) {
      const item = await getByKey(dynamo, tableName, key);
      let stored =
        item === null
          ? await write({ since: proposed.toISOString() }, null)
          : readItem(intakeSchema, item, key);
      if (keepDays !== null && keepDays < (stored.shortestKeepDays ?? Infinity)) {
        stored = await write({ since: stored.since, shortestKeepDays: keepDays }, stored);
      }
      const began = new Date(stored.since);
      const known = knownSince(clock.now(), stored.shortestKeepDays ?? null);
      return known !== null && known > began ? known : began;
    },
  };
}
