import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { SenderLocks } from '../senderLocks.ts';
import { type Dynamo, epochSeconds, itemInTheWay, readItem, whileBusy } from './requests.ts';

const lockSchema = z.object({ until: z.int().min(0) });

/** Longer than any lock, so that a clock that is off does no harm. */
const keptSeconds = 3600;

/** Locks of senders: one item per sender with the end in epoch milliseconds. */
export function createDynamoSenderLocks(dynamo: Dynamo & { readonly tableName: string }): SenderLocks {
  const request = (senderDigest: string) => ({
    TableName: dynamo.tableName,
    // As the counts of a sender are named, and under the name of no account: what forgets a sender finds it.
    Key: { key: `sender#*#${senderDigest}#turn` },
    ExpressionAttributeNames: { '#until': 'until', '#mail': 'mail' },
  });
  return {
    async acquireSenderLock(senderDigest, mail, seconds, at) {
      const { ExpressionAttributeNames, ...item } = request(senderDigest);
      const until = at.getTime() + seconds * 1000;
      const command = new UpdateCommand({
        ...item,
        UpdateExpression: 'SET #until = :until, #mail = :mail, #expiresAt = :expiresAt',
        ConditionExpression: 'attribute_not_exists(#until) OR #until <= :at OR #mail = :mail',
        ExpressionAttributeNames: { ...ExpressionAttributeNames, '#expiresAt': 'expiresAt' },
        ExpressionAttributeValues: {
          ':until': until,
          ':at': at.getTime(),
          ':mail': mail,
          ':expiresAt': epochSeconds(at) + seconds + keptSeconds,
        },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      try {
        await whileBusy(dynamo, () => dynamo.client.send(command));
        return null;
      } catch (error) {
        return new Date(readItem(lockSchema, itemInTheWay(error), 'lock of a sender').until);
      }
    },

    async releaseSenderLock(senderDigest, mail, at) {
      const command = new UpdateCommand({
        ...request(senderDigest),
        UpdateExpression: 'SET #until = :at',
        ConditionExpression: '#mail = :mail',
        ExpressionAttributeValues: { ':at': at.getTime(), ':mail': mail },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      // A refusal means that the lock had run out: another mail holds it now, or none.
      await whileBusy(dynamo, () => dynamo.client.send(command)).catch(itemInTheWay);
    },
  };
}
