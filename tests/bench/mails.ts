import { composeMail } from '#infra/standins/gmail/composeMail.ts';
import { address, type BenchSystem } from './benchSystem.ts';

/** A customer's mail of ordinary length; each number is another customer. */
export function customerMail(number: number, options: { readonly inReplyTo?: string } = {}): Buffer {
  return composeMail({
    messageId:
      options.inReplyTo === undefined ? messageIdOf(number) : `more-${number}@customer${number}.example`,
    from: { name: `Customer ${number}`, email: `anna@customer${number}.example` },
    to: [{ email: address }],
    subject: `Question about order ${1000 + number}`,
    date: new Date(),
    text: [
      'Good morning,',
      `on Monday I ordered twelve chairs (order ${1000 + number}). Could you please tell me when they will be delivered, and`,
      'whether I can still change the colour of four of them to dark green? We are moving into a new office on the 14th and',
      'would like to have everything in place by then. If that is not possible I would rather wait for the complete order.',
      '',
      'Kind regards',
      'Anna Berger',
    ].join('\n'),
    ...(options.inReplyTo === undefined ? {} : { inReplyTo: options.inReplyTo }),
  });
}

export function messageIdOf(number: number): string {
  return `first-${number}@customer${number}.example`;
}

export function newsletter(number: number): Buffer {
  return Buffer.from(
    [
      `Message-ID: <news-${number}@shop-news.example>`,
      'From: Shop News <no-reply@shop-news.example>',
      `To: ${address}`,
      'Subject: Only this week: 40 % off',
      `Date: ${new Date().toUTCString()}`,
      'List-Unsubscribe: <https://shop-news.example/u>',
      'List-Id: <news.shop-news.example>',
      'Precedence: bulk',
      'Content-Type: text/plain; charset=utf-8',
      '',
      'Buy now! To unsubscribe click here: https://shop-news.example/u',
    ].join('\r\n'),
  );
}

/** Puts mails of so many customers into Gmail. */
export async function receiveMails(system: BenchSystem, first: number, count: number): Promise<void> {
  for (let number = first; number < first + count; number += 1) {
    await system.gmail.insert({ raw: customerMail(number) });
  }
}
