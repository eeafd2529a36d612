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

const typeTags = ['lead', 'customer', 'other'] as const satisfies TriageType[];
const bucketTags = ['p0', 'p1', 'p2', 'p3'] as const satisfies Bucket[];
const highPriorityTag = 'high-priority';

const judgementTags: ReadonlySet<string> = new Set([...typeTags, ...bucketTags, highPriorityTag]);

/** Bucket that a conversation's tags name, as we set them earlier; null when there is none. */
export function bucketAmong(tags: readonly string[]): Bucket | null {
  const lower = new Set(tags.map((tag) => tag.toLowerCase()));
  return bucketTags.find((bucket) => lower.has(bucket)) ?? null;
}

/** Tags that a judgement asks for. */
export function tagsOf(
  judged: Pick<Triage, 'importance'> & { readonly type: TriageType | null },
  thresholds: Settings['thresholds'],
): readonly string[] {
  return [
    ...(judged.type === null ? [] : [judged.type]),
    bucketOf(judged.importance, thresholds),
    ...(judged.importance >= thresholds.highPriority ? [highPriorityTag] : []),
  ];
}

/**
 * The conversation's tags with our earlier judgement replaced by `wanted`. Every other tag stays, whoever set it.
 *
 * @returns null when nothing would change: FreeScout replaces the whole list, so every call avoided is a race avoided.
 */
export function tagsToSet(present: readonly string[], wanted: readonly string[]): readonly string[] | null {
  const kept = present.filter((tag) => !judgementTags.has(tag.toLowerCase()));
  const next = [...kept, ...wanted.filter((tag) => !kept.includes(tag))];
  const same = next.length === present.length && next.every((tag) => present.includes(tag));
  return same ? null : next;
}
