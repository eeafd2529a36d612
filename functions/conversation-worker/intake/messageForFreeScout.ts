import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { IncomingMessage } from '#shared/channels/incomingMessage.ts';
import type { CustomerIdentity } from '#shared/customers/customerIdentity.ts';
import { markerFor } from '#shared/drafts/markers.ts';
import type { NewAttachment, NewCustomer } from '#shared/freescout/conversationWriter.ts';
import { safelyPastMilliseconds } from '#shared/freescout/freescoutBodies.ts';
import { textToHtml } from '#shared/mail/visible/safeHtml.ts';
import { ownAddresses } from '#shared/settings/channels.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import { firstBytes } from '#shared/text/firstBytes.ts';
import { copiedTo } from './copiedTo.ts';
import { namedAsTooLarge, withinLimits } from './leftOutAttachments.ts';

/** A message as FreeScout gets it. */
export interface MessageForFreeScout {
  readonly subject: string;
  /** Whose message it becomes, here and in FreeScout's terms. */
  readonly identity: CustomerIdentity;
  readonly customer: NewCustomer;
  readonly html: string;
  readonly attachments: readonly NewAttachment[];
  /** Without attachments, all of them named in the text: for a FreeScout that finds the message too large. */
  readonly htmlWithoutAttachments: string;
  /** The beginning of its text alone: for a FreeScout that finds even that too large. */
  readonly htmlOfBeginning: string;
  /** Everybody else the message was addressed to, without ourselves and the customer. */
  readonly cc: readonly string[];
  /** Set only when it is safe to date the thread back. */
  readonly createdAt?: Date;
}

/**
 * Shapes the message in hand for FreeScout, as that person's: safe HTML with our marker, attachments up to the limits with the rest
 * named in the text, everybody but the customer as cc.
 */
export function messageForFreeScout(
  { settings, clock }: Pick<WorkerDependencies, 'settings' | 'clock'>,
  { row, message }: { readonly row: Pick<LedgerRow, 'key'>; readonly message: IncomingMessage },
  identity: CustomerIdentity,
): MessageForFreeScout {
  const marker = markerFor(row.key);
  const { attachmentLimitMegabytes } = settings.freescout;
  const { passedOn, othersNamed } = withinLimits(message.attachments, attachmentLimitMegabytes);
  const allNamed = namedAsTooLarge(message.attachments);
  const body = `${marker}${message.html()}`;
  const oldEnough = clock.now().getTime() - message.receivedAt.getTime() > safelyPastMilliseconds;
  return {
    subject: message.subject.trim() === '' ? '(no subject)' : message.subject,
    identity,
    customer: customerOf(identity),
    html: body + othersNamed,
    attachments: passedOn.map(({ fileName, mimeType, content }) => ({ fileName, mimeType, content })),
    htmlWithoutAttachments: body + allNamed,
    htmlOfBeginning: `${marker}${beginningOf(message.text)}${allNamed}`,
    cc: copiedTo(message.recipients, identity, ownAddresses(settings)),
    ...(oldEnough ? { createdAt: message.receivedAt } : {}),
  };
}

function customerOf(identity: CustomerIdentity): NewCustomer {
  const name = nameParts(identity.name);
  return identity.kind === 'email'
    ? { email: identity.address, ...name }
    : { phone: identity.number, ...name };
}

/** A fifth of the megabyte that web servers take when nobody told them otherwise (nginx). */
const bytesOfBeginning = 200_000;

function beginningOf(text: string): string {
  const notice = "[Too large: this is the beginning of the mail's text; all of the mail is in the mailbox]";
  return `${textToHtml(firstBytes(text, bytesOfBeginning))}<div><br></div>${textToHtml(notice)}`;
}

function nameParts(name: string | null): { firstName?: string; lastName?: string } {
  const words = (name ?? '').trim().split(/\s+/u).filter(Boolean);
  const [firstName, ...others] = words;
  if (firstName === undefined) {
    return {};
  }
  return others.length === 0 ? { firstName } : { firstName, lastName: others.join(' ') };
}
