import { describe, expect, it } from 'vitest';
import { conversationSchemaFor } from '#shared/freescout/model.ts';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { safeHtmlForFreeScout, textToHtml } from '#shared/mail/visible/safeHtml.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { waitingEscalationWords } from '#shared/triage/escalationWords.ts';
import { buildMail } from '#tests/support/mailBuilder.ts';

const { escalation } = parseSettings({});
const botUserId = 2;

interface Written {
  readonly type?: 'customer' | 'message' | 'note';
  readonly html: string;
}

function conversation(written: readonly Written[], subject = 'Order 4711') {
  return conversationSchemaFor(botUserId).parse({
    id: 7,
    status: 'active',
    state: 'published',
    subject,
    mailboxId: 1,
    customer: { id: 5, type: 'customer', firstName: 'Jane', lastName: 'Doe', email: 'jane.doe@kunde.test' },
    cc: [],
    _embedded: {
      threads: written.map(({ type = 'customer', html }, index) => ({
        id: index + 1,
        type,
        state: 'published',
        body: html,
        createdAt: `2026-11-20T10:0${index}:00Z`,
      })),
    },
  });
}

const wordsIn = (text: string, subject?: string) =>
  waitingEscalationWords(conversation([{ html: textToHtml(text) }], subject), escalation);
const wordsInHtml = (html: string) => waitingEscalationWords(conversation([{ html }]), escalation);

describe('escalation words of a message are found', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'below a drawn line',
      'Hello,\n\norder 4711 is broken.\n\n------------------------------\nBought on 2 May, paid 240 EUR\n------------------------------\n\nI set you a deadline until Friday, then my lawyer takes over.\n\nMira',
      ['lawyer'],
    ],
    [
      'below the heading of a notice',
      'Hello,\n\norder 4711 is broken.\n\nLegal notice: I set you a deadline until Friday, then my lawyer takes over.\n\nMira',
      ['lawyer'],
    ],
    [
      'below "Important note:"',
      'Hello.\n\nImportant note: we will take legal action on Friday.',
      ['legal action'],
    ],
    [
      'below a disclaimer that is none',
      'Hello.\n\nThis message is confidential: I call my lawyer.',
      ['lawyer'],
    ],
    [
      'below a heading in German',
      'Guten Tag,\n\ndie Lampe fehlt.\n\nHaftungsausschluss: Mein Anwalt meldet sich.',
      ['anwalt'],
    ],
    [
      'below underscores',
      'Customer number: 12\n____________\nNext comes a chargeback from my bank',
      ['chargeback'],
    ],
    ['below a row of stars', 'Bonjour,\n*****\nMon avocat vous contactera.', ['avocat']],
    [
      'below a row of equal signs',
      'Hola\n=====\nIré con mi abogado y acciones legales.',
      ['abogado', 'acciones legales'],
    ],
    [
      'in a form',
      'Contact form\n------------\nName: Ola\nE-mail: ola@privat.test\nMessage: I will take legal action',
      ['legal action'],
    ],
    [
      'in a form with the labels of a header',
      'New message from your website\n\nFrom: Ola Nordmann <ola@privat.test>\nDate: 1 May 2026 10:12\nSubject: Complaint\nMessage: My lawyer will call.',
      ['lawyer'],
    ],
    [
      'below data with the labels of a header',
      'Please change my data:\n\nFrom: Storgata 1, Oslo\nTo: Elvegata 5, Bergen\nDate: 1 December 2026\nSubject: move\n\nOr I go to my lawyer.',
      ['lawyer'],
    ],
    ['below a sign-off', 'It is broken.\n\nRegards\nJane Doe\n\nPS: My lawyer knows.', ['lawyer']],
    ['below the mark of a signature', 'It is broken.\n--\nI call my lawyer tomorrow', ['lawyer']],
    ['in capitals at the end', 'It is broken.\n\nI CALL MY LAWYER', ['lawyer']],
    ['as the last line without an end', 'It is broken.\n\nOtherwise my lawyer', ['lawyer']],
    ['alone in the last line', 'It is broken. Next step:\n\nLawyer\n\nJane Doe', ['lawyer']],
    [
      'in a sentence that a program wrapped',
      'It is broken, so this goes to\nRechtsanwalt Müller\nJane Doe',
      ['rechtsanwalt'],
    ],
    [
      'where the address of a lawyer is given',
      'Bitte wenden Sie sich an:\n\nRechtsanwalt Dr. Müller\nTel. 0911 123456\n\nJane Doe',
      ['rechtsanwalt'],
    ],
    [
      'where a lawyer is named above the sign-off',
      'Bitte wenden Sie sich an meine Kanzlei.\n\nRechtsanwalt Dr. Müller\n\nViele Grüße\nJane Doe',
      ['rechtsanwalt'],
    ],
    ['in a row of a table', 'My case:\n| Who | What |\n| Lawyer | informed |', ['lawyer']],
    [
      'between quoted lines',
      'On 1 May 2026 at 10:00, Support <support@example.com> wrote:\n> All is well.\nNo. My lawyer disagrees.\n> Bye',
      ['lawyer'],
    ],
    [
      'below a quotation',
      '> Wir prüfen das.\n\nDas reicht nicht, rechtliche Schritte folgen.',
      ['rechtliche schritte'],
    ],
    [
      'in a forwarded mail',
      'See below\n\n---------- Forwarded message ---------\nFrom: A <a@b.test>\n\nOur lawyers will sue you',
      ['lawyers', 'sue you'],
    ],
    [
      'in a mail that Apple forwards',
      'Please handle\n\nBegin forwarded message:\n\n> From: A <a@b.test>\n> I take legal action',
      ['legal action'],
    ],
    ['in a mail of nothing but quoted lines', '> I talk to my lawyer\n> tomorrow', ['lawyer']],
    [
      'in an unmarked quotation with nothing above',
      'Von: A <a@b.test>\nGesendet: Montag, 1. Juni 2026 09:12\nAn: Support\nBetreff: Frist\n\nUnser Anwalt klagt.',
      ['anwalt'],
    ],
    ['in French', 'Sans réponse, une mise en demeure suivra.', ['mise en demeure']],
    ['in Italian', 'Passerò alle vie legali.', ['vie legali']],
    [
      'in Dutch',
      'Ik wil met een mens spreken; anders juridische stappen.',
      ['juridische stappen', 'met een mens'],
    ],
    ['in Portuguese', 'Vou falar com meu advogado e pedir estorno.', ['advogado', 'estorno']],
    ['in Spanish', 'Quiero hablar con una persona.', ['hablar con una persona']],
    ['with invisible characters inside', 'My law\u200byer calls.', ['lawyer']],
    [
      'of several languages at once',
      'Our account was hacked, unser Konto wurde gehackt.',
      ['hacked', 'gehackt'],
    ],
  ])('%s', (_, text, words) => {
    expect(wordsIn(text)).toEqual(words);
  });

  it('below a rule in HTML, as FreeScout gets it and as it fetches it', async () => {
    const html =
      '<p>Order 4711</p><p>The lamp is broken.</p><hr><p>Order 4712</p><p>The cable is missing. Please send both again or I call my lawyer.</p>';
    const mail = await parseMail(buildMail({ 'Content-Type': 'text/html; charset=utf-8' }, html));
    expect(wordsInHtml(html)).toEqual(['lawyer']);
    expect(wordsInHtml(safeHtmlForFreeScout(mail))).toEqual(['lawyer']);
  });

  it('in the Outlook forward of one of our own people', () => {
    const block = 'Von: A <a@b.test>\nGesendet: Montag, 1. Juni 2026 09:12\nAn: Support\nBetreff: Frist';
    expect(wordsIn(`Bitte übernehmen\n\n${block}\n\nUnser Anwalt klagt.`, 'WG: Frist')).toEqual(['anwalt']);
  });
});

describe('escalation words are not taken from', () => {
  const header = 'On 1 May 2026 at 10:00, Support <support@example.com> wrote:';
  it.each<[string, string]>([
    ['marked lines', `Thanks!\n\n${header}\n> Talk to your lawyer.\n> Bye`],
    ['lines marked with a bar', `Thanks!\n\n${header}\n| Talk to your lawyer.\n| Bye`],
    [
      'a wrapped header and what follows',
      'Danke!\n\nAm 1. Mai 2026 um 10:00 schrieb Support\n<support@example.com>:\n\nFragen Sie Ihren Anwalt.',
    ],
    [
      'a block of Outlook',
      'Danke.\n\nVon: Support <support@example.com>\nGesendet: Montag, 1. Juni 2026 09:12\nAn: Jane Doe\nBetreff: AW: Frist\n\nFragen Sie Ihren Anwalt.',
    ],
    ['an original message', 'Thanks.\n\n-----Original Message-----\nFrom: Support\nAsk your lawyer.'],
    ['what a help desk separates', 'Thanks.\n\n-- Please reply above this line --\n\nAsk your lawyer.'],
    ['an empty answer above a quotation', `${header}\n> Talk to your lawyer.`],
    ['a signature with name and title', 'It is broken.\n\nJane Doe, Lawyer'],
    [
      'a title of its own below the name',
      'Die Lampe ist kaputt.\n\nJane Doe\nRechtsanwältin\nTel. 0911 123456',
    ],
    ['a title below a greeting', 'It is broken.\n\nBest regards,\nJ. D.\nAttorney at Law\nwww.doe.test'],
    [
      'a title below the mark of a signature',
      'It is broken.\n-- \nJ. D.\nLawyer at Doe LLP\nWe care about people.',
    ],
    ['a title in French', 'La lampe est cassée.\n\nCordialement\nJane Doe\nAvocate au barreau de Paris'],
    [
      'a title with contact data',
      'It is broken.\n\nJane Doe | Lawyer | Tel. +49 911 12345 | jane.doe@kunde.test',
    ],
    [
      'the notice of a company',
      'It is broken.\n\nThis e-mail is confidential and intended for the addressee. Misuse may lead to legal action.',
    ],
    ['a longer word', 'The lawyerly tone of the Rechtsanwaltskanzlei is fine.'],
  ])('%s', (_, text) => {
    expect(wordsIn(text)).toEqual([]);
  });

  it('quotations in HTML, as FreeScout stores them', () => {
    const quoted =
      '<div>Thanks!</div><div class="gmail_quote"><div class="gmail_attr">On Mon, May 4, 2026 at 10:00 AM Support &lt;support@example.com&gt; wrote:<br></div><blockquote>Ask your lawyer.</blockquote></div>';
    expect(wordsInHtml(quoted)).toEqual([]);
  });
});

describe('the subject', () => {
  const said = (type: Written['type'], text: string) => ({
    type: type ?? 'customer',
    html: textToHtml(text),
  });

  it('counts for the first message of the customer', () => {
    expect(
      waitingEscalationWords(conversation([said('customer', 'Hi')], 'Legal action'), escalation),
    ).toEqual(['legal action']);
  });

  it('counts no longer once the team has answered', () => {
    const later = [said('customer', 'Hi'), said('message', 'Hello'), said('customer', 'Thanks')];
    expect(waitingEscalationWords(conversation(later, 'Legal action'), escalation)).toEqual([]);
  });

  it('is not the customer’s where the team began', () => {
    const begun = [said('message', 'Your chargeback'), said('customer', 'Thanks')];
    expect(waitingEscalationWords(conversation(begun, 'Your chargeback'), escalation)).toEqual([]);
  });
});
