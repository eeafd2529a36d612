import type { RawGmailMessage } from '#shared/channels/gmail/gmailClient.ts';
import { markerFor } from '#shared/drafts/markers.ts';
import type { NewAttachment, NewCustomer } from '#shared/freescout/conversationWriter.ts';
import { safelyPastMilliseconds } from '#shared/freescout/freescoutBodies.ts';
import { customerOf } from '#shared/mail/hygiene/classifyMail.ts';
import { isOurs } from '#shared/mail/hygiene/ownAddresses.ts';
import type { MailAddress } from '#shared/mail/parsing/addresses.ts';
import type { MailAttachment, ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { safeHtmlForFreeScout, textToHtml } from '#shared/mail/visible/safeHtml.ts';
import type { LedgerKey } from '#shared/store/keys.ts';
import { firstBytes } from '#shared/text/firstBytes.ts';

/** A mail as FreeScout gets it. */
export interface MailForFreeScout {
  readonly subject: string;
  readonly customer: NewCustomer;
  readonly html: string;
  readonly attachments: readonly NewAttachment[];
  /** Without attachments, all of them named in the text: for a FreeScout that finds the mail too large. */
  readonly htmlWithoutAttachments: string;
  /** The beginning of its text alone: for a FreeScout that finds even that too large. */
  readonly htmlOfBeginning: string;
  /** Everybody else the mail was addressed to, without ourselves and the customer. */
  readonly cc: readonly string[];
  /** Set only when it is safe to date the thread back. */
  readonly createdAt?: Date;
}

/** FreeScout keeps cc in 64 kB (a TEXT column, core 1.8.235) and would cut it off in the middle of an address. */
const mostCopied = 200;

/** Nobody looks through more, and each is a file and a row that FreeScout stores within the one call. */
const mostAttachments = 50;

/** FreeScout insists on an address; the reserved domain can never be mailed. */
const unknownSender: MailAddress = { address: 'unknown-sender@unknown.invalid', name: 'Unknown sender' };

/**
 * Who wrote the mail, by its From alone: what a conversation that exists may be joined as, for anybody can name anybody in Reply-To.
 * A placeholder that nobody can be mailed at when it names nobody.
 */
export function senderOf(mail: ParsedMail): MailAddress {
  return mail.from ?? unknownSender;
}

/** Whose conversation the mail starts: its sender's, but for a web form that of the person who filled it in. */
export function starterOf(mail: ParsedMail, ownAddresses: ReadonlySet<string>): MailAddress {
  return customerOf(mail, ownAddresses) ?? unknownSender;
}

/**
 * Shapes a mail for FreeScout: safe HTML with our marker, attachments up to the limits with the rest named in the text, everybody
 * but the customer as cc.
 */
export function mailForFreeScout(
  mail: ParsedMail,
  message: RawGmailMessage,
  options: {
    readonly key: LedgerKey;
    readonly customer: MailAddress;
    readonly ownAddresses: ReadonlySet<string>;
    readonly attachmentLimitBytes: number;
    readonly now: Date;
  },
): MailForFreeScout {
  const { customer } = options;
  const { passedOn, tooLarge, tooMany } = withinLimits(mail.attachments, options.attachmentLimitBytes);
  const body = `${markerFor(options.key)}${safeHtmlForFreeScout(mail)}`;
  const oldEnough = options.now.getTime() - message.internalDate.getTime() > safelyPastMilliseconds;
  return {
    subject: mail.subject.trim() === '' ? '(no subject)' : mail.subject,
    customer: { email: customer.address, ...nameParts(customer.name) },
    html: body + leftOutLines({ tooLarge, tooMany }),
    attachments: passedOn.map(({ fileName, mimeType, content }) => ({ fileName, mimeType, content })),
    htmlWithoutAttachments: body + leftOutLines({ tooLarge: mail.attachments }),
    htmlOfBeginning: `${markerFor(options.key)}${beginningOf(mail)}${leftOutLines({ tooLarge: mail.attachments })}`,
    cc: otherRecipients(mail, customer, options.ownAddresses),
    ...(oldEnough ? { createdAt: message.internalDate } : {}),
  };
}

function withinLimits(attachments: readonly MailAttachment[], limitBytes: number) {
  const passedOn: MailAttachment[] = [];
  const tooLarge: MailAttachment[] = [];
  const tooMany: MailAttachment[] = [];
  let room = limitBytes;
  for (const attachment of attachments) {
    if (attachment.content.byteLength > room) {
      tooLarge.push(attachment);
    } else if (passedOn.length === mostAttachments) {
      tooMany.push(attachment);
    } else {
      room -= attachment.content.byteLength;
      passedOn.push(attachment);
    }
  }
  return { passedOn, tooLarge, tooMany };
}

/** A fifth of the megabyte that web servers take when nobody told them otherwise (nginx). */
const bytesOfBeginning = 200_000;

function beginningOf({ text }: ParsedMail): string {
  const notice = "[Too large: this is the beginning of the mail's text; all of the mail is in the mailbox]";
  return `${textToHtml(firstBytes(text, bytesOfBeginning))}<div><br></div>${textToHtml(notice)}`;
}

/** What stands in front of the name of an attachment that was left out; messages in FreeScout are read for them. */
const leftOutMarks = {
  tooLarge: '[Attachment left in the mailbox, too large: ',
  tooMany: `[Attachment left in the mailbox, more than ${mostAttachments}: `,
};

/** How many attachments a message that we wrote names as left out. */
export function attachmentsNamedAsLeft(html: string): number {
  return Object.values(leftOutMarks).reduce((count, mark) => count + html.split(mark).length - 1, 0);
}

function leftOutLines(leftOut: {
  readonly tooLarge: readonly MailAttachment[];
  readonly tooMany?: readonly MailAttachment[];
}): string {
  const { tooLarge, tooMany = [] } = leftOut;
  const lineFor =
    (mark: string) =>
    ({ fileName, content }: MailAttachment) =>
      `${mark}${fileName}, ${sizeOf(content.byteLength)}]`;
  const lines = [
    ...tooLarge.map(lineFor(leftOutMarks.tooLarge)),
    ...tooMany.map(lineFor(leftOutMarks.tooMany)),
  ];
  return lines.length === 0 ? '' : `<div><br></div>${textToHtml(lines.join('\n'))}`;
}

function sizeOf(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function nameParts(name: string | null): { firstName?: string; lastName?: string } {
  const words = (name ?? '').trim().split(/\s+/u).filter(Boolean);
  const [firstName, ...others] = words;
  if (firstName === undefined) {
    return {};
  }
  return others.length === 0 ? { firstName } : { firstName, lastName: others.join(' ') };
}

function otherRecipients(
  mail: ParsedMail,
  customer: MailAddress,
  own: ReadonlySet<string>,
): readonly string[] {
  const addresses = [...mail.to, ...mail.cc, ...mail.replyTo].map(({ address }) => address);
  return copiedTo(addresses, customer.address, own);
}

/** Those who are copied in: neither ourselves nor the customer. */
export function copiedTo(
  addresses: readonly string[],
  customerEmail: string,
  own: ReadonlySet<string>,
): readonly string[] {
  const others = [...new Set(addresses)].filter(
    (address) => !isOurs(address, own) && address !== customerEmail,
  );
  return others.slice(0, mostCopied);
}
