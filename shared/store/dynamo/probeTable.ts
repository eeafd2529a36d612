import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { type Dynamo, whileBusy } from './requests.ts';

/**
 * Proves that a table takes conditional writes: deletes an item that is not there, on condition that it is not. That goes the whole
 * way of a write and leaves nothing behind.
 */
export async function probeTable(
  dynamo: Dynamo & { readonly tableName: string },
  key: Readonly<Record<string, string>>,
): Promise<void> {
  const [keyName = ''] = Object.keys(key);
  const command = new DeleteCommand({
    TableName: dynamo.tableName,
    Key: key,
    ConditionExpression: 'attribute_not_exists(#key)',
    ExpressionAttributeNames: { '#key': keyName },
  });
  await whileBusy(dynamo, () => dynamo.client.send(command));
}
