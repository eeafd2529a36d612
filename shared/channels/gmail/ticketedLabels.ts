import type { Settings } from '#shared/settings/settings.ts';
import type { NamedLabel } from '#shared/store/pollCursors.ts';
import type { GmailMessageRef } from './gmailClient.ts';

/**
 * Labels of mail that is never ticketed: drafts, what Gmail thinks is spam, what was thrown away, chats. Like them, but only without
 * INBOX, SENT: a form may mail through the account itself.
 *
 * @see https://developers.google.com/workspace/gmail/api/guides/labels
 */
const neverTicketed = ['DRAFT', 'SPAM', 'TRASH', 'CHAT'] as const;

/** Reason of what was sent from the account and is no answer to a customer. */
export const sentReason = 'label:SENT';

/** `reason` stands in the ledger: `label:<the label in the way, as the settings name it>`, or `label-missing`. */
export type TicketDecision =
  | { readonly ticket: true }
  | { readonly ticket: false; readonly reason: `label:${string}` | 'label-missing' };

/** Labels of the settings, by names or ids. */
export type LabelSettings = Pick<Settings['gmail'], 'excludedLabels' | 'requiredLabels'>;

/**
 * Whether a mail becomes a ticket, by its Gmail labels alone. History, gap check and worker decide by this one function, so they cannot
 * come to different results. UNREAD plays no part: a mail that somebody read in Gmail is still a customer's.
 *
 * @param named - which labels the settings mean, as the poll found out.
 */
export function ticketDecision(
  labelIds: readonly string[],
  settings: LabelSettings,
  named: readonly NamedLabel[],
): TicketDecision {
  if (labelIds.includes('SENT') && !labelIds.includes('INBOX')) {
    return { ticket: false, reason: sentReason };
  }
  const isOn = (label: string) => labelIds.includes(idOf(label, named) ?? label);
  const inTheWay =
    neverTicketed.find((label) => labelIds.includes(label)) ?? settings.excludedLabels.find(isOn);
  if (inTheWay !== undefined) {
    return { ticket: false, reason: `label:${inTheWay}` };
  }
  const { requiredLabels } = settings;
  return requiredLabels.length === 0 || requiredLabels.some(isOn)
    ? { ticket: true }
    : { ticket: false, reason: 'label-missing' };
}

/** Whether the worker reads a mail: one that becomes a ticket, or one that was sent and may be a person's answer to a customer. */
export function isForWorker(
  mail: Pick<GmailMessageRef, 'messageId' | 'gmailThreadId'>,
  decision: TicketDecision,
): boolean {
  return decision.ticket || (decision.reason === sentReason && !beginsThread(mail));
}

/** Whether a mail was sent from the account in a thread that another mail began, also with the account itself among its recipients. */
export function isSentInThread(mail: GmailMessageRef & { readonly labelIds: readonly string[] }): boolean {
  return mail.labelIds.includes('SENT') && !beginsThread(mail);
}

/** Gmail gives a thread the id of its first mail. What begins a thread answers nothing. */
function beginsThread({
  messageId,
  gmailThreadId,
}: Pick<GmailMessageRef, 'messageId' | 'gmailThreadId'>): boolean {
  return messageId === gmailThreadId;
}

/** Whether a row that is filtered for this reason was kept out by its labels. */
export function isLabelReason(reason: string): boolean {
  return reason === 'label-missing' || reason.startsWith('label:');
}

/** Gmail's id of a label of the settings; null when the account is not known to have it. */
export function idOf(label: string, named: readonly NamedLabel[]): string | null {
  return named.find(({ name }) => name === label)?.id ?? null;
}
