import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { boundedFetch, mostBytesOfAnswer } from '#shared/http/boundedFetch.ts';
import type { LocalDescription } from './localDescription.ts';

const answerSchema = z.object({
  status: z.enum(['ready', 'degraded', 'not_ready']),
  issues: z.array(z.string()).readonly().default([]),
  conditions: z.array(z.string()).readonly().default([]),
});

/** What `/ready` says with the status token. */
export type LocalReadiness = z.output<typeof answerSchema>;

const callStatus = boundedFetch(mostBytesOfAnswer);
/** Longer than the function may run. */
const answerTimeoutMilliseconds = 30_000;

/**
 * Asks `/ready`.
 *
 * @param fresh - with checks that run now; else the kept answer may do.
 * @returns not ready when there is no answer.
 */
export async function askReady(
  { api, statusToken }: Pick<LocalDescription, 'api' | 'statusToken'>,
  { fresh, giveUp }: { readonly fresh: boolean; readonly giveUp: AbortSignal },
): Promise<LocalReadiness> {
  try {
    const answer = await callStatus(`${api}/ready`, {
      headers: {
        authorization: `Bearer ${statusToken}`,
        accept: 'application/json',
        ...(fresh ? { 'cache-control': 'no-cache' } : {}),
      },
      signal: AbortSignal.any([giveUp, AbortSignal.timeout(answerTimeoutMilliseconds)]),
    });
    return answerSchema.parse(await answer.json());
  } catch {
    return {
      status: 'not_ready',
      issues: ['/ready does not answer: look for errors of the function Status'],
      conditions: ['LooksSilent'],
    };
  }
}

export interface ReadinessWait {
  readonly ask: () => Promise<LocalReadiness>;
  /** Nobody asks again once this time is over. */
  readonly graceMilliseconds: number;
  readonly everyMilliseconds: number;
  readonly giveUp: AbortSignal;
}

/**
 * Waits until the system is ready, or the time is over: a first poll, or the first report of a function, needs a moment.
 *
 * @returns the last answer.
 */
export async function readinessAfterStart({
  ask,
  graceMilliseconds,
  everyMilliseconds,
  giveUp,
}: ReadinessWait): Promise<LocalReadiness> {
  const end = performance.now() + graceMilliseconds;
  for (;;) {
    const readiness = await ask();
    const isLast = performance.now() + everyMilliseconds > end;
    if (readiness.status === 'ready' || isLast || giveUp.aborted) {
      return readiness;
    }
    await sleepUnless(giveUp, everyMilliseconds);
  }
}

const order = ['not_ready', 'degraded', 'ready'] as const satisfies readonly LocalReadiness['status'][];

/** Asks on until the system is ready or it is given up, and tells whenever it has got better. */
export async function tellWhenBetter(
  first: LocalReadiness,
  {
    ask,
    everyMilliseconds,
    giveUp,
    tell,
  }: Omit<ReadinessWait, 'graceMilliseconds'> & { readonly tell: (readiness: LocalReadiness) => void },
): Promise<void> {
  let { status } = first;
  while (status !== 'ready') {
    await sleepUnless(giveUp, everyMilliseconds);
    if (giveUp.aborted) {
      return;
    }
    const next = await ask();
    if (order.indexOf(next.status) > order.indexOf(status) && !giveUp.aborted) {
      tell(next);
    }
    ({ status } = next);
  }
}

/** Sleeps; ends early when it is given up. */
async function sleepUnless(giveUp: AbortSignal, milliseconds: number): Promise<void> {
  await sleep(milliseconds, undefined, { signal: giveUp, ref: false }).catch(() => undefined);
}
