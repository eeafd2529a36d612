import type { Settings } from '#shared/settings/settings.ts';

/**
 * Labels of mail that is never ticketed: what the account itself wrote, what Gmail thinks is spam, what was thrown away, chats.
 *
 * @see https://developers.google.com/workspace/gmail/api/guides/labels
 */
const neverTicketed = ['SENT', 'DRAFT', 'SPAM', 'TRASH', 'CHAT'] as const;

/** `reason` stands in the ledger: `label:<the label in the way>`, or `label-missing`. */
export type TicketDecision =
  | { readonly ticket: true }
  | { readonly ticket: false; readonly reason: `label:${string}` | 'label-missing' };

/**
 * Whether a mail becomes a ticket, by its Gmail labels alone. History and gap check decide by this one function, so they cannot
 * come to different results. UNREAD plays no part: a mail that somebody read in Gmail is still a customer's.
 */
export function ticketDecision(
  labelIds: readonly string[],
  settings: Pick<Settings['gmail'], 'excludedLabels' | 'requiredLabels'>,
): TicketDecision {
  const inTheWay = [...neverTicketed, ...settings.excludedLabels].find((label) => labelIds.includes(label));
  if (inTheWay !== undefined) {
    return { ticket: false, reason: `label:${inTheWay}` };
  }
  const { requiredLabels } = settings;
  return requiredLabels.length === 0 || requiredLabels.some((label) => labelIds.includes(label))
    ? { ticket: true }
    : { ticket: false, reason: 'label-missing' };
}
