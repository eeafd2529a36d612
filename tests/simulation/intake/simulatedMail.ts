/** What becomes of a mail when all goes as it should. */
export type Fate =
  /** exactly one entry in FreeScout */
  | 'ticket'
  /** no entry, and a row that says why */
  | 'filtered'
  /** from before the first start: never touched */
  | 'ignored';

export interface MailParts {
  readonly messageId: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly date: Date;
  readonly inReplyTo?: string;
  readonly headers?: readonly string[];
}

/** A plain mail as it goes over the wire. */
export function rawMail({
  messageId,
  from,
  to,
  subject,
  text,
  date,
  inReplyTo,
  headers = [],
}: MailParts): string {
  return [
    `From: ${from}`,
    `To: ${to}`,
    `Subject: ${subject}`,
    `Date: ${date.toUTCString()}`,
    `Message-ID: <${messageId}>`,
    ...(inReplyTo === undefined ? [] : [`In-Reply-To: <${inReplyTo}>`, `References: <${inReplyTo}>`]),
    ...headers,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    text,
    '',
  ].join('\r\n');
}

/** Headers of a newsletter that no hygiene can take for a person. */
export const newsletterHeaders: readonly string[] = [
  'List-Unsubscribe: <https://news.example.net/u>',
  'List-Id: <weekly.news.example.net>',
  'Precedence: bulk',
  'Feedback-ID: 1:2:3:news',
];
