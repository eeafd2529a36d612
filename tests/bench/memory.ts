import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { createPollDependencies } from '#functions/gmail-poll/dependencies.ts';
import { pollAccounts } from '#functions/gmail-poll/pollAccounts.ts';
import { startBenchSystem } from './benchSystem.ts';
import { receiveMails } from './mails.ts';

const jobs = 2000;

const measuredSchema = z.array(
  z.object({ jobs: z.int(), residentMegabytes: z.number(), heapMegabytes: z.number() }),
);

export interface MemoryOverJobs {
  readonly points: z.infer<typeof measuredSchema>;
  /** Resident memory at the end over that after 200 jobs. */
  readonly growth: number;
}

/** Lets a worker in a process of its own do 2,000 jobs: 1,000 mails, each brought in and then answered. */
export async function measureMemory(): Promise<MemoryOverJobs> {
  const system = await startBenchSystem({});
  try {
    const poll = () =>
      pollAccounts({
        ...createPollDependencies(system.parts, system.environment),
        timeLeftMilliseconds: () => 100_000,
      });
    await receiveMails(system, 0, jobs / 2);
    await poll();
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        '--expose-gc',
        join(import.meta.dirname, 'memoryRun.ts'),
        String(jobs),
        JSON.stringify(system.endpoints),
      ],
      { timeout: 400_000 },
    );
    const points = measuredSchema.parse(JSON.parse(stdout));
    const [after200, end] = [points[1], points.at(-1)];
    return {
      points,
      growth: (end?.residentMegabytes ?? Number.NaN) / (after200?.residentMegabytes ?? Number.NaN),
    };
  } finally {
    await system.stop();
  }
}
