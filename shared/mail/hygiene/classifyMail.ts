import { headerValue } from '#shared/mail/parsing/mailHeaders.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import type { HygieneSettings } from '#shared/settings/hygieneSettings.ts';
import { automaticOriginOf } from './automaticReply.ts';
import { reportedMessageIds, reportKindOf } from './bounce.ts';
import { bulkScore } from './bulkScore.ts';
import type { MailWriter } from './mailWriter.ts';
import { isOurs } from './ownAddresses.ts';
import { isMarkedAsSpam } from './spamFlags.ts';

/** Why a mail is not an ordinary customer's mail. */
export type HygieneReason =
  | 'own'
  | 'bounce'
  | 'abuse-report'
  | 'auto-reply'
  | 'receipt'
  | 'bulk'
  | 'spam'
  | 'freescout-notification'
  | 'loop';

export type HygieneVerdict =
  /** becomes a ticket; with a reason in `noDraft` no draft is prepared */
  | { readonly kind: 'customer'; readonly noDraft: null | HygieneReason }
  /** terminal, never a ticket; the operator can restore it */
  | { readonly kind: 'filtered'; readonly reason: HygieneReason }
  /** one internal note if a reference belongs to a known conversation, else filtered */
  | { readonly kind: 'note'; readonly reason: HygieneReason; readonly references: readonly string[] };

export interface HygieneContext {
  readonly writer: MailWriter;
  /** lower-case; mailbox, its aliases, group addresses and FreeScout's own sender */
  readonly ownAddresses: ReadonlySet<string>;
  readonly labelIds: readonly string[];
  /** mails of this sender within the last hour, this one not counted */
  readonly recentFromSender: number;
  readonly settings: HygieneSettings;
}

/**
 * Decides before any money is spent what a mail is. Only headers, structure and fixed phrases are looked at, no model.
 * The order matters: what comes from ourselves, then machines' reports, then what others said of it, then what it says
 * of itself. In doubt it is a customer.
 */
export function classifyMail(mail: ParsedMail, context: HygieneContext): HygieneVerdict {
  const { settings, labelIds, ownAddresses, writer } = context;
  if (isFreeScoutNotification(mail)) {
    return { kind: 'filtered', reason: 'freescout-notification' };
  }
  const fromUs = mail.from !== null && isOurs(mail.from.address, ownAddresses);
  const isOurForm = fromUs && settings.ticketWebForms && writer.as === 'form';
  if (labelIds.includes('SENT') || labelIds.includes('DRAFT') || (fromUs && !isOurForm)) {
    return { kind: 'filtered', reason: 'own' };
  }
  const report = reportKindOf(mail);
  if (report === 'receipt' && settings.filterReceipts) {
    return { kind: 'filtered', reason: 'receipt' };
  }
  if (report === 'bounce' || report === 'abuse-report') {
    return { kind: 'note', reason: report, references: reportedMessageIds(mail) };
  }
  if (settings.filterSpam && isMarkedAsSpam(mail, labelIds)) {
    return { kind: 'filtered', reason: 'spam' };
  }
  const origin = settings.filterAutoReplies ? automaticOriginOf(mail) : null;
  if (origin === 'replied') {
    return { kind: 'filtered', reason: 'auto-reply' };
  }
  if (
    settings.filterBulk &&
    !isOurForm &&
    bulkScore(mail, labelIds, ownAddresses, settings) >= settings.bulkThreshold
  ) {
    return { kind: 'filtered', reason: 'bulk' };
  }
  if (origin === 'generated' && writer.as !== 'form') {
    return { kind: 'filtered', reason: 'auto-reply' };
  }
  return { kind: 'customer', noDraft: context.recentFromSender >= settings.loopLimitPerHour ? 'loop' : null };
}

/** FreeScout's notifications to its users and its automatic answers (core 1.8.235: mail type header and id prefixes). */
function isFreeScoutNotification(mail: ParsedMail): boolean {
  const type = headerValue(mail, 'x-freescout-mail-type').toLowerCase();
  if (type !== '' && type !== 'customer.message') {
    return true;
  }
  return /^<FS_(?:notify|autoreply|conversation|alert)[-_]/i.test(mail.messageId ?? '');
}
