import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { hourMilliseconds } from '#shared/time/durations.ts';
import {
  hourOf,
  mailsWithinHour,
  mostMailsPerHour,
  periodOfShare,
  type SeenMail,
  type SenderCounts,
} from '../senderCounts.ts';
import {
  batchGet,
  type Dynamo,
  epochSeconds,
  itemInTheWay,
  type RawItem,
  readItem,
  removeItems,
  scanAll,
  whileBusy,
} from './requests.ts';

const bucketSchema = z.object({ mails: z.set(z.string().regex(/^\d+:./)) });

/** Far longer than anything is counted, so that a clock that is off does no harm. */
const keptSeconds = 2 * 24 * 3600;

/**
 * Mails per sender, one item per hour with the set of `<epoch milliseconds>:<message id>`; and shares, one item per period
 * with the set of the ledger keys that have a place in it.
 */
export function createDynamoSenderCounts(dynamo: Dynamo & { readonly tableName: string }): SenderCounts {
  return {
    async countMailOfSender(account, senderDigest, messageId, at) {
      const hour = hourOf(at.getTime());
      const keyOf = (bucket: number) => ({ key: `sender#${account}#${senderDigest}#${bucket}` });
      const command = new UpdateCommand({
        TableName: dynamo.tableName,
        Key: keyOf(hour),
        UpdateExpression: 'ADD #mails :mail SET #expiresAt = if_not_exists(#expiresAt, :expiresAt)',
        ConditionExpression: 'attribute_not_exists(#mails) OR size(#mails) < :most',
        ExpressionAttributeNames: { '#mails': 'mails', '#expiresAt': 'expiresAt' },
        ExpressionAttributeValues: {
          ':mail': new Set([`${at.getTime()}:${messageId}`]),
          ':most': mostMailsPerHour,
          ':expiresAt': (hour * hourMilliseconds) / 1000 + keptSeconds,
        },
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const current = await whileBusy(dynamo, () => dynamo.client.send(command)).then(
        (answer) => answer.Attributes ?? null,
        itemInTheWay,
      );
      const [previous] = await batchGet(dynamo, dynamo.tableName, [keyOf(hour - 1)]);
      const seen = [...mailsOf(current), ...mailsOf(previous), { at: at.getTime(), messageId }];
      return mailsWithinHour(seen, at);
    },

    async takePlace(share, holder, most, at) {
      const command = new UpdateCommand({
        TableName: dynamo.tableName,
        // A colon, because the alias of a channel, which stands in this place too, has none.
        Key: { key: `sender#share:${share.of}#${share.by}#${periodOfShare(share, at)}` },
        UpdateExpression: 'ADD #holders :holders SET #expiresAt = :expiresAt',
        ConditionExpression:
          'attribute_not_exists(#holders) OR size(#holders) < :most OR contains(#holders, :holder)',
        ExpressionAttributeNames: { '#holders': 'holders', '#expiresAt': 'expiresAt' },
        ExpressionAttributeValues: {
          ':holders': new Set([holder]),
          ':holder': holder,
          ':most': most,
          ':expiresAt': epochSeconds(at) + keptSeconds,
        },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      return whileBusy(dynamo, () => dynamo.client.send(command)).then(
        () => true,
        (error) => {
          itemInTheWay(error);
          return false;
        },
      );
    },

    async removeSender(senderDigest) {
      const keys: { readonly key: string }[] = [];
      await scanAll(
        dynamo,
        {
          TableName: dynamo.tableName,
          FilterExpression: 'begins_with(#key, :sender) AND contains(#key, :digest)',
          ExpressionAttributeNames: { '#key': 'key' },
          ExpressionAttributeValues: { ':sender': 'sender#', ':digest': `#${senderDigest}#` },
        },
        ({ key }) => void keys.push({ key: String(key) }),
      );
      await removeItems(dynamo, dynamo.tableName, keys);
      return keys.length;
    },
  };
}

function mailsOf(item: RawItem | null | undefined): SeenMail[] {
  if (item === null || item === undefined) {
    return [];
  }
  return [...readItem(bucketSchema, item, 'sender count').mails].map((mail) => {
    const separator = mail.indexOf(':');
    return { at: Number(mail.slice(0, separator)), messageId: mail.slice(separator + 1) };
  });
}
