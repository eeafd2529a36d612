import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { saysContentIsElsewhere } from '#shared/mail/parsing/contentLines.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { splitReply } from '#shared/mail/replies/newlyWritten.ts';
import { safeHtmlForFreeScout, visibleText } from '#shared/mail/visible/safeHtml.ts';
import { cmsMessage, cmsTypes, compressedCms, signedCms, streamedCms } from '#tests/support/cmsBuilder.ts';
import {
  base64Part,
  buildMail,
  buildMultipart,
  buildPart,
  htmlPart,
  textPart,
} from '#tests/support/mailBuilder.ts';

/** Written by `openssl cms -sign -nodetach` and `-encrypt` (3.0) with keys that nobody has any more. */
const signedByOpenssl =
  'MIIBNwYJKoZIhvcNAQcCoIIBKDCCASQCAQExDTALBglghkgBZQMEAgEwfAYJKoZIhvcNAQcBoG8EbUNvbnRlbnQtVHlwZTogdGV4dC9wbGFpbjsgY2hhcnNldD11dGYtOA0KQ29udGVudC1UcmFuc2Zlci1FbmNvZGluZzogOGJpdA0KDQpNeSBpbnZvaWNlIDc3IGlzIHdyb25nLiBHcsO8w59lDQoxgZEwgY4CAQEwJzAPMQ0wCwYDVQQDDARNaXJhAhRlGdGGfklMKoRo6Vlaxj7q09CWoTALBglghkgBZQMEAgEwCgYIKoZIzj0EAwIERzBFAiEAk0ZKuWIz/VwAkaS11x11dF9t7SgRBms6fB5rl3y7+skCIFEDzzqPKF6gaJng3LeDGXPCYk4ycFzeWCF6Tokf4pzk';
const encryptedByOpenssl =
  'MIIBfQYJKoZIhvcNAQcDoIIBbjCCAWoCAQIxgc6hgcsCAQOgUaFPMAkGByqGSM49AgEDQgAEcGIfZF6iBlrRe1JPFe4TTdO6jBphxluJxCjKdls5fO3AiH4rP+DwyTf7qVfsC7QUFLAu7PKLILzPxluHeAy4yDAcBgkrgQUQhkg/AAIwDwYLKoZIhvcNAQkQAwYFADBVMFMwJzAPMQ0wCwYDVQQDDARNaXJhAhRlGdGGfklMKoRo6Vlaxj7q09CWoQQou224PPa3Y2UPUtwW8VjWdSdcSk1htCH19TvyMyH++ut2enWiMcHzZjCBkwYJKoZIhvcNAQcBMBQGCCqGSIb3DQMHBAhV629Fd+BFL4Bw7/YGagFpKWsgSgUc7UUG2sVD+rNQwF/Guf0WUT2nZ/HHA5+iyB5xJFbkFBPkP6lZDfae3g7g/1rhICR3eo3e/B3fYqJXldHUG5Yg2uFWQv/J+Y3qHU5v6FhpX4M4VzTKoDLfzh8WCmSe1PG2xuVGUg==';

const smimeType = 'application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"';

function mailOf(type: string, content: Uint8Array, headers: Record<string, string> = {}): Uint8Array {
  return buildMail(
    { 'Content-Type': type, 'Content-Transfer-Encoding': 'base64', ...headers },
    Buffer.from(content).toString('base64').replace(/.{76}/g, '$&\r\n'),
  );
}

function mixedMail(parts: readonly Uint8Array[], subtype = 'mixed', parameters = ''): Uint8Array {
  const { type, body } = buildMultipart(subtype, parts, parameters);
  return buildMail({ 'Content-Type': type }, body);
}

const names = (mail: ParsedMail) => mail.attachments.map(({ fileName }) => fileName);

/** What agents and the model see of it, and that it is known as unread. */
function expectLine(mail: ParsedMail, line: string): void {
  expect(mail.parsed).toBe(true);
  expect(splitReply(mail.text).newText.split('\n')[0]).toBe(line);
  const shown = visibleText(safeHtmlForFreeScout(mail));
  expect(shown).toContain(line);
  expect(saysContentIsElsewhere(shown)).toBe(true);
}

describe('signed mail (S/MIME)', () => {
  const inner = textPart('My invoice is wrong. Grüße');

  it.each([
    ['as openssl writes it', Buffer.from(signedByOpenssl, 'base64'), 'My invoice 77 is wrong. Grüße'],
    ['with lengths', signedCms(inner), 'My invoice is wrong. Grüße'],
    ['in pieces without lengths', streamedCms(inner, 10), 'My invoice is wrong. Grüße'],
    ['compressed', compressedCms(inner), 'My invoice is wrong. Grüße'],
    [
      'compressed and signed',
      signedCms(mailOf(smimeType, compressedCms(inner))),
      'My invoice is wrong. Grüße',
    ],
  ])('comes out of its envelope %s', async (_, cms, text) => {
    const mail = await parseMail(mailOf(smimeType, cms));
    expect([mail.text, names(mail).at(-1), mail.charset]).toEqual([text, 'smime.p7m', 'utf-8']);
    expect(saysContentIsElsewhere(mail.text)).toBe(false);
  });

  it.each([
    'application/x-pkcs7-mime; smime-type=signed-data',
    'application/pkcs7-mime',
    'application/octet-stream; name=smime.p7m',
  ])('is found as %s', async (type) => {
    expect((await parseMail(mailOf(type, signedCms(inner)))).text).toBe('My invoice is wrong. Grüße');
  });

  it('brings its HTML and its files with it', async () => {
    const { type, body } = buildMultipart('mixed', [
      htmlPart('<p>See <b>this</b></p>'),
      base64Part({ 'Content-Type': 'application/pdf; name=a.pdf' }, 'pdf'),
    ]);
    const mail = await parseMail(mailOf(smimeType, signedCms(buildPart({ 'Content-Type': type }, body))));
    expect([mail.text, mail.html?.trim(), names(mail)]).toEqual([
      'See this',
      '<p>See <b>this</b></p>',
      ['a.pdf', 'smime.p7m'],
    ]);
  });

  it('is read beside the footer of a list or of a gateway', async () => {
    const part = base64Part({ 'Content-Type': smimeType }, signedCms(inner));
    const mail = await parseMail(mixedMail([part, textPart('A footer')]));
    expect(mail.text).toBe('My invoice is wrong. Grüße\n\nA footer');
  });

  it('is opened three times, and no further', async () => {
    let raw = mailOf(smimeType, signedCms(inner));
    raw = mailOf(smimeType, signedCms(raw));
    raw = mailOf(smimeType, signedCms(raw));
    expect((await parseMail(raw)).text).toBe('My invoice is wrong. Grüße');
    expectLine(
      await parseMail(mailOf(smimeType, signedCms(raw))),
      '[This mail is signed or encrypted (S/MIME) and cannot be read here. Its content is in the attached file smime.p7m.]',
    );
  });

  it('in a broken envelope is read as far as it stands in clear', async () => {
    const broken = Buffer.concat([Buffer.from('3082020006092a', 'hex'), inner, Buffer.alloc(40)]);
    expect((await parseMail(mailOf(smimeType, broken))).text).toBe(
      'My invoice is wrong. Grüße\n\n[The envelope of this mail (S/MIME) is broken: there may be more in the attached file smime.p7m.]',
    );
  });

  it.each([
    ['a cut envelope', signedCms(textPart('x'.repeat(50))).subarray(0, 40)],
    ['no envelope at all', Buffer.from('nothing')],
    ['nothing but certificates', signedCms(null)],
    ['another type', cmsMessage(cmsTypes.data, Buffer.from('0400', 'hex'))],
    ['a bomb', compressedCms(Buffer.alloc(26 * 1024 * 1024))],
  ])('that cannot be read says so: %s', async (_, cms) => {
    expectLine(
      await parseMail(mailOf(smimeType, cms)),
      '[This mail is signed or encrypted (S/MIME) and cannot be read here. Its content is in the attached file smime.p7m.]',
    );
  });

  it('leaves signed documents as files', async () => {
    const signed = signedCms(Buffer.from('<?xml version="1.0"?><invoice/>'));
    const part = base64Part({ 'Content-Type': 'application/pkcs7-mime; name=invoice.xml.p7m' }, signed);
    const mail = await parseMail(mixedMail([textPart('My invoice'), part]));
    expect([mail.text, names(mail)]).toEqual(['My invoice', ['invoice.xml.p7m']]);
    expectLine(
      await parseMail(mailOf('application/pkcs7-mime; name=invoice.xml.p7m', signed)),
      '[This mail has no text. Its content is in the attached file invoice.xml.p7m.]',
    );
  });

  it('never breaks the parser, whatever its envelope is', async () => {
    const envelopes = [signedCms(inner), streamedCms(inner, 7), compressedCms(inner)];
    const damaged = fc
      .tuple(
        fc.constantFrom(...envelopes),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
        fc.nat(400),
      )
      .map(([envelope, changes, cut]) => {
        const bytes = Buffer.from(envelope.subarray(0, cut < 40 ? cut : envelope.byteLength));
        for (const [at, byte] of changes) {
          bytes[at % Math.max(1, bytes.byteLength)] = byte;
        }
        return bytes;
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), async (bytes) => {
        const mail = await parseMail(mailOf(smimeType, bytes));
        expect(mail.parsed).toBe(true);
        expect(mail.text).not.toBe('');
        expect(names(mail).at(-1)).toBe('smime.p7m');
      }),
      { numRuns: 500 },
    );
  });
});

describe('encrypted mail', () => {
  const pgp = '-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----';
  const pgpLine =
    '[This mail is encrypted (PGP) and cannot be read here. Its content is in the attached file encrypted.asc.]';
  const smimeLine =
    '[This mail is encrypted (S/MIME) and cannot be read here. Its content is in the attached file smime.p7m.]';
  const pgpParts = [
    buildPart({ 'Content-Type': 'application/pgp-encrypted' }, 'Version: 1'),
    buildPart({ 'Content-Type': 'application/octet-stream; name=encrypted.asc' }, pgp),
  ];

  it('is named: S/MIME', async () => {
    const cms = Buffer.from(encryptedByOpenssl, 'base64');
    expectLine(await parseMail(mailOf(smimeType.replace('signed', 'enveloped'), cms)), smimeLine);
    const signed = signedCms(mailOf(smimeType, cms));
    expectLine(await parseMail(mailOf(smimeType, signed)), smimeLine);
    const footer = [base64Part({ 'Content-Type': smimeType }, cms), textPart('A footer')];
    expectLine(await parseMail(mixedMail(footer)), smimeLine);
    expect((await parseMail(mixedMail(footer))).text).toMatch(/\n\nA footer$/);
  });

  it.each([
    ['PGP', mixedMail(pgpParts, 'encrypted', 'protocol="application/pgp-encrypted"; ')],
    ['PGP whose structure a server changed', mixedMail([textPart(' '), ...pgpParts])],
    ['PGP beside the line of a gateway', mixedMail([textPart('External mail.'), ...pgpParts])],
    [
      'PGP in a file alone',
      mixedMail([
        textPart(''),
        base64Part(
          { 'Content-Type': 'text/plain', 'Content-Disposition': 'attachment; filename=encrypted.asc' },
          pgp,
        ),
      ]),
    ],
  ])('is named: %s', async (_, raw) => {
    expectLine(await parseMail(raw), pgpLine);
  });

  it('is named: PGP in the text', async () => {
    const line = '[This mail is encrypted (PGP) and cannot be read here. Its content stands below.]';
    expectLine(await parseMail(buildMail({}, pgp)), line);
    expectLine(await parseMail(mixedMail([htmlPart(`<pre>${pgp}</pre>`)], 'alternative')), line);
  });

  it('leaves what is only signed as it is', async () => {
    const signed =
      '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n-----BEGIN PGP SIGNATURE-----\nx';
    expect((await parseMail(buildMail({}, signed))).text).toBe(signed);
    const key = base64Part({ 'Content-Type': 'application/pgp-keys; name=key.asc' }, 'key');
    expect((await parseMail(mixedMail([textPart('Hello'), key]))).text).toBe('Hello');
  });
});

describe('mail whose content is a file', () => {
  const pdf = base64Part({ 'Content-Type': 'application/pdf; name=offer.pdf' }, 'pdf');
  const line = '[This mail has no text. Its content is in the attached file offer.pdf.]';

  it.each([
    ['a PDF alone', buildMail({ 'Content-Type': 'application/pdf; name=offer.pdf' }, 'pdf')],
    ['a PDF beside an empty text', mixedMail([textPart('\r\n'), pdf])],
    ['a PDF beside empty HTML', mixedMail([htmlPart('<div><p>&nbsp;</p><br></div>'), pdf])],
    [
      'a signed PDF',
      mixedMail(
        [pdf, base64Part({ 'Content-Type': 'application/pkcs7-signature; name=smime.p7s' }, 's')],
        'signed',
      ),
    ],
  ])('says where it is: %s', async (_, raw) => {
    expectLine(await parseMail(raw), line);
  });

  it('says it above the pictures of a signature', async () => {
    const logo = base64Part(
      { 'Content-Type': 'image/png; name=logo.png', 'Content-ID': '<l@x>', 'Content-Disposition': 'inline' },
      'png',
    );
    const mail = await parseMail(mixedMail([htmlPart('<img src="cid:l@x">'), logo, pdf]));
    expectLine(mail, line);
    expect(mail.text).toContain('[image: logo.png]');
    expect((await parseMail(mixedMail([htmlPart('<img src="cid:l@x">'), logo]))).text).toBe(
      '[image: logo.png]',
    );
  });

  it('names the files, but not without end', async () => {
    const files = Array.from({ length: 12 }, (_, at) =>
      base64Part({ 'Content-Type': `application/pdf; name=${at}.pdf` }, 'pdf'),
    );
    expectLine(
      await parseMail(mixedMail(files)),
      '[This mail has no text. Its content is in the attached files 0.pdf, 1.pdf, 2.pdf, 3.pdf, 4.pdf, 5.pdf, 6.pdf, 7.pdf, 8.pdf, 9.pdf and 2 more.]',
    );
  });

  it.each([
    ['text', 'text/plain', 'Grüße, wo ist mein Paket?'],
    ['HTML', 'text/html', '<p>Grüße, <b>wo</b> ist mein Paket?</p><p style="display:none">hidden</p>'],
  ])('shows a file of %s too', async (_, type, content) => {
    for (const kind of ['inline', 'attachment']) {
      const headers = { 'Content-Type': type, 'Content-Disposition': `${kind}; filename=letter.x` };
      const mail = await parseMail(mixedMail([base64Part(headers, content)]));
      expect([mail.text, names(mail)]).toEqual([
        '[This mail has no text. Its content is in the attached file letter.x.]\n\nGrüße, wo ist mein Paket?',
        ['letter.x'],
      ]);
    }
  });

  it("says what Outlook's own format is", async () => {
    const winmail = base64Part({ 'Content-Type': 'application/ms-tnef; name=winmail.dat' }, 'tnef');
    expectLine(
      await parseMail(mixedMail([textPart(''), winmail])),
      '[This mail is in a format of Outlook (TNEF) and cannot be read here. Its content is in the attached file winmail.dat.]',
    );
    expect((await parseMail(mixedMail([textPart('Hello'), winmail]))).text).toBe('Hello');
  });

  it('leaves reports and mails without anything as they are', async () => {
    const status = buildPart({ 'Content-Type': 'message/delivery-status' }, 'Status: 5.1.1');
    expect((await parseMail(mixedMail([status], 'report', 'report-type=delivery-status; '))).text).toBe('');
    expect((await parseMail(buildMail({}, ''))).text).toBe('');
    const signature = base64Part({ 'Content-Type': 'application/pgp-signature' }, 'sig');
    expect((await parseMail(mixedMail([textPart(''), signature]))).text).toBe('');
  });
});

describe('invitations', () => {
  const calendar = [
    'BEGIN:VCALENDAR',
    'METHOD:REQUEST',
    'BEGIN:VEVENT',
    'SUMMARY:Call about order 4711',
    'DTSTART;TZID=Europe/Berlin:20261201T100000',
    'DTEND;TZID=Europe/Berlin:20261201T103000',
    'ORGANIZER;CN=Jürgen Holm:mailto:j.holm@kunde.test',
    'END:VEVENT',
    'END:VCALENDAR',
  ].join('\r\n');
  const text = [
    '[This mail has no text but a calendar entry, which is in the attached file invite.ics.]',
    '',
    'Invitation: Call about order 4711',
    'Time: 2026-12-01 10:00 Europe/Berlin to 2026-12-01 10:30 Europe/Berlin',
    'Organiser: Jürgen Holm (j.holm@kunde.test)',
  ].join('\n');

  it.each([
    ['alone', buildMail({ 'Content-Type': 'text/calendar; charset=utf-8; method=REQUEST' }, calendar)],
    ['in base64', mailOf('text/calendar; charset=utf-8', Buffer.from(calendar))],
    [
      'in Western',
      buildMail({ 'Content-Type': 'text/calendar; charset=iso-8859-1' }, Buffer.from(calendar, 'latin1')),
    ],
    [
      'in UTF-8 under another name',
      buildMail({ 'Content-Type': 'text/calendar; charset=iso-2022-jp' }, `${calendar}\r\nX-NOTE:ß`),
    ],
    [
      'beside an empty text',
      mixedMail([textPart(''), textPart(calendar, 'text/calendar; charset=utf-8')], 'alternative'),
    ],
    [
      'as a file',
      mixedMail([base64Part({ 'Content-Type': 'application/octet-stream; name=invite.ics' }, calendar)]),
    ],
  ])('tell what, when and who: %s', async (_, raw) => {
    const mail = await parseMail(raw);
    expect(mail.text).toBe(text);
    expect(splitReply(mail.text).newText).toBe(text);
    expectLine(mail, text.split('\n')[0] ?? '');
  });

  it('stay files beside a text', async () => {
    const parts = [textPart('Join us'), textPart(calendar, 'text/calendar; charset=utf-8')];
    expect((await parseMail(mixedMail(parts, 'alternative'))).text).toBe('Join us');
  });

  it('are named when they hold no event', async () => {
    expectLine(
      await parseMail(buildMail({ 'Content-Type': 'text/calendar' }, 'BEGIN:VCALENDAR')),
      '[This mail has no text but a calendar entry, which is in the attached file invite.ics.]',
    );
  });
});

it('loads nothing of this for a mail that has a text', async () => {
  vi.resetModules();
  const loaded = vi.fn();
  vi.doMock('#shared/mail/parsing/contentElsewhere.ts', () => {
    loaded();
    return { withContentFromElsewhere: (mail: ParsedMail) => Promise.resolve(mail) };
  });
  const parser = await import('#shared/mail/parsing/parseMail.ts');
  const pdf = base64Part({ 'Content-Type': 'application/pdf; name=offer.pdf' }, 'pdf');
  await parser.parseMail(mixedMail([textPart('Hello'), pdf]));
  expect(loaded).not.toHaveBeenCalled();
  await parser.parseMail(mixedMail([pdf]));
  expect(loaded).toHaveBeenCalledOnce();
  vi.doUnmock('#shared/mail/parsing/contentElsewhere.ts');
});

describe('what says that the content is elsewhere', () => {
  it.each([
    ['This mail is encrypted, you cannot read it', false],
    ['[This mail has no text]', false],
    ['This mail could not be read. The original is attached as message.eml.', true],
  ])('%s', (text, says) => {
    expect(saysContentIsElsewhere(text)).toBe(says);
  });
});
