import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { classifyMail, type HygieneVerdict } from '#shared/mail/hygiene/classifyMail.ts';
import { writerOf } from '#shared/mail/hygiene/mailWriter.ts';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { splitReply } from '#shared/mail/replies/newlyWritten.ts';
import { visibleText } from '#shared/mail/visible/safeHtml.ts';
import { hygieneSettingsSchema } from '#shared/settings/hygieneSettings.ts';

const sets = fileURLToPath(new URL('../../../../../shared/fixtures/mail', import.meta.url));
const hasSets = existsSync(sets);

const squeezed = (text: string) => text.replace(/\s+/g, ' ').trim();

async function verdictsOf(set: string): Promise<ReadonlyMap<string, HygieneVerdict>> {
  const verdicts = new Map<string, HygieneVerdict>();
  for (const file of readdirSync(`${sets}/${set}`)) {
    const mail = await parseMail(readFileSync(`${sets}/${set}/${file}`));
    verdicts.set(
      file,
      await classifyMail(mail, {
        writer: writerOf(mail, new Set()),
        ownAddresses: new Set(),
        labelIds: ['INBOX'],
        recentFromSender: 0,
        isKnownCustomer: async () => false,
        settings: hygieneSettingsSchema.parse(undefined),
      }),
    );
  }
  return verdicts;
}

/** Greeting and name are the sender's own words; the rest of these bodies is quotation. */
const htmlReply = 'Hi. I am fine. Thanks, Alex';

/** What is newly written, by file; only short texts are spelt out, of the long ones the last words. */
const plainReplies: readonly (readonly [file: string, start: string, end: string])[] = [
  ['correct_sig.txt', 'this is an email', 'with a correct -- signature.'],
  ['email_1_1.txt', 'Hi folks', 'I am currently using the Java HTTP API.'],
  ['email_1_2.txt', 'Hi, You can list', 'to delete them all individually."'],
  ['email_1_3.txt', 'Oh thanks.', 'Having the function would be great.'],
  ['email_1_4.txt', 'Awesome!', 'another problem with it.'],
  ['email_1_5.txt', "One: Here's what I've got.", 'for a while.'],
  ['email_1_6.txt', 'I get proper rendering as well.', 'Sent from a magnificent torch of pixels'],
  ['email_1_7.txt', ':+1:', ':+1:'],
  ['email_1_8.txt', "> okay. Well, here's some stuff", 'and under this.'],
  ['email_2_1.txt', 'Outlook with', 'a reply'],
  ['email_2_2.txt', 'Outlook with a reply', 'directly above line'],
  ['email_2_3.txt', 'Outlook with a reply', 'directly above line'],
  ['email_BlackBerry.txt', 'Here is', 'another email'],
  ['email_bullets.txt', 'test 2 this should list second', '- and another'],
  ['email_iPhone.txt', 'Here is', 'another email'],
  ['email_multi_word_sent_from_my_mobile_device.txt', 'Here is', 'another email'],
  ['email_one_is_not_on.txt', 'Thank, this is really helpful.', '(on development), when I run...'],
  ['email_sent_from_my_not_signature.txt', 'Here is another email', 'easier then my mobile phone.'],
  ['email_sig_delimiter_in_middle_of_line.txt', 'Hi there!', 'kthxbai'],
  ['greedy_on.txt', 'On your remote host you can run:', 'the tunnel is not working.'],
  ['pathological.txt', "I think you're onto something.", 'get back to a computer.'],
];

/**
 * Pairs of a mail and what a reader takes for newly written: the folders `emails` and `trimmed` below `test` of
 * github.com/discourse/email_reply_trimmer (MIT). They lie beside the other sets, or where the variable says.
 */
const pairs = process.env.EMAIL_REPLY_TRIMMER_TESTS ?? `${sets}/replies/discourse`;
const hasPairs = existsSync(`${pairs}/emails`);

/** The pairs that differ, and why. In each, what is too much is kept: no sentence of the sender is missing. */
const differingPairs: readonly (readonly [file: string, expected: string, seen: string])[] = [
  // A date and a name without an address: a line of a log looks the same, and what follows would be lost.
  ['embedded_email_11.txt', 'Before', 'Before 2016-03-03 17:21 GMT+01:00 Some One After'],
  // A quotation marked with initials, and a drawn line with a sentence below it. The announced quotation goes.
  [
    'embedded_email_7.txt',
    'This is a line before the embedded email. > Hello > > This is the embedded email. This is some text after the embedded email.',
    "This is a line before the embedded email. This is some text after the embedded email. C> C> This is another part of the embedded email. C> C> _______________________ And here's my signature.",
  ],
  // "Ordered from mobile" is what a customer may answer.
  [
    'signatures.txt',
    'This email was sent from way too much different devices ;)',
    'This email was sent from way too much different devices ;) Someone from mobile',
  ],
];

const title = hasSets
  ? 'public sets of mail'
  : 'public sets of mail, skipped: ../shared/fixtures/mail is absent';

describe.runIf(hasSets)(title, () => {
  it('characters are lost only where they were lost before', async () => {
    const lost: string[] = [];
    for (const set of ['bounces', 'mime/enmime']) {
      for (const file of readdirSync(`${sets}/${set}`)) {
        const raw = readFileSync(`${sets}/${set}/${file}`);
        const { subject, text } = await parseMail(raw);
        if (`${subject}${text}`.includes('\ufffd') && !raw.includes('\ufffd')) {
          lost.push(file);
        }
      }
    }
    expect(lost).toEqual([]);
  });

  it('at least 99 % of the bounces are recognised, automatic replies and receipts among them as such', async () => {
    const verdicts = [...(await verdictsOf('bounces'))];
    const others = verdicts.filter(([file, verdict]) => {
      if (file.startsWith('rfc3834')) {
        return !('reason' in verdict) || verdict.reason !== 'auto-reply';
      }
      if (file === 'lhost-amazonses-12.eml') {
        return !('reason' in verdict) || verdict.reason !== 'receipt';
      }
      return verdict.kind !== 'note';
    });
    expect(verdicts.length).toBeGreaterThan(100);
    expect(others.length / verdicts.length, JSON.stringify(others)).toBeLessThanOrEqual(0.01);
  });

  it('odd but ordinary mail is a customer’s', async () => {
    const verdicts = [...(await verdictsOf('mime/enmime'))];
    const others = verdicts.filter(([, verdict]) => verdict.kind !== 'customer').map(([file]) => file);
    expect(others, 'a delivery report of a mailer-daemon without a boundary').toEqual([
      'multipart-wo-boundary.raw',
    ]);
  });

  it.each(plainReplies)('newly written in %s', (file, start, end) => {
    const text = squeezed(splitReply(readFileSync(`${sets}/replies/github/${file}`, 'utf8')).newText);
    expect(text.slice(0, start.length)).toBe(start);
    expect(text.slice(-end.length)).toBe(end);
  });

  it('newly written in replies of many programs', async () => {
    const folder = `${sets}/replies/talon/standard_replies`;
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.eml'))) {
      const mail = await parseMail(readFileSync(`${folder}/${file}`));
      expect(squeezed(splitReply(mail.text).newText), file).toBe('Hello');
    }
  });

  it('newly written in HTML replies of many programs', () => {
    const folder = `${sets}/replies/talon/html_replies`;
    for (const file of readdirSync(folder)) {
      const text = visibleText(readFileSync(`${folder}/${file}`, 'utf8'));
      expect(squeezed(splitReply(text).newText), file).toBe(htmlReply);
    }
  });
});

const titleOfPairs = hasPairs
  ? 'pairs of a mail and its newly written text'
  : `pairs of a mail and its newly written text, skipped: ${pairs} is absent`;

describe.runIf(hasPairs)(titleOfPairs, () => {
  const results = (hasPairs ? readdirSync(`${pairs}/emails`) : []).map((file) => ({
    file,
    expected: squeezed(readFileSync(`${pairs}/trimmed/${file}`, 'utf8')),
    seen: squeezed(splitReply(readFileSync(`${pairs}/emails/${file}`, 'utf8')).newText),
    lines: readFileSync(`${pairs}/trimmed/${file}`, 'utf8').split('\n').map(squeezed),
  }));

  it('differ in none but the listed ones', () => {
    expect(results.length).toBe(64);
    const differing = results
      .filter(({ expected, seen }) => expected !== seen)
      .map(({ file, expected, seen }) => [file, expected, seen]);
    expect(differing).toEqual(differingPairs);
  });

  it('lose no line of the sender', () => {
    for (const { file, lines, seen } of results) {
      const own = lines.filter((line) => !line.startsWith('>'));
      expect(
        own.filter((line) => !seen.includes(line)),
        file,
      ).toEqual([]);
    }
  });
});
