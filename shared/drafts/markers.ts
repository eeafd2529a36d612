import type { Conversation } from '#shared/freescout/model.ts';
import type { LiveDraft } from '#shared/store/botDrafts.ts';

/**
 * A marker is an HTML comment that names what a thread was written for. FreeScout keeps comments in what it stores, shows and
 * mails none of them, and its editor leaves them in place (checked on core 1.8.235), so a write whose answer was lost can be
 * found again.
 *
 * Anybody can put such a comment into a mail. Trust a marker only in a thread that our bot user wrote or whose source is `api`
 * and whose HTML we made ourselves (the comments of a customer's mail are removed before it is written).
 */
const markerPattern = /<!--\s{0,4}csm:([\w:.-]{1,200}?)\s{0,4}-->/g;

/** Comment to put into the HTML of what is written. @throws {RangeError} for a name that could end the comment. */
export function markerFor(name: string): string {
  if (!/^[\w:.-]{1,200}$/.test(name)) {
    throw new RangeError('A marker name consists of letters, digits and : . _ - only');
  }
  return `<!-- csm:${name} -->`;
}

/** Names of all markers in the HTML, each once, in the order met. */
export function markerNames(html: string): string[] {
  return [...new Set([...html.matchAll(markerPattern)].map((match) => match[1] ?? ''))];
}

export function hasMarker(html: string, name: string): boolean {
  return markerNames(html).includes(name);
}

/** Whether a note of our bot user with this marker is in the conversation. */
export function hasOwnNote({ threads }: Conversation, botUserId: number, marker: string): boolean {
  return threads.some(
    ({ type, createdBy, body }) => type === 'note' && createdBy?.id === botUserId && hasMarker(body, marker),
  );
}

/**
 * Name of the marker in the note that a message of the team became, which came in by a channel. Such a note counts as the team's answer.
 *
 * @param key - of the message's row in the ledger.
 */
export function teamMarkerOf(key: string): string {
  return `team:${key}`;
}

type Suggested = Pick<LiveDraft, 'conversationId' | 'answeredThreadId' | 'kind'>;

/** The thread that is answered, and what it is answered with unless that is a reply: one message can have a reply and a follow-up. */
function nameOf({ conversationId, answeredThreadId, kind }: Suggested): string {
  return `${conversationId}:${answeredThreadId}${kind === 'reply' ? '' : `:${kind}`}`;
}

/** Names of the markers of drafts and the notes that belong to them. */
export const draftMarker = {
  /** In a draft: what it is. */
  draft: (suggested: Suggested) => `draft:${nameOf(suggested)}`,
  /** In a draft: fingerprint of the text as we wrote it, so that a draft tells by itself whether it was touched. */
  fingerprint: (fingerprint: string) => `fingerprint:${fingerprint}`,
  /** In a note: the suggestion that did not become a draft. */
  suggestion: (suggested: Suggested) => `suggestion:${nameOf(suggested)}`,
  /** In a note: why there is no draft. */
  noDraft: (suggested: Suggested) => `no-draft:${nameOf(suggested)}`,
} as const;
