import { expect, it } from 'vitest';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { safeHtmlForFreeScout } from '#shared/mail/visible/safeHtml.ts';
import { triageConversation } from '#shared/triage/triageConversation.ts';
import { buildMail } from '#tests/support/mailBuilder.ts';
import { createWorkerBench, judgement } from '#tests/support/workerBench.ts';

const pgp = '-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----';

it.each([
  ['a mail that nobody can read', buildMail({}, pgp), true],
  ['a file alone', buildMail({ 'Content-Type': 'application/pdf' }, 'pdf'), true],
  ['an invitation', buildMail({ 'Content-Type': 'text/calendar' }, 'BEGIN:VCALENDAR'), true],
  ['a mail that no parser reads', buildMail({ 'X-Long': `${'a'.repeat(70)}\r\n `.repeat(43_000) }), true],
  ['thanks', buildMail({}, 'Thanks a lot!'), false],
])('the model says that %s asks for nothing', async (_, raw, needsReply) => {
  const bench = createWorkerBench({ answers: { triage: { ...judgement, needsReply: false } } });
  const { conversationId } = await bench.client.createConversation({
    mailboxId: 1,
    subject: 'Help',
    customer: { email: 'nina@example.org' },
    html: safeHtmlForFreeScout(await parseMail(raw)),
    cc: [],
    attachments: [],
    imported: false,
  });
  const conversation = await bench.client.getConversation(conversationId);
  if (conversation === null) {
    throw new Error('The conversation is not there');
  }
  expect(await triageConversation(bench.deps, conversation, 60_000)).toMatchObject({
    outcome: 'triaged',
    triage: { needsReply },
  });
});
