import { randomUUID } from 'node:crypto';
import { createFollowUpsDependencies } from '#functions/follow-ups/dependencies.ts';
import { queueFollowUps } from '#functions/follow-ups/queueFollowUps.ts';
import { createWebhookDependencies } from '#functions/freescout-webhook/dependencies.ts';
import { receiveWebhook } from '#functions/freescout-webhook/receiveWebhook.ts';
import { createPollDependencies } from '#functions/gmail-poll/dependencies.ts';
import { pollAccounts } from '#functions/gmail-poll/pollAccounts.ts';
import { agentActions } from '#infra/standins/freescout/agent.ts';
import { priorityFieldName, startBenchSystem } from './benchSystem.ts';
import { type Counts, countsSince } from './counts.ts';
import { realLatencies } from './latencies.ts';
import { listPrices } from './listPrices.ts';
import { customerMail, messageIdOf, newsletter, receiveMails } from './mails.ts';
import { signed, webhookBody } from './webhooks.ts';
import { until, workOnQueue } from './workOnQueue.ts';

/** What one event costs, from its arrival until nothing is left to do. */
export interface CaseCost {
  readonly name: string;
  readonly counts: Counts;
  readonly workerMilliseconds: number;
  readonly otherMilliseconds: number;
  readonly usdPerThousand: number;
  readonly modelUsdPerThousand: number;
  /** What the case has to keep to, or null. */
  readonly target: string | null;
  readonly isMet: boolean;
}

/** The most of what a case may ask for. */
interface Limits {
  readonly freescoutCalls?: number;
  readonly gmailUnits?: number;
  readonly modelCalls?: number;
}

/** Runs the usual cases one by one, with others answering as slowly as the real ones. */
export async function measureCosts(): Promise<readonly CaseCost[]> {
  return [
    ...(await casesOf('', {}, false)),
    ...(await casesOf(
      'new mail, custom field set',
      { freescout: { priorityFieldId: priorityFieldName } },
      false,
    )),
    ...(await casesOf('new mail, assigned', { freescout: { assignTo: 1 } }, false)),
    ...(await casesOf('new mail, managed mode', {}, true)),
  ];
}

/** @param only - name of a new mail that is measured alone, with what the mode changes; empty: every case. */

async function casesOf(only: string, settings: unknown, companionModule: boolean): Promise<CaseCost[]> {
  const system = await startBenchSystem({
    latencies: realLatencies,
    companionModule,
    settings: {
      followUps: { hoursWithoutReply: 0.0001, reminder: { enabled: true, afterDays: 0.000001 } },
      ...(settings as object),
    },
  });
  const worker = workOnQueue(system, 4);
  const costs: CaseCost[] = [];
  const poll = () =>
    pollAccounts({
      ...createPollDependencies(system.parts, system.environment),
      timeLeftMilliseconds: () => 100_000,
    });
  const webhook = async (event: string, body: Buffer) => {
    await receiveWebhook(createWebhookDependencies(system.parts, system.environment), {
      requestId: randomUUID(),
      headers: {
        'x-freescout-event': event,
        'x-freescout-signature': signed(body, system.freescout.webhookSecret),
      },
      rawBody: body,
    });
  };
  const measure = async (
    name: string,
    { jobs, httpRequests = 0 }: { readonly jobs: number; readonly httpRequests?: number },
    limits: Limits | null,
    cause: () => Promise<void>,
  ) => {
    const before = { ...system.counts };
    const [done, busy] = [worker.done(), worker.busyMilliseconds()];
    const startedAt = performance.now();
    await cause();
    const other = performance.now() - startedAt;
    await until(name, () => worker.done() >= done + jobs, 60);
    const counts = countsSince(before, system.counts);
    const workerMilliseconds = worker.busyMilliseconds() - busy;
    costs.push({
      name,
      counts,
      workerMilliseconds,
      otherMilliseconds: other,
      ...priced(counts, workerMilliseconds, other, { invocations: jobs + 1, httpRequests }),
      target: limits === null ? null : targetText(limits),
      isMet: limits === null || isWithin(counts, limits),
    });
  };
  const conversationOf = (number: number) =>
    [...system.freescout.model.conversations.values()].find(
      ({ subject }) => subject === `Question about order ${1000 + number}`,
    )?.id ?? 0;

  // The first mail ever also proves that drafts stay drafts, and starts the cursor.
  await receiveMails(system, 0, 1);
  await poll();
  await until('the first mail', () => worker.done() >= 2, 60);

  const isPlain = only === '';
  await measure(
    isPlain ? 'new mail' : only,
    { jobs: 2 },
    { freescoutCalls: isPlain ? 6 : 7, gmailUnits: 25 },
    async () => {
      await receiveMails(system, 1, 1);
      await poll();
    },
  );
  // One look queues one conversation.
  const lookForOne = () =>
    queueFollowUps({
      ...createFollowUpsDependencies(system.parts, system.environment),
      settings: { ...system.settings, followUps: { ...system.settings.followUps, limit: 1 } },
      timeLeftMilliseconds: () => 100_000,
    });
  if (companionModule) {
    await measure('follow-up, its draft is seen waiting', { jobs: 1 }, { modelCalls: 0 }, lookForOne);
  }
  if (isPlain) {
    const conversationId = conversationOf(1);
    const body = webhookBody(conversationId);
    await measure(
      'webhook that echoes our own write',
      { jobs: 1, httpRequests: 1 },
      { freescoutCalls: 1, modelCalls: 0 },
      () => webhook('convo.created', body),
    );
    await measure(
      'the same webhook again',
      { jobs: 0, httpRequests: 1 },
      { freescoutCalls: 1, modelCalls: 0 },
      () => webhook('convo.created', body),
    );
    await measure('second mail', { jobs: 3 }, null, async () => {
      await system.gmail.insert({ raw: customerMail(1, { inReplyTo: messageIdOf(1) }) });
      await poll();
    });
    await measure('filtered newsletter', { jobs: 1 }, { freescoutCalls: 0, modelCalls: 0 }, async () => {
      await system.gmail.insert({ raw: newsletter(1) });
      await poll();
    });
    await measure('follow-up, its draft cannot be seen', { jobs: 1 }, { modelCalls: 1 }, lookForOne);
    agentActions(system.freescout.model).reply(conversationId, {
      user: 1,
      body: '<div>Dark green is fine.</div>',
    });
    await measure("agent's reply", { jobs: 1, httpRequests: 1 }, { modelCalls: 0 }, () =>
      webhook('convo.agent.reply.created', body),
    );
    await measure('follow-up that drafts a reminder', { jobs: 1 }, null, lookForOne);
    await measure('poll with nothing new', { jobs: 0 }, { freescoutCalls: 0, modelCalls: 0 }, poll);
  }
  await worker.stop();
  await system.stop();
  return costs;
}

function isWithin(counts: Counts, limits: Limits): boolean {
  return (
    counts.freescoutCalls <= (limits.freescoutCalls ?? Number.POSITIVE_INFINITY) &&
    counts.gmailUnits <= (limits.gmailUnits ?? Number.POSITIVE_INFINITY) &&
    counts.modelCalls <= (limits.modelCalls ?? Number.POSITIVE_INFINITY)
  );
}

function targetText({ freescoutCalls, gmailUnits, modelCalls }: Limits): string {
  return [
    freescoutCalls === undefined ? '' : `FreeScout ≤ ${freescoutCalls}`,
    gmailUnits === undefined ? '' : `Gmail ≤ ${gmailUnits}`,
    modelCalls === undefined ? '' : `model ≤ ${modelCalls}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function priced(
  counts: Counts,
  workerMilliseconds: number,
  otherMilliseconds: number,
  { invocations, httpRequests }: { readonly invocations: number; readonly httpRequests: number },
): Pick<CaseCost, 'usdPerThousand' | 'modelUsdPerThousand'> {
  const { lambda, dynamodb, sqsFifo, httpApi } = listPrices;
  const gigabyteSeconds = workerMilliseconds / 1000 + (otherMilliseconds / 1000) * 0.5;
  const platform =
    gigabyteSeconds * lambda.perGigabyteSecondArm +
    (invocations * lambda.perMillionRequests +
      counts.readUnits * dynamodb.perMillionReadUnits +
      counts.writeUnits * dynamodb.perMillionWriteUnits +
      counts.sqsRequests * sqsFifo.perMillionRequests +
      httpRequests * httpApi.perMillionRequests) /
      1e6;
  return {
    usdPerThousand: (platform + counts.modelUsd) * 1000,
    modelUsdPerThousand: counts.modelUsd * 1000,
  };
}
