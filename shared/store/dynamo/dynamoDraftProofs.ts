import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { DraftProof, DraftProofs } from '../draftProofs.ts';
import { type Dynamo, getByKey, readItem, transact, whileBusy } from './requests.ts';

const draftProofSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('proven'), url: z.string(), at: z.string() }),
  z.object({ state: z.literal('stopped'), url: z.string(), at: z.string(), reason: z.string() }),
]) satisfies z.ZodType<DraftProof>;

/** Whether drafts are safe: one item. */
export function createDynamoDraftProofs(dynamo: Dynamo & { readonly tableName: string }): DraftProofs {
  const { client, tableName } = dynamo;

  return {
    async getDraftProof() {
      const item = await getByKey(dynamo, tableName, 'draft-proof');
      return item === null ? null : readItem(draftProofSchema, item, 'proof of drafts');
    },

    async saveDraftProof(proof) {
      // A refusal means that a stop of this address stands.
      await transact(dynamo, [
        {
          Put: {
            TableName: tableName,
            Item: { ...proof, key: 'draft-proof' },
            ...(proof.state === 'stopped'
              ? {}
              : {
                  ConditionExpression: 'attribute_not_exists(#state) OR #state <> :stopped OR #url <> :url',
                  ExpressionAttributeNames: { '#state': 'state', '#url': 'url' },
                  ExpressionAttributeValues: { ':stopped': 'stopped', ':url': proof.url },
                }),
          },
        },
      ]);
    },

    async clearDraftProof() {
      const command = new DeleteCommand({ TableName: tableName, Key: { key: 'draft-proof' } });
      await whileBusy(dynamo, () => client.send(command));
    },
  };
}
