import { createPollDependencies } from '#functions/gmail-poll/dependencies.ts';
import { pollAccounts } from '#functions/gmail-poll/pollAccounts.ts';
import { startBenchSystem } from './benchSystem.ts';
import { realLatencies } from './latencies.ts';
import { receiveMails } from './mails.ts';
import { workOneAfterTheOther } from './sequentialWay.ts';
import { until, workOnQueue } from './workOnQueue.ts';

/*
 * One measurement of the throughput in a process of its own: `throughputRun.ts <mails> <concurrency>`; concurrency 0 is the
 * sequential way. Writes one line of JSON.
 */
const [mails = 10, concurrency = 0] = process.argv.slice(2).map(Number);
const system = await startBenchSystem({ latencies: realLatencies });

// The first mail proves that drafts stay drafts and starts the cursor; no later one does that again.
const worker = workOnQueue(system, Math.max(1, concurrency));
const poll = () =>
  pollAccounts({
    ...createPollDependencies(system.parts, system.environment),
    timeLeftMilliseconds: () => 100_000,
  });
await receiveMails(system, 0, 1);
await poll();
await until('the first mail', () => worker.done() === 2, 60);
if (concurrency === 0) {
  await worker.stop();
}

await receiveMails(system, 1, mails);
const draftsBefore = draftCount();
const startedAt = performance.now();
const cpuBefore = process.cpuUsage();
if (concurrency === 0) {
  await workOneAfterTheOther(system, mails);
} else {
  await poll();
  await until('all mails', () => draftCount() - draftsBefore === mails, 900);
}
const seconds = (performance.now() - startedAt) / 1000;
const { user, system: kernel } = process.cpuUsage(cpuBefore);
process.stdout.write(
  `${JSON.stringify({
    mails,
    concurrency,
    seconds,
    drafts: draftCount() - draftsBefore,
    failed: worker.failed(),
    processorMillisecondsPerMail: (user + kernel) / 1000 / mails,
  })}\n`,
);
await worker.stop();
await system.stop();
process.exit(0);

function draftCount(): number {
  return [...system.freescout.model.threads.values()].filter(({ state }) => state === 'draft').length;
}
