import type { LiveDraft } from '#shared/store/botDrafts.ts';
import type { LedgerKey } from '#shared/store/keys.ts';

/**
 * A marker is an HTML comment that names what a thread was written for. FreeScout stores comments, neither shows nor mails them, and
 * its editor leaves them in place (checked on core 1.8.235). By its marker a thread is found again when the answer to the call that
 * wrote it was lost.
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

/** A thread of a conversation, as far as it tells whose note it is. */
interface WrittenThread {
  readonly type: string;
  readonly createdBy: { readonly id: number } | null;
  readonly body: string;
}

/** Whether a note of our bot user with this marker is in the conversation. */
export function hasOwnNote(
  { threads }: { readonly threads: readonly WrittenThread[] },
  botUserId: number,
  marker: string,
): boolean {
  return threads.some((thread) => isOwnNote(thread, botUserId) && hasMarker(thread.body, marker));
}

function isOwnNote({ type, createdBy }: WrittenThread, botUserId: number): boolean {
  return type === 'note' && createdBy?.id === botUserId;
}

const teamPrefix = 'team:';

/**
 * Name of the marker of a team message: a note in which our bot user keeps what a person of the team wrote to the customer elsewhere,
 * for example in the mail program.
 *
 * @param key - row of that message in the ledger.
 */
export function teamMarkerOf(key: LedgerKey): string {
  return `${teamPrefix}${key}`;
}

/** Whether the thread is a team message. The same comment in a note of anybody else makes none. */
export function isTeamMessage(thread: WrittenThread, botUserId: number): boolean {
  return isOwnNote(thread, botUserId) && markerNames(thread.body).some((name) => name.startsWith(teamPrefix));
}

type Suggested = Pick<LiveDraft, 'conversationId' | 'answeredThreadId' | 'kind'>;

/** The thread that is answered, and the kind unless it is a reply: one message can get a reply and a follow-up. */
function nameOf({ conversationId, answeredThreadId, kind }: Suggested): string {
  return `${conversationId}:${answeredThreadId}${kind === 'reply' ? '' : `:${kind}`}`;
}

/** Names of the markers of drafts and the notes that belong to them. */
export const draftMarker = {
  /** In a draft: which message it answers, and as what kind. */
  draft: (suggested: Suggested) => `draft:${nameOf(suggested)}`,
  /** In a draft: fingerprint of the text as we wrote it, by which the draft alone tells whether a person changed it. */
  fingerprint: (fingerprint: string) => `fingerprint:${fingerprint}`,
  /** In a note: the suggestion that did not become a draft. */
  suggestion: (suggested: Suggested) => `suggestion:${nameOf(suggested)}`,
  /** In a note: that the message is not judged yet. */
  notJudgedYet: (suggested: Suggested) => `not-judged:${nameOf(suggested)}`,
  /** In a note: why there is no draft. */
  noDraft: (suggested: Suggested) => `no-draft:${nameOf(suggested)}`,
} as const;
