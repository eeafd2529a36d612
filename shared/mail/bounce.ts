import { AUTOMATIC_SUBJECTS } from './automaticSubjects.ts';
import {
  BOUNCE_PHRASES,
  BOUNCE_SUBJECT,
  DAEMON_LOCAL_PART,
  DAEMON_NAME,
  LIST_SOFTWARE_LOCAL_PART,
  RETURNED_MESSAGE_ID,
} from './bounceSigns.ts';
import { headerValue, headerValues } from './mailHeaders.ts';
import type { ParsedMail } from './parseMail.ts';

/** How much of the text of a report is looked at; the rest is the copy of the returned mail. */
const MAX_TEXT = 60_000;
const MAX_PART = 200_000;
const MAX_REFERENCES = 50;

const ENOUGH = 4;
const REPORT_PARTS = new Set(['message/delivery-status', 'message/global-delivery-status']);
const COPY_PARTS = new Set([
  'message/rfc822',
  'message/global',
  'text/rfc822-headers',
  'message/global-headers',
]);

export type ReportKind = 'bounce' | 'abuse-report' | 'receipt';

/**
 * Whether a mail is a machine's report about a mail sent earlier: a bounce (RFC 3464 and the many that follow nothing), an
 * abuse report (RFC 5965), or a receipt (delivered, displayed: RFC 8098 and positive RFC 3464). null: none of them.
 *
 * A standard report is proof by itself. Everything else needs several signs, one of them from the mail system that sends
 * it: a customer who forwards a bounce and asks what it means is a customer.
 */
export function reportKindOf(mail: ParsedMail): ReportKind | null {
  const type = headerValue(mail, 'content-type').toLowerCase();
  const parts = new Set(mail.attachments.map(({ mimeType }) => mimeType));
  const isReport = type.startsWith('multipart/report');
  if (parts.has('message/feedback-report') || (isReport && type.includes('feedback-report')))
    return 'abuse-report';
  if (
    parts.has('message/disposition-notification') ||
    (isReport && type.includes('disposition-notification'))
  ) {
    return 'receipt';
  }
  if (isReport && [...parts].some((part) => REPORT_PARTS.has(part)))
    return isOnlySuccess(mail) ? 'receipt' : 'bounce';
  if (isReport && type.includes('delivery-status')) return 'bounce';
  const notification = notificationKindOf(mail);
  if (notification !== null) return notification;
  return bounceScore(mail, parts) >= ENOUGH ? 'bounce' : null;
}

/**
 * The Message-IDs a report speaks about: those of the returned mail and what it answered, wherever the report carries
 * them. Our own `FS_reply-…` ids among them tell the conversation.
 */
export function reportedMessageIds(mail: ParsedMail): string[] {
  const sources = [
    mail.text.slice(0, MAX_TEXT),
    ...mail.attachments
      .filter(
        ({ mimeType }) =>
          COPY_PARTS.has(mimeType) ||
          REPORT_PARTS.has(mimeType) ||
          mimeType.startsWith('text/') ||
          mimeType === 'message/feedback-report',
      )
      .map(({ content }) => Buffer.from(content.subarray(0, MAX_PART)).toString('latin1')),
  ];
  const ids = new Set([...mail.inReplyTo, ...mail.references]);
  for (const source of sources) {
    const unfolded = source.replace(/\r?\n[ \t]+/g, ' ');
    for (const match of unfolded.matchAll(RETURNED_MESSAGE_ID)) {
      for (const id of match[1]?.match(/<[^<>\s]+>/g) ?? []) ids.add(id);
    }
    for (const id of unfolded.match(/FS_(?:reply|autoreply|notify)-[\w.-]{1,200}@[\w.-]{1,200}/gi) ?? [])
      ids.add(`<${id}>`);
  }
  return [...ids].slice(0, MAX_REFERENCES);
}

const NOTIFICATION_KINDS: Readonly<Record<string, ReportKind>> = {
  bounce: 'bounce',
  deliverydelay: 'bounce',
  reject: 'bounce',
  complaint: 'abuse-report',
  delivery: 'receipt',
  open: 'receipt',
};
const NOTIFICATION = /\\?"(?:notificationType|eventType)\\?"\s{0,5}:\s{0,5}\\?"([a-z]{1,20})\\?"/i;

/** Amazon's notifications carry their report as JSON, as such or quoted within other JSON. */
function notificationKindOf(mail: ParsedMail): ReportKind | null {
  const text = mail.text.slice(0, MAX_TEXT);
  if (!text.trimStart().startsWith('{')) return null;
  return NOTIFICATION_KINDS[NOTIFICATION.exec(text)?.[1]?.toLowerCase() ?? ''] ?? null;
}

/** A delivery report about nothing but success; "delayed" and "failed" are bounces. */
function isOnlySuccess(mail: ParsedMail): boolean {
  const actions = mail.attachments
    .filter(({ mimeType }) => REPORT_PARTS.has(mimeType))
    .flatMap(({ content }) => {
      const text = Buffer.from(content.subarray(0, MAX_PART)).toString('latin1');
      return [...text.matchAll(/^action\s*:\s*([a-z-]{1,20})/gim)].map((match) => match[1]?.toLowerCase());
    });
  return (
    actions.length > 0 &&
    actions.every((action) => action === 'delivered' || action === 'relayed' || action === 'expanded')
  );
}

function bounceScore(mail: ParsedMail, parts: ReadonlySet<string>): number {
  const system = systemSigns(mail);
  if (system < 2) return 0;
  const subject = mail.subject.replace(/^\s*(?:\[[^\]]{1,60}\]|\*+[^*]{1,30}\*+)\s*/, '').slice(0, 300);
  const text = mail.text.slice(0, MAX_TEXT);
  const saysBounce = BOUNCE_SUBJECT.test(subject) ? 2 : 0;
  const saysAway = AUTOMATIC_SUBJECTS.test(subject) ? -2 : 0;
  const phrases = BOUNCE_PHRASES.filter((pattern) => pattern.test(text)).length;
  const hasCopy = [...parts].some((part) => COPY_PARTS.has(part) || REPORT_PARTS.has(part)) ? 1 : 0;
  return system + saysBounce + saysAway + Math.min(phrases, 3) + hasCopy;
}

/** Signs that a mail system, not a person, sent this. */
function systemSigns(mail: ParsedMail): number {
  const from = headerValue(mail, 'from');
  const local = (mail.from?.address ?? /[^\s<>"@]+(?=@|>|\s|$)/.exec(from)?.[0] ?? '').split('@')[0] ?? '';
  const returnPath = headerValues(mail, 'return-path').at(0)?.trim();
  let signs = 0;
  if (DAEMON_LOCAL_PART.test(local) || /mailer-?daemon/i.test(from) || DAEMON_NAME.test(from)) signs += 2;
  if (returnPath === '<>' || /^<?mailer-?daemon\b/i.test(returnPath ?? '')) signs += 2;
  if (from === '' || /^\s*<>\s*$/.test(from)) signs += 1;
  if (mail.headers.has('x-failed-recipients')) signs += 2;
  if (/^multipart\/report/i.test(headerValue(mail, 'content-type'))) signs += 2;
  if (LIST_SOFTWARE_LOCAL_PART.test(local)) signs += 1;
  if (mail.headers.has('x-mlserver') || mail.headers.has('x-mailman-version')) signs += 1;
  if (/^\s*auto-(?:replied|generated|notified)/i.test(headerValue(mail, 'auto-submitted'))) signs += 1;
  return signs;
}
