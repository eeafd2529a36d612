import { describe, expect, it } from 'vitest';
import { mailDigests } from '#shared/channels/gmail/mailDigests.ts';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import {
  buildMail,
  buildMultipart,
  buildPart,
  type MailHeaders,
  textPart,
} from '#tests/support/mailBuilder.ts';

const headers: MailHeaders = {
  From: 'Ann <ann@customer.example>',
  Date: 'Mon, 30 Nov 2026 09:00:00 +0000',
  Subject: 'Order',
  'Message-ID': '<one@customer.example>',
};

async function digests(change: MailHeaders = {}, body = 'Where is my order?') {
  return mailDigests(await parseMail(buildMail({ ...headers, ...change }, body)));
}

describe('what a mail is known again by', () => {
  it.each<readonly [string, MailHeaders, string]>([
    [
      'another account delivered it',
      { 'Delivered-To': 'sales@desk.example', To: 'sales@desk.example' },
      'Where is my order?',
    ],
    ['lines were broken elsewhere', {}, 'Where is my\r\n order?\r\n\r\n'],
  ])('is the same where %s', async (_, change, body) => {
    expect(await digests(change, body)).toEqual(await digests());
  });

  it.each<readonly [string, MailHeaders, string]>([
    ['sender', { From: 'Bob <bob@customer.example>' }, 'Where is my order?'],
    ['date', { Date: 'Mon, 30 Nov 2026 09:00:01 +0000' }, 'Where is my order?'],
    ['subject', { Subject: 'Another order' }, 'Where is my order?'],
    ['text', {}, 'Where is my other order?'],
  ])('tells another %s under the same id', async (_, change, body) => {
    const [first, second] = [await digests(), await digests(change, body)];
    expect(second?.idDigest).toBe(first?.idDigest);
    expect(second?.contentDigest).not.toBe(first?.contentDigest);
  });

  it('tells another file under the same id', async () => {
    const withFile = async (content: string) => {
      const file = buildPart(
        { 'Content-Type': 'text/csv; name=a.csv', 'Content-Disposition': 'attachment; filename=a.csv' },
        content,
      );
      const { type, body } = buildMultipart('mixed', [textPart('See the file'), file]);
      return mailDigests(await parseMail(buildMail({ ...headers, 'Content-Type': type }, body)));
    };
    expect((await withFile('a'))?.contentDigest).not.toBe((await withFile('b'))?.contentDigest);
  });

  it('is nothing without a Message-ID', async () => {
    expect(await digests({ 'Message-ID': [] })).toBeNull();
  });
});
