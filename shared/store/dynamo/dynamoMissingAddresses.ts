import * as z from 'zod';
import { type MissingAddresses, mostMissingAddresses } from '../missingAddresses.ts';
import { type Dynamo, getByKey, readItem, transact } from './requests.ts';

const missingSchema = z.object({ addresses: z.set(z.string()) });

/** Addresses that the settings lack: one item per channel. */
export function createDynamoMissingAddresses(
  dynamo: Dynamo & { readonly tableName: string },
): MissingAddresses {
  const { tableName } = dynamo;

  return {
    async rememberMissingAddress(alias, address) {
      const refused = await transact(dynamo, [
        {
          Update: {
            TableName: tableName,
            Key: { key: keyOf(alias) },
            UpdateExpression: 'ADD #addresses :addresses',
            ConditionExpression:
              'attribute_not_exists(#addresses) OR (NOT contains(#addresses, :address) AND size(#addresses) < :most)',
            ExpressionAttributeNames: { '#addresses': 'addresses' },
            ExpressionAttributeValues: {
              ':addresses': new Set([address]),
              ':address': address,
              ':most': mostMissingAddresses,
            },
          },
        },
      ]);
      return refused.size === 0;
    },

    async missingAddressesOf(alias) {
      const item = await getByKey(dynamo, tableName, keyOf(alias));
      return item === null ? [] : [...readItem(missingSchema, item, keyOf(alias)).addresses].sort();
    },
  };
}

function keyOf(alias: string): string {
  return `missing-addresses#${alias}`;
}
