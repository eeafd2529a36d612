import {
  base64Part,
  buildMail,
  buildMultipart,
  buildPart,
  htmlPart,
  type MailHeaders,
  textPart,
} from '#tests/support/mailBuilder.ts';

// The word "canary" stands in everything that must never be logged.
const person = `Canaria Canary <canary.person@canary-customer.test>`;
const basics: MailHeaders = {
  From: person,
  To: 'support@example.com, Canary Boss <canary.boss@canary-customer.test>',
  Cc: 'canary.cc@canary-customer.test',
  Subject: 'canary-subject where is my canary parcel?',
};
const messageId = (name: string): MailHeaders => ({ 'Message-ID': `<canary-${name}@canary-customer.test>` });
const text =
  'My canary-password is canary-1234, call me at canary-phone.\n\n> canary-quoted\n\n-- \nCanary Signature';

/** A mail with everything a mail can carry. */
function fullMail(headers: MailHeaders): Uint8Array {
  const { type, body } = buildMultipart('mixed', [
    textPart(text),
    htmlPart(`<div onclick="canary()">canary-html <img src="https://canary.test/canary.png"></div>`),
    base64Part(
      {
        'Content-Type': 'application/pdf; name="canary-attachment.pdf"',
        'Content-Disposition': 'attachment; filename="canary-attachment.pdf"',
      },
      'canary-bytes',
    ),
  ]);
  return buildMail({ ...basics, ...headers, 'Content-Type': type }, body);
}

/** What a mail system says about a mail of ours that did not arrive. */
function bounce(headers: MailHeaders, returnedMessageId: string): Uint8Array {
  const { type, body } = buildMultipart(
    'report',
    [
      textPart('canary-bounce: canary.gone@canary-customer.test does not exist'),
      buildPart(
        { 'Content-Type': 'message/delivery-status' },
        'Reporting-MTA: dns; canary.test\r\n\r\nFinal-Recipient: rfc822; canary.gone@canary-customer.test\r\nAction: failed\r\nStatus: 5.1.1\r\n',
      ),
      buildPart(
        { 'Content-Type': 'text/rfc822-headers' },
        `Message-ID: ${returnedMessageId}\r\nSubject: canary\r\n`,
      ),
    ],
    'report-type=delivery-status; ',
  );
  return buildMail({ ...basics, ...headers, From: 'MAILER-DAEMON@canary.test', 'Content-Type': type }, body);
}

export interface CanaryMail {
  readonly name: string;
  readonly raw: Uint8Array;
  readonly gmailThreadId?: string;
  readonly labelIds?: readonly string[];
}

/** One mail for each way through the intake. */
export const canaryMails: readonly CanaryMail[] = [
  { name: 'customer', raw: fullMail(messageId('first')), gmailThreadId: 'thread1' },
  { name: 'again', raw: fullMail(messageId('again')), gmailThreadId: 'thread1' },
  {
    name: 'stranger',
    raw: fullMail({
      ...messageId('stranger'),
      From: 'Canary Stranger <canary.stranger@canary-other.test>',
      'In-Reply-To': '<canary-first@canary-customer.test>',
    }),
  },
  {
    name: 'newsletter',
    raw: fullMail({
      ...messageId('news'),
      'List-Unsubscribe': '<https://canary.test/u>',
      'List-Id': '<canary.canary.test>',
      Precedence: 'bulk',
      'Feedback-ID': 'canary',
    }),
  },
  { name: 'away', raw: fullMail({ ...messageId('away'), 'Auto-Submitted': 'auto-replied' }) },
  { name: 'bounce', raw: bounce(messageId('bounce'), '<canary-first@canary-customer.test>') },
  { name: 'foreign-bounce', raw: bounce(messageId('bounce2'), '<canary-unknown@canary-customer.test>') },
  { name: 'own', raw: fullMail({ ...messageId('own'), From: 'support@example.com' }) },
  { name: 'sent', raw: fullMail(messageId('sent')), labelIds: ['SENT'] },
  {
    name: 'escalation',
    raw: fullMail({ ...messageId('law'), Subject: 'canary: my lawyer takes legal action' }),
  },
  {
    name: 'broken',
    raw: Buffer.concat([Buffer.from([0, 255, 254, 10, 13]), Buffer.from('canary: \xff\xfecanary')]),
  },
  { name: 'no-sender', raw: fullMail({ ...messageId('nobody'), From: [] }) },
  {
    name: 'odd-addresses',
    raw: fullMail({ ...messageId('odd'), From: '"canary@canary.test" <not an address canary>' }),
  },
];
