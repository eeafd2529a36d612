import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { composeMail } from '#infra/standins/gmail/composeMail.ts';
import { sampleMails } from '#infra/standins/gmail/samples/sampleMails.ts';

describe('composed mails', () => {
  it('are read back as they were meant: names, subject, bodies, inline image, attachment, threading', async () => {
    const data = new Uint8Array([0, 1, 2, 255]);
    const mail = await PostalMime.parse(
      composeMail({
        from: { name: 'Jürgen "Jo" Groß', email: 'jo@customer.example' },
        to: [{ email: 'support@example.com' }],
        cc: [{ name: 'Ann, Bee', email: 'ann@customer.example' }],
        subject:
          'Grüße über eine sehr lange Betreffzeile mit ÄÖÜ, die in mehrere Wörter zerlegt werden muss 🙂',
        text: 'Zeile 1\nZeile 2 ß',
        html: '<p>ß <img src="cid:a@b"></p>',
        messageId: 'm@customer.example',
        inReplyTo: 'FS_reply-5-abc@example.com',
        references: ['a@x.example', 'FS_reply-5-abc@example.com'],
        date: new Date('2026-11-20T10:00:00Z'),
        headers: { 'Auto-Submitted': 'auto-replied' },
        attachments: [
          { fileName: 'a.png', mimeType: 'image/png', data, contentId: 'a@b' },
          { fileName: 'b.bin', mimeType: 'application/octet-stream', data },
        ],
      }),
    );
    expect(mail).toMatchObject({
      from: { name: 'Jürgen "Jo" Groß', address: 'jo@customer.example' },
      cc: [{ name: 'Ann, Bee', address: 'ann@customer.example' }],
      subject:
        'Grüße über eine sehr lange Betreffzeile mit ÄÖÜ, die in mehrere Wörter zerlegt werden muss 🙂',
      messageId: '<m@customer.example>',
      inReplyTo: '<FS_reply-5-abc@example.com>',
      references: '<a@x.example> <FS_reply-5-abc@example.com>',
      date: '2026-11-20T10:00:00.000Z',
    });
    expect(mail.text).toContain('Zeile 2 ß');
    expect(mail.html).toContain('cid:a@b');
    expect(mail.headers).toContainEqual(
      expect.objectContaining({ key: 'auto-submitted', value: 'auto-replied' }),
    );
    expect(mail.attachments).toMatchObject([
      { filename: 'a.png', related: true, contentId: '<a@b>' },
      { filename: 'b.bin', disposition: 'attachment' },
    ]);
  });

  it('are what the samples need: one after another within the first minute, each with its own id', () => {
    const times = sampleMails.map((mail) => mail.afterSeconds);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeLessThan(60);
    expect(new Set(sampleMails.map((mail) => mail.messageId)).size).toBe(sampleMails.length);
  });
});
