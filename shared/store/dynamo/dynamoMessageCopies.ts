import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { type MessageKey, parseLedgerKey } from '../keys.ts';
import type { EnteredMessage, MessageCopies } from '../messageCopies.ts';
import { type Dynamo, epochSeconds, type RawItem, readItem, whileBusy } from './requests.ts';

const entrySchema = z.object({
  key: z.custom<MessageKey>((key) => typeof key === 'string' && parseLedgerKey(key)?.kind === 'message'),
  contentDigest: z.string(),
});

const keptSeconds = 30 * 24 * 3600;

/** Messages by the id that their senders gave them: one item per id, in it one attribute per mailbox. */
export function createDynamoMessageCopies(dynamo: Dynamo & { readonly tableName: string }): MessageCopies {
  const { client, tableName } = dynamo;

  async function enter(
    idDigest: string,
    mailboxId: number,
    message: EnteredMessage,
    insteadOf: MessageKey | null,
  ): Promise<RawItem> {
    const command = new UpdateCommand({
      TableName: tableName,
      Key: { key: `message-id#${idDigest}` },
      UpdateExpression:
        insteadOf === null
          ? 'SET #mailbox = if_not_exists(#mailbox, :message), #expiresAt = :expiresAt'
          : 'SET #mailbox = :message, #expiresAt = :expiresAt',
      ...(insteadOf === null ? {} : { ConditionExpression: '#mailbox.#key = :insteadOf' }),
      ExpressionAttributeNames: {
        '#mailbox': attributeOf(mailboxId),
        '#expiresAt': 'expiresAt',
        ...(insteadOf === null ? {} : { '#key': 'key' }),
      },
      ExpressionAttributeValues: {
        ':message': message,
        ':expiresAt': epochSeconds(dynamo.clock.now()) + keptSeconds,
        ...(insteadOf === null ? {} : { ':insteadOf': insteadOf }),
      },
      ReturnValues: 'ALL_NEW',
    });
    return (await whileBusy(dynamo, () => client.send(command))).Attributes ?? {};
  }

  return {
    async enterMessage(idDigest, mailboxId, message, insteadOf) {
      let item: RawItem;
      try {
        item = await enter(idDigest, mailboxId, message, insteadOf ?? null);
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) {
          throw error;
        }
        item = await enter(idDigest, mailboxId, message, null);
      }
      return new Map(
        Object.entries(item).flatMap(([name, entry]) => {
          const mailbox = mailboxIn(name);
          return mailbox === null
            ? []
            : [[mailbox, readItem(entrySchema, entry as RawItem, `messages of id ${idDigest}`)] as const];
        }),
      );
    },
  };
}

function attributeOf(mailboxId: number): string {
  return `mailbox${mailboxId}`;
}

function mailboxIn(attribute: string): number | null {
  const id = /^mailbox(\d+)$/.exec(attribute)?.[1];
  return id === undefined ? null : Number(id);
}
