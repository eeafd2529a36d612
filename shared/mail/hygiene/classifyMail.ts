import { headerValue } from '#shared/mail/parsing/mailHeaders.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import type { HygieneSettings } from '#shared/settings/hygieneSettings.ts';
import { automaticOriginOf, mayBeAutomaticReply } from './automaticReply.ts';
import { reportedMessageIds, reportKindOf } from './bounce.ts';
import { bulkScore, bulkSignsOf, isCertainBulk } from './bulkScore.ts';
import type { MailWriter } from './mailWriter.ts';
import { isMarkedAsSpam } from './spamFlags.ts';

/** Why a mail is not an ordinary customer's mail; docs/hygiene.md has a row for each. */
export const hygieneReasons = [
  'own',
  'bounce',
  'abuse-report',
  'auto-reply',
  'auto-generated',
  'machine',
  'unproven-own',
  'forward-unreadable',
  'receipt',
  'bulk',
  'spam',
  'freescout-notification',
  'loop',
] as const;

export type HygieneReason = (typeof hygieneReasons)[number];

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
  /** Whether the sender is a customer already. Asked only for a mail that would be filtered without proof, or as bulk. */
  readonly isKnownCustomer: () => Promise<boolean>;
  readonly settings: HygieneSettings;
}

/**
 * Decides before any money is spent what a mail is. Only headers, structure and fixed phrases are looked at, no model.
 *
 * Filtered means proof. What merely looks automatic, bulk or spam is a customer's mail without a draft, unless the settings filter it.
 * A customer whom we know is filtered by proof alone.
 *
 * @throws what `isKnownCustomer` throws: nothing is guessed when it cannot be told
 */
export async function classifyMail(mail: ParsedMail, context: HygieneContext): Promise<HygieneVerdict> {
  const proven = proofOf(mail, context);
  if (proven !== null) {
    return proven;
  }
  const { settings, recentFromSender, isKnownCustomer } = context;
  const bulk = bulkOf(mail, context);
  const doubt = bulk === 'certain' ? 'bulk' : (doubtOf(mail, context) ?? (bulk === 'likely' ? 'bulk' : null));
  const isToFilter = bulk === 'certain' || settings.doubtful === 'filter';
  if (doubt !== null && isToFilter && !(await isKnownCustomer())) {
    return { kind: 'filtered', reason: doubt };
  }
  const isLoop = recentFromSender >= settings.loopLimitPerHour;
  return { kind: 'customer', noDraft: isLoop ? 'loop' : (context.writer.noDraft ?? doubt) };
}

/** What comes from ourselves, machines' reports, and what says of itself or is said by our provider to be no customer's mail. */
function proofOf(mail: ParsedMail, context: HygieneContext): HygieneVerdict | null {
  const { settings, labelIds, writer } = context;
  if (isFreeScoutNotification(mail)) {
    return { kind: 'filtered', reason: 'freescout-notification' };
  }
  const isSent = labelIds.includes('SENT') && !labelIds.includes('INBOX');
  if (isSent || labelIds.includes('DRAFT') || writer.as === 'own') {
    return { kind: 'filtered', reason: 'own' };
  }
  const report = reportKindOf(mail);
  if (report === 'receipt' && settings.filterReceipts) {
    return { kind: 'filtered', reason: 'receipt' };
  }
  if (report === 'bounce' || report === 'abuse-report') {
    return { kind: 'note', reason: report, references: reportedMessageIds(mail) };
  }
  if (settings.filterSpam && labelIds.includes('SPAM')) {
    return { kind: 'filtered', reason: 'spam' };
  }
  if (settings.filterAutoReplies && automaticOriginOf(mail) === 'replied') {
    return { kind: 'filtered', reason: 'auto-reply' };
  }
  return null;
}

/** Why a mail may be no customer's, or null. */
function doubtOf(mail: ParsedMail, context: HygieneContext): HygieneReason | null {
  const { settings, labelIds, ownAddresses, writer } = context;
  if (settings.filterSpam && !labelIds.includes('INBOX') && isMarkedAsSpam(mail)) {
    return 'spam';
  }
  if (settings.filterAutoReplies && mayBeAutomaticReply(mail, ownAddresses)) {
    return 'auto-reply';
  }
  if (settings.filterAutoReplies && writer.as !== 'form' && automaticOriginOf(mail) === 'generated') {
    return 'auto-generated';
  }
  return writer.as === 'machine' ? 'machine' : null;
}

/** Whether a mail is bulk. What a person wrote through a form is none, whatever the form's mailer puts into its headers. */
function bulkOf(
  mail: ParsedMail,
  { settings, labelIds, ownAddresses, writer }: HygieneContext,
): 'certain' | 'likely' | null {
  if (!settings.filterBulk || writer.as === 'form') {
    return null;
  }
  const signs = bulkSignsOf(mail, labelIds, ownAddresses);
  if (bulkScore(signs, settings) < settings.bulkThreshold) {
    return null;
  }
  return isCertainBulk(mail, signs, ownAddresses) ? 'certain' : 'likely';
}

/** FreeScout's notifications to its users and its automatic answers (core 1.8.235: mail type header and id prefixes). */
function isFreeScoutNotification(mail: ParsedMail): boolean {
  const type = headerValue(mail, 'x-freescout-mail-type').toLowerCase();
  if (type !== '' && type !== 'customer.message') {
    return true;
  }
  return /^<FS_(?:notify|autoreply|conversation|alert)[-_]/i.test(mail.messageId ?? '');
}
