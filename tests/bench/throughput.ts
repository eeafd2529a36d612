import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { realLatencies } from './latencies.ts';

const runSchema = z.object({
  mails: z.int(),
  concurrency: z.int(),
  seconds: z.number(),
  drafts: z.int(),
  failed: z.int(),
  processorMillisecondsPerMail: z.number(),
});

export interface Throughput extends z.infer<typeof runSchema> {
  readonly mailsPerMinute: number;
  /** Time that waiting alone would take, divided by the concurrency, over the time it took; null for the sequential way. */
  readonly efficiency: number | null;
}

/** Of one mail: what has to be waited for one after the other, if tags and note took no time of their own. */
export const unavoidableMilliseconds =
  realLatencies.gmail +
  realLatencies.freescout + // creating the conversation
  realLatencies.freescout + // reading it
  realLatencies.triage +
  realLatencies.draft +
  realLatencies.freescout + // reading it again before anything is written
  realLatencies.freescout; // creating the draft

/** About as many mails as keep each measurement to a minute; those in one group run at the same time, each in its own process. */
const groups: readonly (readonly Readonly<{ concurrency: number; mails: number }>[])[] = [
  [
    { concurrency: 0, mails: 9 },
    { concurrency: 1, mails: 10 },
    { concurrency: 2, mails: 20 },
    { concurrency: 4, mails: 44 },
  ],
  [{ concurrency: 8, mails: 96 }],
  [{ concurrency: 16, mails: 192 }],
];

/** Mails of each measurement at full length, which takes most of an hour. */
const fullMails = 300;

/**
 * @param full - 300 mails at every concurrency.
 * @param beside - runs at the same time as the first group, which mostly waits.
 */
export async function measureThroughput(
  full: boolean,
  beside: () => Promise<void>,
): Promise<readonly Throughput[]> {
  const results: Throughput[] = [];
  for (const [index, group] of groups.entries()) {
    const [runs] = await Promise.all([
      Promise.all(group.map(({ concurrency, mails }) => run(full ? fullMails : mails, concurrency))),
      index === 0 ? beside() : undefined,
    ]);
    results.push(...runs);
  }
  return results;
}

async function run(mails: number, concurrency: number): Promise<Throughput> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, 'throughputRun.ts'),
    String(mails),
    String(concurrency),
  ]);
  const result = runSchema.parse(JSON.parse(stdout));
  const ideal = (mails * unavoidableMilliseconds) / 1000 / Math.max(1, concurrency);
  return {
    ...result,
    mailsPerMinute: (60 * mails) / result.seconds,
    efficiency: concurrency === 0 ? null : ideal / result.seconds,
  };
}
