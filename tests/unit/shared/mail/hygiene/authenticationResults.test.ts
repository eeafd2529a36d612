import { expect, it } from 'vitest';
import { isProvenFrom } from '#shared/mail/hygiene/authenticationResults.ts';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { buildMail } from '#tests/support/mailBuilder.ts';

async function isProven(...results: readonly string[]): Promise<boolean> {
  const mail = await parseMail(buildMail({ 'Authentication-Results': results }));
  return isProvenFrom(mail, 'desk.example');
}

it.each([
  'mx.google.com; dmarc=pass header.from=desk.example',
  'mx.google.com;\r\n       dkim=pass header.i=@desk.example header.s=x header.b=AbC;\r\n       spf=pass (google.com: domain of jonas@desk.example designates 192.0.2.1 as permitted sender) smtp.mailfrom=jonas@desk.example;\r\n       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=desk.example',
  'MX.Google.com; dmarc=PASS (p=NONE (really)) header.from=Desk.Example',
])('proof of the domain: %s', async (results) => {
  expect(await isProven(results)).toBe(true);
});

it.each([
  [[]],
  [['mx.google.com; dmarc=fail header.from=desk.example']],
  [['mx.google.com; dmarc=passed header.from=desk.example']],
  [['mx.google.com; dmarc=pass header.from=evil.test']],
  [['mx.google.com; dmarc=pass header.from=desk.example.evil.test']],
  [['mx.google.com; dmarc=pass']],
  [['mx.google.com.evil.test; dmarc=pass header.from=desk.example']],
  [['evil.test; dmarc=pass header.from=desk.example']],
  [['mx.google.com; dkim=pass header.i=@desk.example; spf=pass']],
  [
    [
      'mx.google.com; dmarc=fail header.from=desk.example',
      'mx.google.com; dmarc=pass header.from=desk.example',
    ],
  ],
  [['mx.google.com; dmarc=none header.from=desk.example; dmarc=pass header.from=desk.example']],
  [['mx.google.com; spf=pass (domain of dmarc=pass header.from=desk.example@evil.test; x)']],
  [['mx.google.com; spf=pass (domain of x; dmarc=pass header.from=desk.example) smtp.mailfrom=x@evil.test']],
  [['mx.google.com; spf=pass smtp.mailfrom="x; dmarc=pass header.from=desk.example"@evil.test']],
  [['mx.google.com; spf=pass (domain of "a); dmarc=pass header.from=desk.example (b"@evil.test)']],
  [['mx.google.com; spf=pass (domain of a\\); dmarc=pass header.from=desk.example)']],
])('no proof: %j', async (results) => {
  expect(await isProven(...results)).toBe(false);
});
