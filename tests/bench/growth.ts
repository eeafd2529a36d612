import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createWorker } from '#functions/conversation-worker/dependencies.ts';
import { createSweepDependencies } from '#functions/freescout-sweep/dependencies.ts';
import { sweep } from '#functions/freescout-sweep/sweep.ts';
import { createPollDependencies } from '#functions/gmail-poll/dependencies.ts';
import { pollAccounts } from '#functions/gmail-poll/pollAccounts.ts';
import { answerStatus } from '#functions/status/answerStatus.ts';
import { createStatusDependencies } from '#functions/status/dependencies.ts';
import { type BenchSystem, startBenchSystem } from './benchSystem.ts';
import { type Counts, countsSince } from './counts.ts';
import { receiveMails } from './mails.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** What something costs when there is so much of something else. */
export interface Growth {
  readonly what: string;
  readonly size: number;
  readonly counts: Counts;
  readonly milliseconds: Spread;
}

const repeats = 7;
const rowCount = [100, 100_000];
const newMails = [1, 10, 100];
const conversations = [10, 100, 500];

/** Conversations that the sweep lists with one call. */
export const pageOfSweep = 50;

/** Runs polls, sweeps and status calls at several sizes. */
export async function measureGrowth(): Promise<readonly Growth[]> {
  return [...(await overRows()), ...(await overNewMails()), ...(await overConversations())];
}

async function overRows(): Promise<Growth[]> {
  const system = await startBenchSystem({});
  const measured: Growth[] = [];
  await poll(system);
  // Until it has, a look waits for it.
  await createWorker(system.parts, system.environment).dependencies.reportSecrets();
  let rows = 0;
  for (const size of rowCount) {
    await fillLedger(system, rows, size);
    rows = size;
    measured.push(await repeated(system, 'poll with nothing new, ledger rows', size, () => poll(system)));
    for (const path of ['/metrics', '/ready']) {
      measured.push(
        await repeated(system, `GET ${path}, ledger rows`, size, async () => {
          // With a look each time: the answer is kept for a while otherwise.
          await answerStatus(createStatusDependencies(system.parts, system.environment), {
            path,
            headers: { authorization: 'Bearer bench-token', 'cache-control': 'no-cache' },
          });
        }),
      );
    }
  }
  await system.stop();
  return measured;
}

async function overNewMails(): Promise<Growth[]> {
  const system = await startBenchSystem({});
  const measured: Growth[] = [];
  await poll(system);
  let received = 0;
  for (const size of newMails) {
    await receiveMails(system, received, size);
    received += size;
    measured.push(await once(system, 'poll, new mails', size, () => poll(system)));
  }
  await system.stop();
  return measured;
}

async function overConversations(): Promise<Growth[]> {
  const measured: Growth[] = [];
  for (const size of conversations) {
    const system = await startBenchSystem({ settings: { freescout: { webhookEnabled: false } } });
    for (let number = 0; number < size; number += 1) {
      await createConversation(system, number);
    }
    measured.push(
      await once(system, 'sweep, conversations', size, () =>
        sweep({
          ...createSweepDependencies(system.parts, system.environment),
          timeLeftMilliseconds: () => 200_000,
        }),
      ),
    );
    await system.stop();
  }
  return measured;
}

function poll(system: BenchSystem): Promise<void> {
  return pollAccounts({
    ...createPollDependencies(system.parts, system.environment),
    timeLeftMilliseconds: () => 100_000,
  });
}

async function repeated(
  system: BenchSystem,
  what: string,
  size: number,
  run: () => Promise<void>,
): Promise<Growth> {
  for (let warmUp = 0; warmUp < repeats; warmUp += 1) {
    await run();
  }
  const before = { ...system.counts };
  await run();
  const counts = countsSince(before, system.counts);
  const milliseconds: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    milliseconds.push(await timed(run));
  }
  return { what, size, counts, milliseconds: spreadOf(milliseconds) };
}

async function once(
  system: BenchSystem,
  what: string,
  size: number,
  run: () => Promise<void>,
): Promise<Growth> {
  const before = { ...system.counts };
  const milliseconds = await timed(run);
  return { what, size, counts: countsSince(before, system.counts), milliseconds: spreadOf([milliseconds]) };
}

async function timed(run: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

/** Terminal rows as the worker leaves them; one in a hundred failed, which is what an index lists. */
async function fillLedger(system: BenchSystem, from: number, to: number): Promise<void> {
  const writers = 8;
  let next = from;
  const write = async (client: DynamoDBDocumentClient) => {
    while (next < to) {
      const first = next;
      next = Math.min(to, next + 25);
      const rows = Array.from({ length: next - first }, (_, index) => row(first + index));
      await client.send(
        new BatchWriteCommand({
          RequestItems: { [system.tables.processedMessages]: rows.map((Item) => ({ PutRequest: { Item } })) },
        }),
      );
    }
  };
  await Promise.all(Array.from({ length: writers }, () => write(system.parts.dynamo.client)));
}

function row(number: number) {
  const at = new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString();
  return {
    key: `gmail:support:bench${number}`,
    status: number % 100 === 0 ? 'failed' : 'success',
    statusAt: at,
    createdAt: at,
    attempts: 1,
    version: 2,
    conversationId: number,
    ...(number % 100 === 0 ? { listedStatus: 'failed', reason: 'freescout-error', retryable: false } : {}),
  };
}

async function createConversation(system: BenchSystem, number: number): Promise<void> {
  const answer = await fetch(`${system.freescout.url}/api/conversations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-freescout-api-key': system.freescout.apiKey },
    body: JSON.stringify({
      type: 'email',
      mailboxId: 1,
      subject: `Question ${number}`,
      customer: { email: `anna@customer${number}.example` },
      threads: [
        {
          type: 'customer',
          text: 'Where is my order?',
          customer: { email: `anna@customer${number}.example` },
        },
      ],
    }),
  });
  if (!answer.ok) {
    throw new Error(`The desk answered ${answer.status}: ${await answer.text()}`);
  }
}
