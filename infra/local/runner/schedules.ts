import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Invocation } from './functionThreads.ts';
import { localAccount, localRegion } from './templateValues.ts';

export const scheduleType = 'AWS::Scheduler::Schedule';

const scheduleSchema = z.object({
  ScheduleExpression: z.string(),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Target: z.object({ Arn: z.unknown(), Input: z.unknown().optional() }),
});

export interface Schedule {
  readonly functionArn: string;
  readonly seconds: number;
  readonly enabled: boolean;
  readonly event: () => unknown;
}

const secondsPerUnit: Readonly<Record<string, number>> = { minute: 60, hour: 3600, day: 86_400 };

/**
 * Seconds of an expression such as `rate(5 minutes)`.
 *
 * @throws for cron() and at(), which do not run on one machine, and for anything AWS would refuse.
 */
export function rateSeconds(expression: string): number {
  const [, count, unit, plural] = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression) ?? [];
  const value = Number(count);
  if (!(value > 0) || (value === 1) !== (plural === '')) {
    throw new Error(
      `The schedule "${expression}" cannot run on one machine: only rate(<n> minutes|hours|days) can.`,
    );
  }
  return value * (secondsPerUnit[unit ?? ''] ?? 0);
}

/**
 * @param text resolves a value; the target's role is left alone, only AWS has it.
 * @throws for a schedule that cannot run here.
 */
export function readSchedule(name: string, properties: unknown, text: (value: unknown) => string): Schedule {
  const schedule = scheduleSchema.parse(properties);
  const { Arn, Input } = schedule.Target;
  return {
    functionArn: text(Arn),
    seconds: rateSeconds(schedule.ScheduleExpression),
    enabled: schedule.State === 'ENABLED',
    event: () =>
      Input === undefined
        ? {
            version: '0',
            id: randomUUID(),
            'detail-type': 'Scheduled Event',
            source: 'aws.scheduler',
            account: localAccount,
            time: new Date().toISOString(),
            region: localRegion,
            resources: [`arn:aws:scheduler:${localRegion}:${localAccount}:schedule/default/${name}`],
            detail: '{}',
          }
        : JSON.parse(text(Input)),
  };
}

/**
 * Invokes after the first wait (0: at once) and then at every interval, both in seconds. A tick that finds the last one still running is left out: with the short
 * intervals used on one machine it would only pile up.
 *
 * @returns a function that stops it.
 */
export function startSchedule(
  { every, first }: { readonly every: number; readonly first: number },
  invoke: () => Promise<Invocation>,
  report: (sentence: string) => void,
): () => void {
  let running = false;
  const tick = async () => {
    if (running) {
      return;
    }
    running = true;
    const invocation = await invoke();
    running = false;
    if (!invocation.ok && invocation.error.errorType !== 'Stopped') {
      report(`${invocation.error.errorType}: ${invocation.error.errorMessage}`);
    }
  };
  let repeating: NodeJS.Timeout | undefined;
  const begin = () => {
    repeating = setInterval(() => void tick(), every * 1000);
    void tick();
  };
  const waiting = setTimeout(begin, first * 1000);
  return () => {
    clearTimeout(waiting);
    clearInterval(repeating);
  };
}
