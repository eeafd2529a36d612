/**
 * What operators are alerted of: a conversation was judged p0; a p0 conversation waits too long; one sender writes so often that
 * two machines may be answering each other.
 */
export const alertKinds = ['p0', 'p0-follow-up', 'loop'] as const;
export type AlertKind = (typeof alertKinds)[number];

/** Reason of an alert that the digest of its hour tells of, together with others. */
export const gatheredReason = 'gathered';

/**
 * What operators are told of together. `filtered`: once a day, what was filtered. `gathered`: once an hour, the alerts that were too many
 * to be told one by one.
 */
export const digestKinds = ['filtered', 'gathered'] as const;
export type DigestKind = (typeof digestKinds)[number];
