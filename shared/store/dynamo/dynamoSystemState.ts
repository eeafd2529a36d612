import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { type LedgerKey, parseLedgerKey, probeName, type ThreadMapKey } from '../keys.ts';
import type { DraftProof, GmailCursor, RegisteredWebhook, SweepCursor, SystemState } from '../systemState.ts';
import { latestOf, readCounters, sumsOf } from './counterSums.ts';
import {
  claimedAtCounter,
  draftStateCounter,
  outcomeCounter,
  statusCounter,
  threadMappingCounter,
  webhookCounter,
} from './counters.ts';
import { createDynamoCallCounts } from './dynamoCallCounts.ts';
import { createDynamoSenderCounts } from './dynamoSenderCounts.ts';
import { createDynamoSenderLocks } from './dynamoSenderLocks.ts';
import { createDynamoSpendMeter } from './dynamoSpendMeter.ts';
import { createDynamoWebhookCount } from './dynamoWebhookCount.ts';
import { probeTable } from './probeTable.ts';
import { type Dynamo, epochSeconds, type RawItem, readItem, transact, whileBusy } from './requests.ts';

const gmailCursorSchema = z.object({
  account: z.string(),
  historyId: z.string().nullable(),
  polledAt: z.string().nullable(),
  gapCheckedAt: z.string().nullable(),
  fault: z.string().nullable(),
  missing: z.int().min(0),
  version: z.int().min(1),
}) satisfies z.ZodType<GmailCursor>;

const sweepCursorSchema = z.object({
  listedAt: z.string().nullable(),
  ranAt: z.string().nullable(),
  failedWokenAt: z.string().nullable(),
  missing: z.int().min(0),
}) satisfies z.ZodType<SweepCursor>;

const draftProofSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('proven'), url: z.string(), at: z.string() }),
  z.object({ state: z.literal('stopped'), url: z.string(), at: z.string(), reason: z.string() }),
]) satisfies z.ZodType<DraftProof>;

const registeredWebhookSchema = z.object({
  id: z.int().positive(),
  freescoutUrl: z.string(),
  target: z.string(),
}) satisfies z.ZodType<RegisteredWebhook>;

const threadStarterSchema = z.object({
  mail: z.custom<LedgerKey>((key) => typeof key === 'string' && parseLedgerKey(key) !== null),
});

/** The dead letters keep a job for 14 days; after that only an operator finishes what a thread starter began. */
const threadStarterSeconds = 30 * 24 * 3600;

const intakeSchema = z.object({ since: z.iso.datetime() });

export function createDynamoSystemState(dynamo: Dynamo & { readonly tableName: string }): SystemState {
  const { client, tableName } = dynamo;

  async function read(key: string): Promise<RawItem | null> {
    const command = new GetCommand({ TableName: tableName, Key: { key }, ConsistentRead: true });
    return (await whileBusy(dynamo, () => client.send(command))).Item ?? null;
  }

  return {
    ...createDynamoSpendMeter(dynamo),
    ...createDynamoSenderCounts(dynamo),
    ...createDynamoSenderLocks(dynamo),
    ...createDynamoCallCounts(dynamo),
    ...createDynamoWebhookCount(dynamo),

    async getGmailCursor(account) {
      const item = await read(gmailCursorKey(account));
      return item === null
        ? {
            account,
            historyId: null,
            polledAt: null,
            gapCheckedAt: null,
            fault: null,
            missing: 0,
            version: 0,
          }
        : readItem(gmailCursorSchema, item, `cursor of ${account}`);
    },

    async saveGmailCursor(cursor, expectedVersion) {
      const refused = await transact(dynamo, [
        {
          Put: {
            TableName: tableName,
            Item: { ...cursor, key: gmailCursorKey(cursor.account), version: expectedVersion + 1 },
            ...(expectedVersion === 0
              ? { ConditionExpression: 'attribute_not_exists(#version)' }
              : {
                  ConditionExpression: '#version = :version',
                  ExpressionAttributeValues: { ':version': expectedVersion },
                }),
            ExpressionAttributeNames: { '#version': 'version' },
          },
        },
      ]);
      return refused.size === 0;
    },

    async getSweepCursor() {
      const item = await read('sweep-cursor');
      return item === null
        ? { listedAt: null, ranAt: null, failedWokenAt: null, missing: 0 }
        : readItem(sweepCursorSchema, item, 'cursor of the sweep');
    },

    async saveSweepCursor(cursor) {
      const command = new PutCommand({ TableName: tableName, Item: { ...cursor, key: 'sweep-cursor' } });
      await whileBusy(dynamo, () => client.send(command));
    },

    async intakeSince(proposed) {
      const key = 'intake.since';
      let stored = await read(key);
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

    async rememberThreadStarter(gmailThread, mail) {
      const command = new PutCommand({
        TableName: tableName,
        Item: {
          key: threadStarterKey(gmailThread),
          mail,
          expiresAt: epochSeconds(dynamo.clock.now()) + threadStarterSeconds,
        },
      });
      await whileBusy(dynamo, () => client.send(command));
    },

    async threadStarterOf(gmailThread) {
      const item = await read(threadStarterKey(gmailThread));
      return item === null ? null : readItem(threadStarterSchema, item, `starter of ${gmailThread}`).mail;
    },

    async forgetThreadStarter(gmailThread, mail) {
      const refused = await transact(dynamo, [
        {
          Delete: {
            TableName: tableName,
            Key: { key: threadStarterKey(gmailThread) },
            ConditionExpression: '#mail = :mail',
            ExpressionAttributeNames: { '#mail': 'mail' },
            ExpressionAttributeValues: { ':mail': mail },
          },
        },
      ]);
      return refused.size === 0;
    },

    async getDraftProof() {
      const item = await read('draft-proof');
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

    async counts() {
      const items = await readCounters(dynamo, tableName);
      const { threadMappings } = sumsOf(items, { threadMappings: threadMappingCounter });
      const { received, failed } = webhookCounter;
      return {
        messages: sumsOf(items, statusCounter),
        lastClaimAt: latestOf(items, claimedAtCounter),
        threadMappings,
        drafts: sumsOf(items, draftStateCounter),
        draftOutcomes: sumsOf(items, outcomeCounter),
        webhooks: { ...sumsOf(items, { received, failed }), lastAt: latestOf(items, webhookCounter.lastAt) },
      };
    },

    async getRegisteredWebhook() {
      const item = await read('registered-webhook');
      return item === null ? null : readItem(registeredWebhookSchema, item, 'registered webhook');
    },

    async saveRegisteredWebhook(webhook) {
      const command = new PutCommand({
        TableName: tableName,
        Item: { ...webhook, key: 'registered-webhook' },
      });
      await whileBusy(dynamo, () => client.send(command));
    },

    probe: () => probeTable(dynamo, { key: probeName }),
  };
}

function threadStarterKey(gmailThread: ThreadMapKey): string {
  return `beginning#${gmailThread}`;
}

function gmailCursorKey(account: string): string {
  return `gmail-cursor#${account}`;
}
