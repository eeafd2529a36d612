import type { Issue } from '#shared/observability/conditions.ts';
import type { Sighting } from '#shared/store/readiness.ts';

/**
 * Looks have to say the same for this long before operators are told. The schedule looks every minute, and a tick may come some
 * seconds early or late.
 */
const sureAfterMilliseconds = 50_000;

/**
 * What is known of every condition after one more look. A condition begins to stand when looks have seen it for a minute, and ends when
 * they have missed it for a minute, so that nobody is told of what comes and goes between two looks.
 *
 * @param at - when the look began.
 */
export function afterLook(
  before: readonly Sighting[],
  issues: readonly Issue[],
  at: Date,
): readonly Sighting[] {
  const seenNow = new Set(issues.map(({ condition }) => condition));
  const all = new Set([...before.map(({ condition }) => condition), ...seenNow]);
  return [...all].flatMap((condition) => {
    const last = before.find((sighting) => sighting.condition === condition);
    const seen = seenNow.has(condition);
    // A clock that was set back leaves moments that are still to come; counting begins again.
    const goesOn = last?.seen === seen && Date.parse(last.since) <= at.getTime();
    const since = goesOn ? last.since : at.toISOString();
    const isSure = at.getTime() - Date.parse(since) >= sureAfterMilliseconds;
    const stands = isSure ? seen : (last?.stands ?? false);
    return seen || stands ? [{ condition, seen, since, stands }] : [];
  });
}
