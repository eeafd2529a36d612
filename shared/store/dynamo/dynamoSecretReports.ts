import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { SecretReports } from '../secretReports.ts';
import { type Dynamo, getByKey, itemInTheWay, readItem, whileBusy } from './requests.ts';

const reportSchema = z.object({
  fillings: z.record(z.string(), z.enum(['missing', 'short', 'filled'])),
  fault: z.string().nullable(),
  at: z.iso.datetime(),
});

/** What functions see of the secrets: one item per secret. */
export function createDynamoSecretReports(dynamo: Dynamo & { readonly tableName: string }): SecretReports {
  const { client, tableName } = dynamo;

  return {
    async secretReportOf(variable) {
      const item = await getByKey(dynamo, tableName, keyOf(variable));
      return item === null ? null : { ...readItem(reportSchema, item, keyOf(variable)), variable };
    },

    async saveSecretReport({ variable, fillings, fault, at }, renewBefore) {
      const command = new UpdateCommand({
        TableName: tableName,
        Key: { key: keyOf(variable) },
        UpdateExpression: 'SET #fillings = :fillings, #fault = :fault, #at = :at',
        ConditionExpression:
          'attribute_not_exists(#at) OR #at < :renewBefore OR #fillings <> :fillings OR #fault <> :fault',
        ExpressionAttributeNames: { '#fillings': 'fillings', '#fault': 'fault', '#at': 'at' },
        ExpressionAttributeValues: {
          ':fillings': fillings,
          ':fault': fault,
          ':at': at,
          ':renewBefore': renewBefore.toISOString(),
        },
      });
      // A refusal means that the kept report says the same.
      await whileBusy(dynamo, () => client.send(command)).catch(itemInTheWay);
    },
  };
}

function keyOf(variable: string): string {
  return `secret#${variable}`;
}
