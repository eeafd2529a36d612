import { headerValue } from '#shared/mail/parsing/mailHeaders.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { answersOrForwards, automaticSubjects } from './automaticSubjects.ts';
import {
  bouncePhrases,
  bounceSubject,
  complaintAboutServer,
  complaintLocalPart,
  complaintSubject,
  complaintText,
  daemonLocalPart,
  daemonName,
  listSoftwareLocalPart,
  machineOpening,
  mailSystemSentences,
  returnedMessageId,
} from './bounceSigns.ts';

/** How much of the text of a report is looked at; the rest is the copy of the returned mail. */
const maxText = 60_000;
const maxPart = 200_000;
const maxReferences = 50;

const enough = 4;
const reportParts = new Set(['message/delivery-status', 'message/global-delivery-status']);
const copyParts = new Set([
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
 * A standard report is proof by itself. Everything else needs several signs, one of them from the mail system that sends it, and what
 * only such a system writes: a customer who forwards a bounce and asks what it means is a customer.
 */
export function reportKindOf(mail: ParsedMail): ReportKind | null {
  const type = headerValue(mail, 'content-type').toLowerCase();
  const parts = new Set(mail.attachments.map(({ mimeType }) => mimeType));
  const isReport = type.startsWith('multipart/report');
  if (parts.has('message/feedback-report') || (isReport && type.includes('feedback-report'))) {
    return 'abuse-report';
  }
  if (parts.has('message/disposition-notification')) {
    return 'receipt';
  }
  if (isReport && type.includes('disposition-notification')) {
    return 'receipt';
  }
  if (isReport && hasAny(parts, reportParts)) {
    return isOnlySuccess(mail) ? 'receipt' : 'bounce';
  }
  if (isReport && type.includes('delivery-status')) {
    return 'bounce';
  }
  if (isComplaint(mail, parts)) {
    return 'abuse-report';
  }
  return (
    notificationKindOf(mail) ??
    (bounceScore(mail, parts) >= enough && hasProofOfReturn(mail, parts) ? 'bounce' : null)
  );
}

/**
 * What no person's mail has: a form that only mail systems write; the mail that comes back, with a sentence of a mail system; such a
 * sentence in what comes back to nobody. A sender's name, a subject and an empty return path are in people's mail too, also together.
 */
function hasProofOfReturn(mail: ParsedMail, parts: ReadonlySet<string>): boolean {
  const isReport = /^multipart\/report/i.test(headerValue(mail, 'content-type'));
  if (isReport || reportHeaders.some((name) => mail.headers.has(name))) {
    return true;
  }
  const isDaemon =
    daemonLocalPart.test(localPartOf(mail)) || /<mailer-?daemon\b/i.test(headerValue(mail, 'from'));
  if (!isDaemon && answersOrForwards.test(mail.subject)) {
    return false;
  }
  if (hasAny(parts, reportParts)) {
    return true;
  }
  const text = mail.text.slice(0, maxText);
  // People do not write from a daemon's address, so its subject counts as a sentence, too.
  const written = isDaemon ? `${mail.subject}\n${text}` : text;
  const says =
    bouncePhrases.some((sentence) => sentence.test(written)) || machineOpening.test(text.trimStart());
  if (says && hasReturnedHeaders(text, parts)) {
    return true;
  }
  return isDaemon
    ? says && (hasEmptyReturnPath(mail) || !mail.headers.has('return-path'))
    : hasEmptyReturnPath(mail) && mailSystemSentences.some((sentence) => sentence.test(text));
}

/** Of Exim and Google, and of Exchange. */
const reportHeaders = ['x-failed-recipients', 'x-ms-embedded-report'];

function hasAny(parts: ReadonlySet<string>, wanted: ReadonlySet<string>): boolean {
  return [...parts].some((part) => wanted.has(part));
}

/**
 * The Message-IDs a report speaks about: those of the returned mail and what it answered, wherever the report carries
 * them. Our own `FS_reply-…` ids among them tell the conversation.
 */
export function reportedMessageIds(mail: ParsedMail): string[] {
  const sources = [
    mail.text.slice(0, maxText),
    ...textsOf(
      mail,
      (type) => copyParts.has(type) || reportParts.has(type) || /^(?:text\/|message\/feedback)/.test(type),
    ),
  ];
  const ids = new Set([...mail.inReplyTo, ...mail.references]);
  for (const source of sources) {
    const unfolded = source.replace(/\r?\n[ \t]+/g, ' ');
    for (const match of unfolded.matchAll(returnedMessageId)) {
      for (const id of match[1]?.match(/<[^<>\s]+>/g) ?? []) {
        ids.add(id);
      }
    }
    for (const id of unfolded.match(/FS_(?:reply|autoreply|notify)-[\w.-]{1,200}@[\w.-]{1,200}/gi) ?? []) {
      ids.add(`<${id}>`);
    }
  }
  return [...ids].slice(0, maxReferences);
}

const notificationKinds: Readonly<Record<string, ReportKind>> = {
  bounce: 'bounce',
  deliverydelay: 'bounce',
  reject: 'bounce',
  complaint: 'abuse-report',
  delivery: 'receipt',
  open: 'receipt',
};
const notification = /\\?"(?:notificationType|eventType)\\?"\s{0,5}:\s{0,5}\\?"([a-z]{1,20})\\?"/i;

/** Amazon's notifications carry their report as JSON, as such or quoted within other JSON. */
function notificationKindOf(mail: ParsedMail): ReportKind | null {
  const text = mail.text.slice(0, maxText);
  if (!text.trimStart().startsWith('{')) {
    return null;
  }
  return notificationKinds[notification.exec(text)?.[1]?.toLowerCase() ?? ''] ?? null;
}

/** A delivery report about nothing but success; "delayed" and "failed" are bounces. */
function isOnlySuccess(mail: ParsedMail): boolean {
  const actions = textsOf(mail, (type) => reportParts.has(type)).flatMap((text) =>
    [...text.matchAll(/^action\s*:\s*([a-z-]{1,20})/gim)].map((match) => match[1]?.toLowerCase()),
  );
  return (
    actions.length > 0 &&
    actions.every((action) => action === 'delivered' || action === 'relayed' || action === 'expanded')
  );
}

/**
 * A complaint in a provider's own form: its wording, or a subject that names the server it came from, with the sender's name; and either
 * the mail complained of goes with it, or sender, subject and wording agree.
 */
function isComplaint(mail: ParsedMail, parts: ReadonlySet<string>): boolean {
  const copies = hasAny(parts, copyParts);
  const text = [mail.text.slice(0, maxText), ...textsOf(mail, (type) => type.startsWith('text/'))];
  const says = text.some((one) => complaintText.test(one));
  if (!says && !complaintAboutServer.test(mail.subject)) {
    return false;
  }
  const signs = [complaintLocalPart.test(localPartOf(mail)), complaintSubject.test(mail.subject), says];
  return signs.filter(Boolean).length >= (copies ? 2 : 3);
}

function textsOf(mail: ParsedMail, isWanted: (mimeType: string) => boolean): string[] {
  return mail.attachments
    .filter(({ mimeType }) => isWanted(mimeType))
    .map(({ content }) => Buffer.from(content.subarray(0, maxPart)).toString('latin1'));
}

function bounceScore(mail: ParsedMail, parts: ReadonlySet<string>): number {
  const subject = mail.subject.replace(/^\s*(?:\[[^\]]{1,60}\]|\*+[^*]{1,30}\*+)\s*/, '').slice(0, 300);
  const text = mail.text.slice(0, maxText);
  const saysBounce = bounceSubject.test(subject) ? 2 : 0;
  const saysAway = automaticSubjects.test(subject) ? -2 : 0;
  const phrases = bouncePhrases.filter((pattern) => pattern.test(text)).length;
  const hasCopy = hasAny(parts, copyParts) || hasAny(parts, reportParts) ? 1 : 0;
  const isForwarded = /^(?:fwd?|wg|tr|rv|i|enc|doorst|vs|vb|pd)\s*:/i.test(subject);
  const opens = !isForwarded && machineOpening.test(text.trimStart().slice(0, 200)) ? 2 : 0;
  const noReply =
    saysBounce > 0 && hasReturnedHeaders(text, parts) && noReplyPattern.test(localPartOf(mail)) ? 2 : 0;
  const system = systemSigns(mail) + opens + noReply;
  return system < 2 ? 0 : system + saysBounce + saysAway + Math.min(phrases, 3) + hasCopy;
}

const noReplyPattern = /^(?:no-?reply|do-?not-?reply)/i;

/** The header of a mail, as an attachment or in the text: a shop's "could not be delivered" has none. */
function hasReturnedHeaders(text: string, parts: ReadonlySet<string>): boolean {
  return hasAny(parts, copyParts) || /^\s{0,8}(?:received|return-path|message-id)\s?:/im.test(text);
}

/** What comes back to nobody: RFC 5321, section 6.1, and the systems that name themselves instead. */
function hasEmptyReturnPath(mail: ParsedMail): boolean {
  return /^(?:<>$|<?(?:mailer-?daemon|double-bounce)\b)/i.test(headerValue(mail, 'return-path'));
}

/** Signs in the headers that a mail system, not a person, sent this. */
function systemSigns(mail: ParsedMail): number {
  const from = headerValue(mail, 'from');
  const local = localPartOf(mail);
  let signs = 0;
  if (daemonLocalPart.test(local) || /mailer-?daemon/i.test(from) || daemonName.test(from)) {
    signs += 2;
  }
  if (hasEmptyReturnPath(mail)) {
    signs += 2;
  }
  if (from === '' || /^\s*<>\s*$/.test(from)) {
    signs += 1;
  }
  if (mail.headers.has('x-failed-recipients')) {
    signs += 2;
  }
  if (/^multipart\/report/i.test(headerValue(mail, 'content-type'))) {
    signs += 2;
  }
  if (listSoftwareLocalPart.test(local)) {
    signs += 1;
  }
  if (mail.headers.has('x-mlserver') || /\.FML/.test(mail.messageId ?? '')) {
    signs += 1;
  }
  if (/^\s*auto-(?:replied|generated|notified)/i.test(headerValue(mail, 'auto-submitted'))) {
    signs += 1;
  }
  return signs;
}

/** The part before the `@`, also of senders that are no full address, such as `From: mailer-daemon`. */
function localPartOf(mail: ParsedMail): string {
  const sender = mail.from?.address ?? /[^\s<>"@]+(?=@|>|\s|$)/.exec(headerValue(mail, 'from'))?.[0] ?? '';
  return sender.split('@')[0] ?? '';
}
