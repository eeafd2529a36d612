import type { Measure } from '#shared/observability/metrics.ts';
import type { Clock } from '#shared/time/clock.ts';
import { keptMilliseconds, type ReadinessAnswer, type Wanted } from './keptAnswer.ts';

/**
 * Looks, and measures that it did and which conditions stand. A look of somebody else within the last half minute will do. When no look
 * comes to an end, nothing is measured: the missing metric says so.
 */
export async function lookOnSchedule({
  readiness,
  clock,
  measure,
}: {
  readonly readiness: (wanted: Wanted) => Promise<ReadinessAnswer>;
  readonly clock: Clock;
  readonly measure: Measure;
}): Promise<void> {
  const oldest = clock.now().getTime() - keptMilliseconds;
  const { checkedAt, standing } = await readiness('renewed');
  if (checkedAt === null || Date.parse(checkedAt) < oldest) {
    return;
  }
  measure('LooksDone');
  for (const condition of standing) {
    measure(`Condition${condition}`);
  }
}
