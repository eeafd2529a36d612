import { randomUUID } from 'node:crypto';
import type { DeskState } from './deskState.ts';
import { fetchMail } from './fetchedMail.ts';
import {
  type ConversationRecord,
  type CustomerMail,
  type CustomerRecord,
  fullName,
  mainEmail,
  type OutgoingMail,
} from './records.ts';

/** Takes a mail that a customer wrote on the desk page, e.g. into the Gmail stand-in. */
export type SubmitCustomerMail = (mail: CustomerMail) => void | Promise<void>;

export type CustomerSide = ReturnType<typeof customerSide>;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Plain text as a mail program's HTML: one `<div>` a line, `<div><br></div>` for an empty one. */
export const htmlOfText = (text: string): string =>
  text
    .trim()
    .split(/\r?\n/)
    .map((line) => `<div>${escaped(line) || '<br>'}</div>`)
    .join('');

const baseSubject = (subject: string): string => subject.replace(/^((re|aw|fwd?|wg):\s*)+/i, '').trim();

/**
 * The customer's mail program: new mails, and answers that carry In-Reply-To and References like a real one's.
 * Without a `submit` the mails are fetched by the help desk itself.
 */
export function customerSide(desk: DeskState, submit?: SubmitCustomerMail) {
  const sent: CustomerMail[] = [];

  const hand = async (mail: CustomerMail): Promise<void> => {
    sent.push(mail);
    const mailbox = [...desk.mailboxes.values()].find(({ email }) => email === mail.to);
    if (submit !== undefined) {
      await submit(mail);
    } else {
      fetchMail(desk, mailbox?.id ?? 1, mail);
    }
  };

  /** The agent's newest mail in a conversation, which an answer answers. */
  const answeredMail = (conversationId: number): OutgoingMail | undefined =>
    desk.mail.findLast((mail) => mail.conversationId === conversationId);

  return {
    answeredMail,

    /** Lets an answer without an agent's mail continue the thread of a mail that was handed in elsewhere. */
    remember: (mail: CustomerMail): void => void sent.push(mail),

    async writeNew(mail: {
      name: string;
      email: string;
      to: string;
      subject: string;
      text: string;
      cc: readonly string[];
    }): Promise<CustomerMail> {
      const written: CustomerMail = {
        messageId: `${randomUUID()}@${mail.email.split('@')[1] ?? 'customer.invalid'}`,
        from: { name: mail.name, email: mail.email },
        to: mail.to,
        cc: mail.cc,
        subject: mail.subject,
        text: mail.text,
        html: htmlOfText(mail.text),
        inReplyTo: null,
        references: [],
      };
      await hand(written);
      return written;
    },

    /** Answers the agent's newest mail; when there is none yet, the customer's own first mail. */
    async answer(conversation: ConversationRecord, text: string): Promise<CustomerMail> {
      const customer = desk.customers.get(conversation.customerId);
      const email = conversation.customerEmail || (customer === undefined ? '' : mainEmail(customer));
      const received = answeredMail(conversation.id);
      const subject = baseSubject(conversation.subject ?? '');
      const own = sent.findLast(
        (mail) =>
          mail.from.email.toLowerCase() === email.toLowerCase() && baseSubject(mail.subject) === subject,
      );
      const previous = received ?? own;
      const quote = received === undefined ? null : attribution(received);
      const written: CustomerMail = {
        messageId: `${randomUUID()}@${email.split('@')[1] ?? 'customer.invalid'}`,
        from: { name: nameOf(customer), email },
        to: desk.mailboxes.get(conversation.mailboxId)?.email ?? '',
        cc: received?.cc ?? own?.cc ?? [],
        subject: `Re: ${subject}`,
        text:
          quote === null
            ? text
            : `${text}\n\n${quote}\n\n> ${(received?.text ?? '').replaceAll('\n', '\n> ')}\n`,
        html:
          quote === null
            ? htmlOfText(text)
            : `${htmlOfText(text)}<br><div class="gmail_quote"><div class="gmail_attr">${escaped(quote)}<br></div>` +
              `<blockquote class="gmail_quote">${received?.html ?? ''}</blockquote></div>`,
        inReplyTo: previous?.messageId ?? null,
        references: previous === undefined ? [] : [...previous.references, previous.messageId],
      };
      await hand(written);
      return written;
    },
  };
}

const dateWords = new Intl.DateTimeFormat('en-US', {
  ...({ weekday: 'short', month: 'short', day: 'numeric', year: 'numeric' } as const),
  ...({ hour: 'numeric', minute: '2-digit', timeZone: 'UTC' } as const),
});

/** The line above the quoted mail, as Gmail writes it. */
const attribution = ({ sentAt, from }: OutgoingMail): string =>
  `On ${dateWords.format(new Date(sentAt))} ${from.name} <${from.email}> wrote:`;

const nameOf = (customer: CustomerRecord | undefined): string =>
  customer === undefined ? '' : fullName(customer);
