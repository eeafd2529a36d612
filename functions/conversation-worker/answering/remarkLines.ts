import type { Remark, RemarkCode } from '#shared/intake/remark.ts';
import type { HygieneReason } from '#shared/mail/hygiene/classifyMail.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';

type Wording = (remark: Remark) => string;

const wordings: Readonly<Record<RemarkCode, Wording>> = {
  'written-through': ({ address }) =>
    `Written through ${address ?? 'a form'}; the customer is the person whom it names as the one to answer.`,
  'forwarded-by': ({ address }) =>
    `Forwarded by ${address ?? 'one of us'}; the customer is the author of what was forwarded.`,
  'forward-unreadable': ({ address }) =>
    `No draft: ${address ?? 'one of us'} forwarded this, and no author can be read in it, so an answer would go to them. Look for the writer in the text.`,
  forward: () =>
    'The sender passes on a mail of somebody else. Its writer stands in the text; an answer goes to the sender.',
  'unproven-own': () =>
    'No draft: it names one of us as its sender, and nothing proves that. It may be forged, and an answer would come back to us.',
  'stranger-in-thread': ({ conversationId }) =>
    `The mailbox put this into the thread of conversation ${conversationId}, in which its sender has no part.`,
  'same-message-id': ({ conversationId }) =>
    `Another mail with the same Message-ID is in conversation ${conversationId}; the two differ.`,
  'same-mail-elsewhere': ({ conversationId }) =>
    `The same mail came to another of our mailboxes too; see conversation ${conversationId}.`,
};

/** Why a message that became a ticket gets no draft. Where a remark says it, or the code speaks for itself, there is no entry. */
const noDraftLines: ReadonlyMap<string, string> = new Map([
  ['auto-reply', 'No draft: it may be an automatic reply.'],
  ['auto-generated', 'No draft: the mail says of itself that a machine wrote it.'],
  ['machine', 'No draft: a machine sent it, and it names no person to answer.'],
  ['bulk', 'No draft: it looks like a mail to many.'],
  ['spam', 'No draft: a mail system on its way marked it as spam.'],
  ['bounce', 'No draft: it reports on a mail of ours.'],
  ['abuse-report', 'No draft: it complains of a mail of ours as spam.'],
]);

/** One note tells of a whole burst of messages. */
function loopLine(limit: number): string {
  return `No drafts for now: this sender wrote more than ${limit} messages within an hour. Perhaps it is a machine. The others of this hour get no note.`;
}

/**
 * What the note of a message says beside its triage: how the waiting mails came in, and why the newest gets no draft.
 *
 * @param rows - of all mails that wait for an answer.
 * @param newest - of the mail that the note is about.
 * @param loopLimit - messages per hour beyond which a sender counts as a loop.
 */
export function remarkLines(
  rows: readonly LedgerRow[],
  newest: LedgerRow | null,
  loopLimit: number,
): readonly string[] {
  const remarks = rows.flatMap((row) => [
    ...(row.related === undefined ? [] : [relatedLine(row.related)]),
    // A later release may have stored a code that this one has no words for.
    ...(row.remarks ?? []).flatMap((remark) => wordings[remark.code]?.(remark) ?? []),
  ]);
  return [...new Set([...remarks, ...noDraftLinesOf(newest, loopLimit)])];
}

function noDraftLinesOf(row: LedgerRow | null, loopLimit: number): readonly string[] {
  const noDraft = row?.noDraft ?? null;
  if (noDraft === ('loop' satisfies HygieneReason)) {
    return [loopLine(loopLimit)];
  }
  const isRemark = row?.remarks?.some(({ code }) => code === noDraft);
  return noDraft === null || isRemark ? [] : [noDraftLines.get(noDraft) ?? `No draft: ${noDraft}.`];
}

function relatedLine({ why, conversationId }: NonNullable<LedgerRow['related']>): string {
  return why === 'revived'
    ? `This mail continues an old thread under a new subject; see conversation ${conversationId}.`
    : `This mail refers to conversation ${conversationId}, but its sender has no part in that one.`;
}
