/**
 * What operators are alerted of: a conversation was judged p0; a p0 conversation waits too long; one sender writes so often that
 * two machines may be answering each other.
 */
export const alertKinds = ['p0', 'p0-follow-up', 'loop'] as const;
export type AlertKind = (typeof alertKinds)[number];

/** What operators are told of once a day, all of a kind together: what was filtered. */
export const digestKinds = ['filtered'] as const;
export type DigestKind = (typeof digestKinds)[number];
