import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { createDynamoStore } from '#shared/store/dynamo/dynamoStore.ts';
import { messageKey, threadMapKey } from '#shared/store/keys.ts';
import type { Store } from '#shared/store/store.ts';
import { rightsOf } from '#tests/support/rightsOfStack.ts';
import { synthesizeStack } from '#tests/support/synthesizeStack.ts';

/**
 * A right that is missing shows only on AWS: nothing checks it on one machine. So the rights of every function are compared
 * with what its code asks of DynamoDB: each method of the store is called once and its requests are recorded, and the sources
 * of each function are searched for the methods they call.
 */

const projectRoot = join(import.meta.dirname, '../../..');

const tables = {
  processedMessages: 'TablesProcessedMessages',
  threadMap: 'TablesThreadMap',
  botDrafts: 'TablesBotDrafts',
  systemState: 'TablesSystemState',
  webhookEvents: 'TablesWebhookEvents',
};

const now = new Date('2026-01-02T03:04:05Z');
const key = messageKey('gmail', 'support', 'm1');
const conversationId = 7;
const origin = { type: 'lead', bucket: 'p1', language: 'en', promptVersion: '1' } as const;
const about = { conversationId, kind: 'reply', answeredThreadId: 1, draftThreadId: 2, ...origin } as const;

type Calls = {
  readonly [Part in keyof Store]: {
    readonly [Method in keyof Store[Part]]: (store: Store) => Promise<unknown>;
  };
};

/** Every method of the store, called so that it writes all it can write. */
const calls: Calls = {
  ledger: {
    get: ({ ledger }) => ledger.get(key),
    getAll: ({ ledger }) => ledger.getAll([key]),
    claim: ({ ledger }) => ledger.claim(key, { owner: 'me', leaseSeconds: 210, lastDelivery: false }),
    progress: ({ ledger }) => ledger.progress(key, 'me', { noDraft: null }),
    finish: ({ ledger }) =>
      ledger.finish(key, 'me', {
        status: 'success',
        action: 'create',
        threadMap: [{ key: threadMapKey.freescoutThread(1), conversationId }],
      }),
    release: ({ ledger }) => ledger.release(key, 'me'),
    settle: ({ ledger }) => ledger.settle([{ key, outcome: { status: 'filtered', reason: 'label' } }]),
    listByStatus: ({ ledger }) => ledger.listByStatus('failed', { limit: 1 }),
    withdraw: ({ ledger }) => ledger.withdraw(key, 'me'),
    giveUp: ({ ledger }) => ledger.giveUp(key),
    reconsider: ({ ledger }) => ledger.reconsider(key, { was: 'label', reason: 'relabelled' }),
    reopen: ({ ledger }) => ledger.reopen(key),
    forgetRow: ({ ledger }) => ledger.forgetRow(key),
    listOfConversations: ({ ledger }) => ledger.listOfConversations(new Set([conversationId])),
    probe: ({ ledger }) => ledger.probe(),
  },
  threadMap: {
    getAll: ({ threadMap }) => threadMap.getAll([threadMapKey.freescoutThread(1)]),
    putAll: ({ threadMap }) => threadMap.putAll([{ key: threadMapKey.freescoutThread(1), conversationId }]),
    listOfConversations: ({ threadMap }) => threadMap.listOfConversations(new Set([conversationId])),
    removeEntries: ({ threadMap }) => threadMap.removeEntries([threadMapKey.freescoutThread(1)]),
    probe: ({ threadMap }) => threadMap.probe(),
  },
  drafts: {
    getLive: ({ drafts }) => drafts.getLive(conversationId),
    saveLive: ({ drafts }) =>
      drafts.saveLive({ ...about, state: 'sent', fingerprint: 'f', createdAt: now.toISOString() }, 1, {
        cycle: {
          ...about,
          outcome: 'unchanged',
          similarity: 1,
          minutesToSend: 1,
          endedAt: now.toISOString(),
        },
        text: { draftThreadId: 2, html: '<div>a</div>', keepDays: 90 },
      }),
    getText: ({ drafts }) => drafts.getText(2, conversationId),
    listCycles: ({ drafts }) => drafts.listCycles(conversationId),
    listNewest: ({ drafts }) => drafts.listNewest(10),
    reset: ({ drafts }) => drafts.reset(conversationId),
    listTexts: ({ drafts }) => drafts.listTexts(conversationId),
    removeConversation: ({ drafts }) => drafts.removeConversation(conversationId),
    probe: ({ drafts }) => drafts.probe(),
  },
  state: {
    rememberThreadStarter: ({ state }) =>
      state.rememberThreadStarter(threadMapKey.thread('gmail', 'a', 't'), key),
    threadStarterOf: ({ state }) => state.threadStarterOf(threadMapKey.thread('gmail', 'a', 't')),
    forgetThreadStarter: ({ state }) =>
      state.forgetThreadStarter(threadMapKey.thread('gmail', 'a', 't'), key),
    enterMessage: ({ state }) =>
      state.enterMessage('d', 1, { key: messageKey('gmail', 'a', 'm'), contentDigest: 'c' }),
    rememberMissingAddress: ({ state }) => state.rememberMissingAddress('a', 'group@example.com'),
    missingAddressesOf: ({ state }) => state.missingAddressesOf('a'),
    getPollCursor: ({ state }) => state.getPollCursor('gmail', 'support'),
    savePollCursor: ({ state }) =>
      state.savePollCursor(
        'gmail',
        { account: 'support', historyId: '1', polledAt: null, gapCheckedAt: null, fault: null, missing: 0 },
        0,
      ),
    getSweepCursor: ({ state }) => state.getSweepCursor(),
    saveSweepCursor: ({ state }) =>
      state.saveSweepCursor({
        listedAt: null,
        ranAt: null,
        failedWokenAt: null,
        digestDay: null,
        digestHour: null,
        missing: 0,
      }),
    intakeSince: ({ state }) => state.intakeSince(now, 100),
    getDraftProof: ({ state }) => state.getDraftProof(),
    saveDraftProof: ({ state }) => state.saveDraftProof({ state: 'proven', url: 'u', at: now.toISOString() }),
    clearDraftProof: ({ state }) => state.clearDraftProof(),
    counts: ({ state }) => state.counts(),
    countWebhook: ({ state }) => state.countWebhook('a', true, now),
    reserveSpend: ({ state }) =>
      state.reserveSpend('draft', 0.01, { dailyUsd: 1, monthlyUsd: 2, draftsPerDay: 3 }, now),
    settleSpend: ({ state }) => state.settleSpend(0.02, 0.01, now),
    getMeter: ({ state }) => state.getMeter(now),
    takeCalls: ({ state }) => state.takeCalls('freescout', 10, { maxRequests: 100, windowSeconds: 60 }, now),
    countMailOfSender: ({ state }) => state.countMailOfSender('support', 'd', 'm1', now),
    takePlace: ({ state }) => state.takePlace({ of: 'model', by: 'd', per: 'day' }, key, 3, now),
    acquireSenderLock: ({ state }) => state.acquireSenderLock('d', key, 60, now),
    releaseSenderLock: ({ state }) => state.releaseSenderLock('d', key, now),
    removeSender: ({ state }) => state.removeSender('d'),
    getRegisteredWebhook: ({ state }) => state.getRegisteredWebhook(),
    saveRegisteredWebhook: ({ state }) =>
      state.saveRegisteredWebhook({ id: 1, freescoutUrl: 'u', target: 't' }),
    keptReadiness: ({ state }) => state.keptReadiness(),
    beginLook: ({ state }) => state.beginLook('me', { at: now, until: now, newEnough: now }),
    keepLook: ({ state }) =>
      state.keepLook('me', {
        at: now.toISOString(),
        status: 'ready',
        issues: [],
        draftMode: null,
        sightings: [],
      }),
    secretReportOf: ({ state }) => state.secretReportOf('SECRET_OPENAI'),
    saveSecretReport: ({ state }) =>
      state.saveSecretReport(
        { variable: 'SECRET_OPENAI', fillings: {}, fault: null, at: now.toISOString() },
        now,
      ),
    rememberFault: ({ state }) =>
      state.rememberFault('OpenAIFailing', { code: 'quota', at: now, count: 1, conversationId: null }),
    forgetFault: ({ state }) => state.forgetFault('OpenAIFailing'),
    rememberedFaults: ({ state }) => state.rememberedFaults(),
    probe: ({ state }) => state.probe(),
  },
  webhookEvents: {
    keep: ({ webhookEvents }) =>
      webhookEvents.keep({
        id: 'a',
        event: null,
        conversationId,
        rawBody: Buffer.alloc(1),
        receivedAt: now,
        keepDays: 30,
      }),
    get: ({ webhookEvents }) => webhookEvents.get('a'),
    visitAll: ({ webhookEvents }) => webhookEvents.visitAll(() => {}),
    removeEvent: ({ webhookEvents }) => webhookEvents.removeEvent('a'),
    probe: ({ webhookEvents }) => webhookEvents.probe(),
  },
};

const tableInput = z.object({ TableName: z.string(), IndexName: z.string().optional() });
const batchInput = z.object({ RequestItems: z.record(z.string(), z.unknown()) });
const transactionInput = z.object({ TransactItems: z.array(z.record(z.string(), tableInput)) });
const transactionActions: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

/** Rights that a request needs, as `table: dynamodb:action`. */
function rightsOfRequest(command: string, input: unknown): string[] {
  const right = (table: string, action: string) => `${table}: dynamodb:${action}`;
  switch (command) {
    case 'TransactWriteCommand':
      return transactionInput
        .parse(input)
        .TransactItems.flatMap((item) =>
          Object.entries(item).map(([kind, { TableName }]) =>
            right(TableName, transactionActions[kind] ?? kind),
          ),
        );
    case 'BatchGetCommand':
    case 'BatchWriteCommand':
      return Object.keys(batchInput.parse(input).RequestItems).map((table) =>
        right(table, command.replace('Command', 'Item')),
      );
    case 'QueryCommand': {
      const { TableName, IndexName } = tableInput.parse(input);
      return [right(IndexName === undefined ? TableName : `${TableName}/index/${IndexName}`, 'Query')];
    }
    default:
      return [right(tableInput.parse(input).TableName, command.replace('Command', 'Item'))];
  }
}

const answers: Readonly<Record<string, unknown>> = {
  BatchGetCommand: { Responses: {} },
  QueryCommand: { Items: [] },
};

/** Rights that a method of the store needs. */
async function rightsOfCall(call: (store: Store) => Promise<unknown>): Promise<ReadonlySet<string>> {
  const rights = new Set<string>();
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-central-1' }));
  vi.spyOn(client, 'send').mockImplementation(async (command: { readonly input: unknown }) => {
    const name = command.constructor.name;
    for (const right of rightsOfRequest(name, command.input)) {
      rights.add(right);
    }
    return name === 'GetCommand' ? { Item: storedItem(command.input) } : (answers[name] ?? {});
  });
  const clock = { now: () => now, sleep: async () => undefined, random: () => 0.5 };
  await call(createDynamoStore({ client, clock, tables }));
  return rights;
}

/** What is stored: a row of ours that can go anywhere, and the meter of today. */
function storedItem(input: unknown): unknown {
  const { TableName, Key } = z
    .object({ TableName: z.string(), Key: z.record(z.string(), z.string()) })
    .parse(input);
  const at = now.toISOString();
  if (TableName === tables.processedMessages) {
    return {
      key,
      status: 'failed',
      retryable: true,
      statusAt: at,
      firstSeenAt: at,
      attempts: 1,
      leaseOwner: 'me',
      version: 1,
    };
  }
  if (Key.item === 'live') {
    return {
      ...about,
      conversationId: '7',
      state: 'live',
      fingerprint: 'f',
      createdAt: at,
      updatedAt: at,
      version: 1,
    };
  }
  return Key.key === 'meter'
    ? { day: '2026-01-02', month: '2026-01', dayNano: 1e9, monthNano: 1e9, draftsToday: 1 }
    : undefined;
}

/** Methods whose name says too little: they count only behind the name of their part. */
const commonNames = new Set([
  'get',
  'getAll',
  'putAll',
  'keep',
  'release',
  'reset',
  'progress',
  'finish',
  'settle',
  'claim',
]);

function calledMethods(code: string): string[] {
  return Object.entries(calls).flatMap(([part, methods]) =>
    Object.keys(methods)
      .filter((method) => {
        const receiver = commonNames.has(method) ? `\\b${part}` : '';
        return new RegExp(`${receiver}\\??\\.${method}\\(`).test(code);
      })
      .map((method) => `${part}.${method}`),
  );
}

/** Sources that end up in a function's bundle, without the store itself. */
async function codeOf(folder: string): Promise<string> {
  const { metafile } = await build({
    entryPoints: [`functions/${folder}/handler.ts`],
    absWorkingDir: projectRoot,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return Object.keys(metafile.inputs)
    .filter((path) => !path.startsWith('shared/store/'))
    .map((path) => readFileSync(join(projectRoot, path), 'utf8'))
    .join('\n');
}

describe('rights on tables', () => {
  const stack = synthesizeStack();
  const rightsOfMethod = new Map<string, ReadonlySet<string>>();

  beforeAll(async () => {
    for (const [part, methods] of Object.entries(calls)) {
      for (const [method, call] of Object.entries<(store: Store) => Promise<unknown>>(methods)) {
        rightsOfMethod.set(`${part}.${method}`, await rightsOfCall(call));
      }
    }
  });

  it('are asked for by every method of the store', () => {
    const silent = [...rightsOfMethod].filter(([, rights]) => rights.size === 0).map(([method]) => method);
    expect(silent).toEqual([]);
  });

  it.each([
    ['FreescoutWebhook', 'freescout-webhook'],
    ['GmailPoll', 'gmail-poll'],
    ['FreescoutSweep', 'freescout-sweep'],
    ['FollowUps', 'follow-ups'],
    ['ConversationWorker', 'conversation-worker'],
    ['Status', 'status'],
  ])('of %s are those that its code uses', async (id, folder) => {
    expect(existsSync(join(projectRoot, 'functions', folder))).toBe(true);
    const methods = calledMethods(await codeOf(folder));
    expect(methods).not.toEqual([]);
    const needed = new Set(methods.flatMap((method) => [...(rightsOfMethod.get(method) ?? [])]));
    const granted = Object.entries(rightsOf(stack, id))
      .filter(([resource]) => resource.startsWith('Tables'))
      .flatMap(([resource, actions]) => actions.map((action) => `${resource}: ${action}`));
    expect(granted.sort()).toEqual([...needed].sort());
  });
});
