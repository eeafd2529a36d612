import type { Settings } from '#shared/settings/settings.ts';
import type { Bucket, Triage, TriageType } from './triage.ts';

/** Bucket of an importance: at a threshold it already is the higher one; anything below the lowest, or no number, is p3. */
export function bucketOf(importance: number, thresholds: Settings['thresholds']): Bucket {
  if (importance >= thresholds.p0) {
    return 'p0';
  }
  if (importance >= thresholds.p1) {
    return 'p1';
  }
  return importance >= thresholds.p2 ? 'p2' : 'p3';
}

/**
 * Whether operators are alerted of a triage at once: it is p0, and not only by words in which the model, which saw them, found nothing
 * that threatens. Tags and importance stay either way.
 */
export function alertsOperators(
  triage: Pick<Triage, 'importance' | 'escalationWords' | 'threatens'>,
  thresholds: Settings['thresholds'],
): boolean {
  const isHarmless = triage.escalationWords.length > 0 && triage.threatens === false;
  return bucketOf(triage.importance, thresholds) === 'p0' && !isHarmless;
}

const typeTags = ['lead', 'customer', 'other'] as const satisfies TriageType[];
const bucketTags = ['p0', 'p1', 'p2', 'p3'] as const satisfies Bucket[];
const highPriorityTag = 'high-priority';

/** Stands on what may be no customer's message: it looks automatic, like bulk or like spam, and nothing proves it. */
export const doubtfulTag = 'doubtful';

const triageTags: ReadonlySet<string> = new Set([...typeTags, ...bucketTags, highPriorityTag]);

/** Bucket that a conversation's tags name, as we set them earlier; null when there is none. */
export function bucketAmong(tags: readonly string[]): Bucket | null {
  const lower = new Set(tags.map((tag) => tag.toLowerCase()));
  return bucketTags.find((bucket) => lower.has(bucket)) ?? null;
}

/** Tags that a triage asks for. */
export function tagsOf(
  triage: Pick<Triage, 'importance'> & { readonly type: TriageType | null },
  thresholds: Settings['thresholds'],
): readonly string[] {
  return [
    ...(triage.type === null ? [] : [triage.type]),
    bucketOf(triage.importance, thresholds),
    ...(triage.importance >= thresholds.highPriority ? [highPriorityTag] : []),
  ];
}

/**
 * The conversation's tags with those of our earlier triage replaced by `wanted`. Every other tag stays, whoever set it.
 *
 * @returns null when nothing would change: FreeScout replaces the whole list, so every call avoided is a race avoided.
 */
export function tagsToSet(present: readonly string[], wanted: readonly string[]): readonly string[] | null {
  const kept = present.filter((tag) => !triageTags.has(tag.toLowerCase()));
  const next = [...kept, ...wanted.filter((tag) => !kept.includes(tag))];
  const same = next.length === present.length && next.every((tag) => present.includes(tag));
  return same ? null : next;
}
