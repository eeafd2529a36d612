import { describe, expect, it } from 'vitest';
import { classifyMail, type HygieneContext, type HygieneReason } from '#shared/mail/hygiene/classifyMail.ts';
import { withWriterBehindGroup } from '#shared/mail/hygiene/groupSender.ts';
import { writerOf } from '#shared/mail/hygiene/mailWriter.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { hygieneSettingsSchema } from '#shared/settings/hygieneSettings.ts';
import {
  base64Part,
  buildMail,
  buildMultipart,
  buildPart,
  htmlPart,
  type MailHeaders,
  textPart,
} from '#tests/support/mailBuilder.ts';

const neutralContext: Omit<HygieneContext, 'writer'> = {
  ownAddresses: new Set(['help@desk.example', 'team@desk.example']),
  labelIds: ['INBOX'],
  recentFromSender: 0,
  isKnownCustomer: async () => false,
  settings: hygieneSettingsSchema.parse(undefined),
};

const customer = { kind: 'customer', noDraft: null };
const inDoubt = (reason: HygieneReason) => ({ kind: 'customer', noDraft: reason });
const footerLink = '<p>Hello</p><a href="https://n.example/u">Unsubscribe</a>';
const ourReply = '<FS_reply-77-0123456789abcdef@desk.example>';

async function judge(raw: Uint8Array, context: Partial<HygieneContext> = {}) {
  return judgeMail(await parseMail(raw), { ...neutralContext, ...context });
}

function judgeMail(mail: ParsedMail, context: Omit<HygieneContext, 'writer'>) {
  return classifyMail(mail, { ...context, writer: writerOf(mail, context.ownAddresses) });
}

async function judgeHeaders(headers: MailHeaders, body?: string) {
  return judge(buildMail(headers, body));
}

function report(reportType: string, part: Uint8Array, headers: MailHeaders = {}): Uint8Array {
  const original = buildPart(
    { 'Content-Type': 'message/rfc822' },
    buildMail({ 'Message-ID': ourReply }, 'Our answer'),
  );
  const { type, body } = buildMultipart(
    'report',
    [textPart('This is a report.'), part, original],
    `report-type=${reportType}; `,
  );
  return buildMail(
    { From: 'Mail Delivery System <MAILER-DAEMON@mx.example>', 'Content-Type': type, ...headers },
    body,
  );
}

function deliveryStatus(action: string): Uint8Array {
  return buildPart(
    { 'Content-Type': 'message/delivery-status' },
    `Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; ann@customer.example\r\nAction: ${action}\r\nStatus: 5.1.1\r\n`,
  );
}

describe('a customer', () => {
  const writes: readonly (readonly [does: string, headers: MailHeaders, body?: string])[] = [
    ['writes', {}],
    ['answers', { Subject: 'Re: Order', 'In-Reply-To': ourReply }],
    ['uses Auto-Submitted: no', { 'Auto-Submitted': 'no' }],
    ['uses Auto-Submitted: No with a comment', { 'Auto-Submitted': ' No (really)' }],
    ['writes from Exchange', { 'X-Auto-Response-Suppress': 'DR, OOF, AutoReply' }],
    ['writes about his own holidays', { Subject: 'Out of office next week - please deliver later' }],
    [
      'wants to be unsubscribed',
      { Subject: 'Newsletter' },
      'Please unsubscribe me from https://desk.example/news !',
    ],
    [
      'quotes our newsletter',
      { 'In-Reply-To': ourReply },
      'No thanks\n\nOn 2 Nov 2026, at 18:26, Ann wrote:\n> Unsubscribe: https://n.example/u',
    ],
    ['denies an automatic reply', { 'X-Autoreply': 'no' }],
    [
      'asks about a bounce',
      { Subject: 'Undelivered Mail Returned to Sender' },
      'I got "550 5.1.1 user unknown", your mail could not be delivered to me. What does that mean?',
    ],
    [
      'forwards a bounce',
      { Subject: 'Fwd: Mail delivery failed' },
      'See below.\n\nThis message was created automatically by mail delivery software. 550 unknown user',
    ],
    [
      'works for a company of that name',
      { From: 'Mail System Works <info@works.example>', Subject: 'Delivery problem' },
      'Your delivery failed to reach us. Where is it?',
    ],
    [
      'missed a delivery and writes with an empty return path',
      { 'Return-Path': '<>', Subject: 'Lieferung fehlgeschlagen - Sendung 889' },
      'Guten Tag, der Bote war nicht da. Mein Paket konnte nicht zugestellt werden.',
    ],
    [
      'is an administrator',
      {
        From: '"System Administrator" <admin@clinic.example>',
        Subject: 'Your message could not be sent - question',
      },
      'Your message could not be delivered to us, what does "550 5.1.1 user unknown" mean?',
    ],
    [
      'passes on a bounce with its headers over a redirecting rule',
      { 'Return-Path': '<>', Subject: 'Fwd: Undelivered Mail Returned to Sender' },
      'What is this?\n\nReceived: from mx.example\nMessage-ID: <1@mx.example>\n\nYour message could not be delivered. 550 5.1.1 user unknown',
    ],
    [
      'writes as the postmaster',
      {
        From: 'postmaster@customer.example',
        'Return-Path': '<postmaster@customer.example>',
        Subject: 'Delivery problem',
      },
      'Your mail could not be delivered to us. Why?',
    ],
    ['is called Postman', { From: 'Pat Postman <postman@customer.example>' }],
    [
      'is not spam, says the filter',
      { 'X-Spam-Flag': 'NO', 'X-Spam-Status': 'No, score=-1', 'X-Forefront-Antispam-Report': 'CIP:1;SCL:1;' },
    ],
    ['has one list header', { 'List-Unsubscribe': '<mailto:u@n.example>' }],
  ];

  it.each(writes.map(([does, headers, body]) => ({ does, headers, body })))(
    'who $does is one',
    async ({ headers, body }) => {
      expect(await judgeHeaders(headers, body)).toEqual(customer);
    },
  );

  it('who forwards a bounce as a file is one', async () => {
    const bounce = buildPart(
      { 'Content-Type': 'message/rfc822' },
      report('delivery-status', deliveryStatus('failed')),
    );
    const { type, body } = buildMultipart('mixed', [textPart('What is this?'), bounce]);
    expect(await judge(buildMail({ 'Content-Type': type }, body))).toEqual(customer);
  });

  it('who writes to a group that forwards to us is one', async () => {
    const group = {
      'List-ID': '<team.desk.example>',
      'List-Post': '<mailto:team@desk.example>',
      'List-Unsubscribe': '<mailto:x@desk.example>',
      Precedence: 'list',
    };
    expect(await judgeHeaders(group)).toEqual(customer);
  });

  const viaGroup = {
    From: "'Ann' via Team <team@desk.example>",
    'Reply-To': 'Ann <ann@customer.example>',
    'X-Original-From': 'Ann <ann@customer.example>',
    'X-Google-Group-Id': '123',
    'List-ID': '<team.desk.example>',
    'List-Post': '<mailto:team@desk.example>',
    'List-Unsubscribe': '<mailto:x@desk.example>',
    Precedence: 'list',
  };
  const genuine = 'mx.google.com; dkim=pass header.i=@desk.example; dmarc=pass header.from=desk.example';

  it.each([
    ['', true],
    [genuine, false],
    ['other.example; dmarc=pass', true],
    ['mx.google.com; dmarc=fail', true],
  ])(
    'who writes to a group that puts its own address into From is one (%s)',
    async (result, fromIsClaimed) => {
      const headers = result === '' ? viaGroup : { 'Authentication-Results': result, ...viaGroup };
      const mail = withWriterBehindGroup(
        await parseMail(buildMail(headers, 'Hello')),
        neutralContext.ownAddresses,
      );
      expect(mail).toMatchObject({ from: { address: 'ann@customer.example', name: 'Ann' }, fromIsClaimed });
      expect(await judgeMail(mail, neutralContext)).toEqual(customer);
    },
  );

  it.each([
    ['no group of ours', { From: 'Team <team@elsewhere.example>' }],
    ['no group', { 'X-Google-Group-Id': [] }],
    ['one of us', { 'X-Original-From': 'Help <help@desk.example>' }],
    ['one of us with an addition', { 'X-Original-From': 'Help <help+x@desk.example>' }],
  ])('who claims to write through a group is not believed: %s', async (_, change) => {
    const parsed = await parseMail(buildMail({ ...viaGroup, ...change }, 'Hello'));
    expect(withWriterBehindGroup(parsed, neutralContext.ownAddresses)).toBe(parsed);
  });

  it.each(['X-RT-Loop-Prevention', 'X-OTRS-Loop'])(
    'who works in a ticket system is one: %s',
    async (name) => {
      expect(await judgeHeaders({ [name]: 'yes' })).toEqual(customer);
      expect(await judgeHeaders({ [name]: 'yes', 'Auto-Submitted': 'no', 'X-Autoreply': 'yes' })).toEqual(
        customer,
      );
    },
  );

  it('who uses a web form that mails from a machine is one', async () => {
    const form = { From: 'Web site <wordpress@host.example>', 'Auto-Submitted': 'auto-generated' };
    expect(await judgeHeaders({ ...form, 'Reply-To': 'ann@customer.example' })).toEqual(customer);
  });

  it.each([[['INBOX']], [['SENT', 'INBOX']]])(
    'who uses a web form that mails from our own address is one (%j)',
    async (labelIds) => {
      const form = buildMail({ From: 'Web site <help@desk.example>', 'Reply-To': 'ann@customer.example' });
      expect(await judge(form, { labelIds })).toEqual(customer);
    },
  );
});

describe('a machine’s mail without a person to answer', () => {
  it.each<[string, MailHeaders, string?]>([
    ['a shop', { From: 'Shop <no-reply@shop.example>', Subject: 'Order 1 confirmed' }],
    [
      'a parcel service',
      { From: 'no-reply@parcels.example', Subject: 'Your parcel could not be delivered' },
      'We tried to deliver, but the recipient was unavailable.',
    ],
  ])('is a ticket without a draft: of %s', async (_, headers, body) => {
    expect(await judgeHeaders(headers, body)).toEqual({ kind: 'customer', noDraft: 'machine' });
  });
});

describe('whose mail it is', () => {
  it.each<readonly [string, MailHeaders, string | null]>([
    ['the sender’s', {}, 'ann@customer.example'],
    ['the sender’s, wherever answers go', { 'Reply-To': 'office@customer.example' }, 'ann@customer.example'],
    [
      'the person’s a form of ours names',
      { From: 'help@desk.example', 'Reply-To': 'bob@else.example' },
      'bob@else.example',
    ],
    [
      'the person’s a machine’s form names',
      { From: 'wordpress@host.example', 'Auto-Submitted': 'auto-generated', 'Reply-To': 'bob@else.example' },
      'bob@else.example',
    ],
    [
      'the reply address’s when nobody else is named',
      { From: [], 'Reply-To': 'bob@else.example' },
      'bob@else.example',
    ],
    [
      'the person’s a form of ours names, which has an addition',
      { From: 'help+form@desk.example', 'Reply-To': 'bob+x@else.example' },
      'bob+x@else.example',
    ],
    [
      'the sender’s when it answers to ourselves with an addition',
      {
        From: 'wordpress@host.example',
        'Auto-Submitted': 'auto-generated',
        'Reply-To': 'help+x@desk.example',
      },
      'wordpress@host.example',
    ],
    ['nobody’s', { From: [] }, null],
  ])('%s', async (_, headers, address) => {
    expect(
      writerOf(await parseMail(buildMail(headers)), neutralContext.ownAddresses).person?.address ?? null,
    ).toBe(address);
  });
});

describe('own mail', () => {
  it.each<readonly [string, MailHeaders, readonly string[]]>([
    ['from one of our addresses', { From: 'Team <Team@Desk.example>' }, ['INBOX']],
    ['with the label SENT', {}, ['SENT']],
    [
      'sent through a form address',
      { From: 'help@desk.example', 'Reply-To': 'ann@customer.example' },
      ['SENT'],
    ],
    ['from one of our addresses with an addition', { From: 'help+Shop@Desk.example' }, ['INBOX']],
    [
      'that answers to ourselves with an addition',
      { From: 'help+a@desk.example', 'Reply-To': 'team+b@desk.example' },
      ['INBOX'],
    ],
    ['that answers to ourselves', { From: 'help@desk.example', 'Reply-To': 'team@desk.example' }, ['INBOX']],
    ['a draft', {}, ['DRAFT']],
  ])('%s is filtered', async (_, headers, labelIds) => {
    expect(await judge(buildMail(headers), { labelIds })).toEqual({ kind: 'filtered', reason: 'own' });
  });

  it.each<readonly [MailHeaders]>([
    [{ 'X-FreeScout-Mail-Type': 'user.notification' }],
    [{ 'X-FreeScout-Mail-Type': 'auto.reply' }],
    [{ 'Message-ID': '<FS_notify-12-3-1793700000@desk.example>' }],
    [{ 'Message-ID': '<FS_autoreply-12-0123456789abcdef@desk.example>' }],
  ])('FreeScout’s notification %o is filtered', async (headers) => {
    expect(await judgeHeaders(headers)).toEqual({ kind: 'filtered', reason: 'freescout-notification' });
  });
});

describe('a report of a mail system', () => {
  it.each(['failed', 'delayed'])('that says %s is noted with the mails it is about', async (action) => {
    expect(await judge(report('delivery-status', deliveryStatus(action)))).toEqual({
      kind: 'note',
      reason: 'bounce',
      references: [ourReply],
    });
  });

  it('about spam is noted as such', async () => {
    const feedback = buildPart({ 'Content-Type': 'message/feedback-report' }, 'Feedback-Type: abuse\r\n');
    expect(await judge(report('feedback-report', feedback, { From: 'fbl@provider.example' }))).toEqual({
      kind: 'note',
      reason: 'abuse-report',
      references: [ourReply],
    });
  });

  it.each<readonly [string, MailHeaders, string]>([
    [
      'by sender and subject',
      { From: 'staff@provider.example', Subject: 'complaint about message from 192.0.2.1' },
      '',
    ],
    [
      'by sender and wording',
      { From: 'fbl@provider.example', Subject: 'Report' },
      'This is an email abuse report for a message.',
    ],
  ])('about spam that follows no standard is known %s', async (_, headers, text) => {
    const original = buildPart(
      { 'Content-Type': 'message/rfc822' },
      buildMail({ 'Message-ID': ourReply }, 'Our answer'),
    );
    const { type, body } = buildMultipart('mixed', text === '' ? [original] : [textPart(text), original]);
    expect(await judge(buildMail({ ...headers, 'Content-Type': type }, body))).toEqual({
      kind: 'note',
      reason: 'abuse-report',
      references: [ourReply],
    });
  });

  it.each<readonly [string, Uint8Array]>([
    ['delivered', report('delivery-status', deliveryStatus('delivered'))],
    ['relayed', report('delivery-status', deliveryStatus('Relayed'))],
    [
      'displayed',
      report(
        'disposition-notification',
        buildPart(
          { 'Content-Type': 'message/disposition-notification' },
          'Disposition: manual-action; displayed\r\n',
        ),
        { From: 'Ann <ann@customer.example>', Subject: 'Gelesen: Ihre Bestellung' },
      ),
    ],
    [
      'in JSON',
      buildMail({ From: 'no-reply@sns.amazonaws.com' }, '{"notificationType":"Delivery","mail":{}}'),
    ],
  ])('of success (%s) is filtered', async (_, raw) => {
    expect(await judge(raw)).toEqual({ kind: 'filtered', reason: 'receipt' });
  });

  it.each<readonly [string, MailHeaders, string]>([
    [
      'qmail',
      { From: 'MAILER-DAEMON@mx.example', Subject: 'failure notice', 'Return-Path': '<>' },
      "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<ann@customer.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nMessage-ID: {id}\n",
    ],
    [
      'Exim',
      {
        From: 'Mail Delivery System <Mailer-Daemon@mx.example>',
        Subject: 'Mail delivery failed: returning message to sender',
        'Auto-Submitted': 'auto-replied',
      },
      'This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its recipients.\n\nMessage-Id: {id}\n',
    ],
    [
      'Exchange 2003',
      { From: 'System Administrator <postmaster@mx.example>', Subject: 'Undeliverable: Order' },
      'Your message did not reach some or all of the intended recipients.\n\n Message-ID: {id}',
    ],
    [
      'a German system',
      { From: 'Postmaster <postmaster@mx.example>', Subject: 'Unzustellbar: Bestellung' },
      'Ihre Nachricht konnte nicht zugestellt werden.\n\nMessage-ID: {id}',
    ],
    [
      'a French system',
      { From: 'postmaster@mx.example', Subject: 'Non remis : Commande' },
      'Votre message n’a pas pu être remis.\n\nMessage-ID: {id}',
    ],
    [
      'a Japanese system',
      { From: 'MAILER-DAEMON@mx.example', Subject: '配信不能' },
      '宛先が見つかりません。\n\nMessage-ID: {id}',
    ],
    [
      'a system without a name',
      { From: '<>', Subject: 'failure notice', 'Return-Path': '<>' },
      'Unable to deliver your message: user unknown\n\nMessage-ID: {id}',
    ],
    [
      'one that only names who failed',
      {
        From: 'sys@mx.example',
        'X-Failed-Recipients': 'ann@customer.example',
        'Return-Path': '<>',
        Subject: 'E',
      },
      'Message-ID: {id}',
    ],
    [
      'Amazon',
      { From: 'no-reply@sns.amazonaws.com', Subject: 'AWS Notification' },
      '{"Message":"{\\"notificationType\\":\\"Bounce\\",\\"mail\\":\\"{id}\\"}"}',
    ],
  ])('in the way of %s is noted', async (_, headers, body) => {
    expect(await judgeHeaders(headers, body.replace('{id}', ourReply))).toEqual({
      kind: 'note',
      reason: 'bounce',
      references: [ourReply],
    });
  });

  it('needs the sentence of a mail system beside an empty return path', async () => {
    const headers = { From: 'NDR <ndr@mx.example>', 'Return-Path': '<>', Subject: 'Undeliverable message' };
    expect(await judgeHeaders(headers, 'Your message could not be delivered to 1234.')).toMatchObject({
      reason: 'bounce',
    });
    expect(await judgeHeaders(headers, 'The parcel did not arrive.')).toEqual(customer);
    expect(
      await judgeHeaders(
        { ...headers, 'Return-Path': '<ndr@mx.example>' },
        'Your message could not be delivered to 1234.',
      ),
    ).toEqual(customer);
  });

  it('is no complaint that a customer writes about a mail', async () => {
    const original = buildPart({ 'Content-Type': 'message/rfc822' }, buildMail({ 'Message-ID': ourReply }));
    const { type, body } = buildMultipart('mixed', [textPart('It is rude.'), original]);
    const headers = { From: 'feedback@customer.example', Subject: 'Complaint about e-mail of yesterday' };
    expect(await judge(buildMail({ ...headers, 'Content-Type': type }, body))).toEqual(customer);
  });

  it('is a report even when it is marked as spam', async () => {
    const raw = report('delivery-status', deliveryStatus('failed'), { 'X-Spam-Flag': 'YES' });
    expect(await judge(raw)).toMatchObject({ kind: 'note', reason: 'bounce' });
  });

  it('names the mails from headers of the returned mail alone', async () => {
    const headersOnly = base64Part(
      { 'Content-Type': 'text/rfc822-headers' },
      `Subject: x\r\nMessage-ID:\r\n ${ourReply}\r\n`,
    );
    const { type, body } = buildMultipart('report', [
      textPart('Failed'),
      deliveryStatus('failed'),
      headersOnly,
    ]);
    expect(
      await judge(buildMail({ From: 'MAILER-DAEMON@mx.example', 'Content-Type': type }, body)),
    ).toMatchObject({
      references: [ourReply],
    });
  });
});

describe('an automatic reply', () => {
  it.each<readonly [string, MailHeaders]>([
    ['RFC 3834', { 'Auto-Submitted': 'auto-replied' }],
    [
      'RFC 3834 with parameters and capitals',
      { 'auto-submitted': 'Auto-Replied (vacation); owner-email="a@b.example"' },
    ],
    [
      'also of a list server',
      { 'Auto-Submitted': 'auto-replied', Precedence: 'list', 'List-ID': '<l>', 'List-Post': '<l>' },
    ],
    ['X-Autoreply', { 'X-Autoreply': 'yes' }],
    ['X-Autorespond', { 'X-AutoRespond': 'ann@customer.example' }],
    ['X-Autogenerated', { 'X-Autogenerated': 'Reply' }],
    ['Precedence', { Precedence: 'Auto_Reply' }],
    ['message class', { 'X-POST-MessageClass': '9; Autoresponder' }],
    ['Apple', { 'X-Apple-Action': 'vacation/reply' }],
    ['the program', { 'X-Mailer': 'Vacation 2.0' }],
  ])('by its header (%s) is filtered', async (_, headers) => {
    expect(await judgeHeaders(headers)).toEqual({ kind: 'filtered', reason: 'auto-reply' });
  });

  const subjects = [
    'Automatic reply: Order',
    'Out of Office: Order',
    'Automatische Antwort: Bestellung',
    'Abwesenheitsnotiz: Bestellung',
    'Réponse automatique : Commande',
    'Respuesta automática: Pedido',
    'Risposta automatica: Ordine',
    'Resposta automática: Pedido',
    'Automatisch antwoord: Bestelling',
    'Autosvar: Beställning',
    'Automatisk svar: Ordre',
    'Automaattinen vastaus: Tilaus',
    'Automatyczna odpowiedź: Zamówienie',
    'Automatická odpověď: Objednávka',
    'Автоматический ответ: Заказ',
    'Автоматична відповідь: Замовлення',
    'Otomatik Yanıt: Sipariş',
    '自動応答: 注文',
    '自动回复: 订单',
    '자동 회신: 주문',
    'رد تلقائي: الطلب',
    'תשובה אוטומטית: הזמנה',
  ];

  it.each(subjects)('%s is filtered together with a header sign only', async (subject) => {
    const filtered = { kind: 'filtered', reason: 'auto-reply' };
    expect(await judgeHeaders({ Subject: subject, 'X-Auto-Response-Suppress': 'All' })).toEqual(filtered);
    expect(await judgeHeaders({ Subject: `[EXT] ${subject}`, 'Return-Path': '<>' })).toEqual(filtered);
    expect(await judgeHeaders({ Subject: subject, 'Auto-Submitted': 'auto-generated' })).toEqual(filtered);
    expect(await judgeHeaders({ Subject: subject, 'In-Reply-To': ourReply })).toEqual(filtered);
    expect(await judgeHeaders({ Subject: subject })).toEqual(customer);
    expect(await judgeHeaders({ Subject: `Re: ${subject}`, 'X-Auto-Response-Suppress': 'All' })).toEqual(
      customer,
    );
  });

  const aboutAbsence = [
    'Urlaub: Rückgabe der Bestellung',
    'Vacation reply needed: booking 5511',
    'Absent lors de la livraison du colis 889',
    'Отсутствует деталь в заказе 4711',
    'Question: on leave until Friday, deliver then',
    '配達時に不在でした',
  ];
  const peoplesHeaders: readonly MailHeaders[] = [
    { 'X-Auto-Response-Suppress': 'DR, RN, NRN, OOF, AutoReply' },
    { 'X-MS-Exchange-Inbox-Rules-Loop': 'info@desk.example', 'Return-Path': '<info@desk.example>' },
    { 'X-MS-Exchange-Generated-Message-Source': 'Mailbox Rules Agent' },
    { 'Return-Path': '<>' },
    { Precedence: 'bulk' },
    { 'X-Loop': 'info@desk.example' },
    { 'X-RT-Loop-Prevention': 'desk' },
    { 'X-OTRS-Loop': 'yes' },
  ];

  it.each(aboutAbsence)('is not what a person writes about absence: %s', async (subject) => {
    for (const headers of peoplesHeaders) {
      expect(await judgeHeaders({ Subject: subject, ...headers }), JSON.stringify(headers)).toEqual(customer);
    }
    expect(await judgeHeaders({ Subject: subject, 'Auto-Submitted': 'auto-replied' })).toEqual({
      kind: 'filtered',
      reason: 'auto-reply',
    });
  });

  it.each(['Urlaub bis 14. Dezember', 'I am away until Monday', 'Absence', '不在のお知らせ'])(
    'that answers us and says so in no header is in doubt: %s',
    async (subject) => {
      const answers = { 'In-Reply-To': ourReply };
      const answersGmail = { References: '<CA+1@desk.example>' };
      expect(await judgeHeaders({ Subject: subject, ...answers })).toEqual(inDoubt('auto-reply'));
      expect(await judgeHeaders({ Subject: subject, ...answersGmail })).toEqual(inDoubt('auto-reply'));
      expect(await judgeHeaders({ Subject: subject, 'In-Reply-To': '<1@else.example>' })).toEqual(customer);
      for (const prefix of ['Re', 'RE', 'AW', 'Antw', 'SV', '回复', 'Fwd', 'Re[2]', '[EXT] Re']) {
        expect(await judgeHeaders({ Subject: `${prefix}: ${subject}`, ...answers }), prefix).toEqual(
          customer,
        );
      }
      expect(await judgeHeaders({ Subject: subject, ...answers, 'Auto-Submitted': 'no' })).toEqual(customer);
    },
  );

  it.each([
    ['Vacation 2.0', 'filtered'],
    ['vacation', 'filtered'],
    ['Vacation Rentals CRM 2.0', 'customer'],
  ])('is by a program whose whole name says so: %s', async (program, kind) => {
    expect(await judgeHeaders({ 'X-Mailer': program })).toMatchObject({ kind });
  });
});

describe('what a machine generated', () => {
  it.each<readonly [string, MailHeaders]>([
    ['RFC 3834', { 'Auto-Submitted': 'auto-generated' }],
    ['RFC 5436', { 'Auto-Submitted': 'auto-notified; owner-email="a@b.example"' }],
    [
      'an answer address of its own domain',
      { 'Auto-Submitted': 'auto-generated', 'Reply-To': 'office@customer.example' },
    ],
    [
      'a rule that redirects',
      { 'Auto-Submitted': 'auto-generated', 'X-MS-Exchange-Inbox-Rules-Loop': 'info@desk.example' },
    ],
    [
      'an agent of a help desk',
      {
        'Auto-Submitted': 'auto-generated',
        'X-Auto-Response-Suppress': 'DR, RN, OOF, AutoReply',
        Precedence: 'bulk',
        'In-Reply-To': ourReply,
      },
    ],
    ['FirstClass', { 'X-FC-MachineGenerated': 'true' }],
    ['a rule of CommuniGate', { 'X-Autogenerated': 'Redirect' }],
  ])('is ticketed without a draft: %s', async (_, headers) => {
    expect(await judgeHeaders(headers)).toEqual(inDoubt('auto-generated'));
  });

  it('is a customer’s when nobody asks for it, but for a machine behind which nobody stands', async () => {
    const settings = hygieneSettingsSchema.parse({ filterAutoReplies: false });
    const generated = await parseMail(buildMail({ 'Auto-Submitted': 'auto-generated' }));
    const person = {
      as: 'person',
      person: generated.from,
      isProvenOwn: false,
      noDraft: null,
      remarks: [],
    } as const;
    const context = { ...neutralContext, settings };
    expect(await classifyMail(generated, { ...context, writer: person })).toEqual(customer);
    expect(await classifyMail(generated, { ...context, writer: { ...person, as: 'machine' } })).toEqual(
      inDoubt('machine'),
    );
  });
});

describe('bulk', () => {
  const html = { 'Content-Type': 'text/html; charset=utf-8' };
  const oneClick = {
    'List-Unsubscribe': '<https://n.example/u>',
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  };
  const newsletter = { ...html, ...oneClick, From: 'Shop <hello@n.example>', 'List-ID': '<news.n.example>' };
  const mailingList = {
    'List-ID': '<users.list.example>',
    'List-Post': '<mailto:users@list.example>',
    'List-Unsubscribe': '<mailto:users-leave@list.example>',
    Precedence: 'list',
  };
  const filtered = { kind: 'filtered', reason: 'bulk' };

  it.each<readonly [string, MailHeaders, string]>([
    ['a newsletter', { ...newsletter, Subject: 'Black Friday sale' }, footerLink],
    [
      'a newsletter from an address without a person',
      { ...html, ...oneClick, From: 'Shop <newsletter@n.example>' },
      footerLink,
    ],
    ['a campaign', { ...html, ...oneClick, 'X-Campaign': '12' }, footerLink],
    [
      'a campaign whose answers go to the company',
      { ...newsletter, 'Reply-To': 'Shop <service@mail.n.example>' },
      footerLink,
    ],
    [
      'a campaign whose answers go to a machine',
      { ...newsletter, 'Reply-To': 'reply-12@esp.example' },
      footerLink,
    ],
    [
      'a newsletter of old, to a list that takes no posts',
      {
        'List-ID': '<news.n.example>',
        'List-Unsubscribe': '<https://n.example/u>',
        'List-Post': 'NO',
        Precedence: 'bulk',
      },
      'News',
    ],
    ['a mailing list', { ...mailingList, To: 'users@list.example' }, 'Hi all'],
    [
      'a mailing list to which answers go',
      { ...mailingList, To: 'users@list.example', 'Reply-To': 'users@list.example' },
      'Hi all',
    ],
    [
      'an old bulk mailer that does not name its readers',
      {
        To: 'readers:;',
        Precedence: 'bulk',
        'List-Unsubscribe': '<mailto:u@n.example>',
        From: 'news@n.example',
      },
      'News',
    ],
  ])('is filtered when it is certain: %s', async (_, headers, body) => {
    expect(await judgeHeaders(headers, body)).toEqual(filtered);
  });

  it.each<readonly [string, MailHeaders]>([
    ['an answer to us', { ...newsletter, To: 'readers@n.example', References: '<CA+1@desk.example>' }],
    ['an answer that names us', { ...newsletter, 'In-Reply-To': '<CA+1@mail.example>' }],
    ['with a person in Reply-To', { ...newsletter, 'Reply-To': 'Kari <kari@else.example>' }],
    ['whose From a list rewrote', { ...newsletter, 'X-Original-From': 'Kari <kari@else.example>' }],
    ['over a list without an address, to us', { ...mailingList, 'List-Post': [] }],
    [
      'over a list of old, to us',
      { ...mailingList, 'List-Post': [], 'Mailing-List': 'l', Precedence: 'bulk' },
    ],
    ['whose sender a list rewrote', { ...newsletter, 'X-Original-Sender': 'kari@else.example' }],
    ['without one-click unsubscribing, to us', { ...newsletter, 'List-Unsubscribe-Post': [] }],
    [
      'out of a CRM, to us',
      { ...html, ...oneClick, From: 'Jonas <jonas@n.example>', Subject: 'Offer: 10% off' },
    ],
    ['without headers of a list', { ...html, Precedence: 'bulk', 'X-Campaign': '1', Subject: '50% off!' }],
  ])('is ticketed without a draft when it may be a person’s: %s', async (_, headers) => {
    expect(await judgeHeaders(headers, footerLink)).toEqual(inDoubt('bulk'));
  });

  it.each<readonly [string, MailHeaders, string]>([
    [
      'who answers out of a CRM',
      {
        Subject: 'Re: quote for 20 licences',
        'Feedback-ID': 'aws:x:y:crm',
        'List-Unsubscribe': '<https://crm.example/u>',
        'In-Reply-To': '<CA+1@mail.example>',
      },
      'We would like to go ahead.\n\nUnsubscribe https://crm.example/u',
    ],
    [
      'who writes over a list',
      { ...mailingList, To: 'help@desk.example', Cc: 'users@list.example' },
      'Hello',
    ],
    [
      'who writes to a list and to us',
      { ...mailingList, To: 'users@list.example', Cc: 'team@desk.example' },
      'Hello',
    ],
    ['whose mailer sets Feedback-ID', { 'Feedback-ID': '1:2:x', Precedence: 'bulk' }, 'Hello'],
  ])('is no person %s', async (_, headers, body) => {
    expect(await judgeHeaders(headers, body)).toEqual(customer);
  });

  it('needs more than headers of a list, when the list does not name us', async () => {
    const list = {
      'List-ID': '<l>',
      'List-Post': '<l>',
      'List-Unsubscribe': '<l>',
      To: 'users@list.example',
    };
    expect(await judgeHeaders(list)).toEqual(inDoubt('bulk'));
  });

  it('is no form that a person filled in', async () => {
    const form = { ...newsletter, 'Auto-Submitted': 'auto-generated', 'Reply-To': 'kari@else.example' };
    expect(await judgeHeaders(form, footerLink)).toEqual(customer);
  });

  it('is never filtered when a known customer sends it', async () => {
    const known = { isKnownCustomer: async () => true };
    expect(await judge(buildMail(newsletter, footerLink), known)).toEqual(inDoubt('bulk'));
  });

  it('is the only thing for which somebody is asked about the customer', async () => {
    const isKnownCustomer = async () => {
      throw new Error('asked');
    };
    expect(await judge(buildMail(), { isKnownCustomer })).toEqual(customer);
    const report = buildMail({ 'Auto-Submitted': 'auto-replied', ...newsletter }, footerLink);
    expect(await judge(report, { isKnownCustomer })).toMatchObject({ reason: 'auto-reply' });
    await expect(judge(buildMail(newsletter, footerLink), { isKnownCustomer })).rejects.toThrow('asked');
  });

  it('counts Gmail’s own category', async () => {
    const raw = buildMail({ ...oneClick, Subject: 'Our newsletter' });
    expect(await judge(raw)).toEqual(customer);
    expect(await judge(raw, { labelIds: ['INBOX', 'CATEGORY_PROMOTIONS'] })).toEqual(filtered);
  });

  it('does not count the link of a newsletter that is quoted', async () => {
    const html = `<p>Is this from you?</p><blockquote>${footerLink}</blockquote>`;
    const { type, body } = buildMultipart('alternative', [textPart('Is this from you?'), htmlPart(html)]);
    const headers = {
      'Content-Type': type,
      'List-Unsubscribe': '<x>',
      'List-Help': '<x>',
      Precedence: 'normal',
    };
    expect(await judge(buildMail({ ...headers, From: 'noreply@group.example' }, body))).toMatchObject({
      kind: 'customer',
    });
  });

  it('is in doubt when somebody wrote to a group of Google that our mailbox is in', async () => {
    const group = {
      To: 'support@oldbrand.example',
      'List-ID': '<support.oldbrand.example>',
      'List-Post': '<mailto:support@oldbrand.example>',
      'List-Unsubscribe': '<mailto:x@oldbrand.example>',
      'Mailing-list': 'list support@oldbrand.example; contact support+owners@oldbrand.example',
      Precedence: 'list',
    };
    const id = { 'X-Google-Group-Id': '1' };
    expect(await judgeHeaders({ ...group, ...id })).toEqual(inDoubt('bulk'));
    const filtered = { kind: 'filtered', reason: 'bulk' };
    expect(await judgeHeaders(group)).toEqual(filtered);
    expect(await judgeHeaders({ ...group, ...id, To: 'others@else.example' })).toEqual(filtered);
    expect(
      await judgeHeaders({ ...group, ...id, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
    ).toEqual(filtered);
  });

  it('is a matter of settings', async () => {
    const raw = buildMail({ 'List-ID': '<l>', 'List-Post': '<l>', Precedence: 'list', To: 'l@list.example' });
    const settings = (input: object) => ({ settings: hygieneSettingsSchema.parse(input) });
    expect(await judge(raw, settings({}))).toMatchObject({ reason: 'bulk' });
    expect(await judge(raw, settings({ bulkThreshold: 6 }))).toEqual(customer);
    expect(await judge(raw, settings({ bulkWeights: { precedence: 0 } }))).toEqual(customer);
    expect(await judge(raw, settings({ filterBulk: false }))).toEqual(customer);
  });
});

describe('what looks like spam', () => {
  const headers: readonly MailHeaders[] = [
    { 'X-Spam-Flag': 'YES' },
    { 'X-Spam-Status': 'Yes, score=9.1 required=5.0' },
    { 'X-Spam': 'true' },
    { 'X-MS-Exchange-Organization-SCL': '5' },
    { 'X-Forefront-Antispam-Report': 'CIP:1.2.3.4;CTRY:;LANG:en;SCL:9;SRV:' },
    { 'X-Rspamd-Action': 'add header' },
    { 'X-Bogosity': 'Spam, tests=bogofilter' },
  ];

  it.each(headers)('to others (%o) is a customer’s in the inbox, and elsewhere in doubt', async (marked) => {
    expect(await judge(buildMail(marked), { labelIds: ['INBOX', 'UNREAD'] })).toEqual(customer);
    expect(await judge(buildMail(marked), { labelIds: ['Label_1'] })).toEqual(inDoubt('spam'));
    expect(await judge(buildMail(marked), { labelIds: [] })).toEqual(inDoubt('spam'));
  });

  it('by the provider’s label is filtered, unless switched off', async () => {
    const spam = { labelIds: ['SPAM'] };
    expect(await judge(buildMail(), spam)).toEqual({ kind: 'filtered', reason: 'spam' });
    const settings = hygieneSettingsSchema.parse({ filterSpam: false });
    expect(await judge(buildMail({ 'X-Spam': 'true' }), { ...spam, settings })).toEqual(customer);
  });
});

describe('what is in doubt', () => {
  const settings = hygieneSettingsSchema.parse({ doubtful: 'filter' });
  const doubts: readonly (readonly [HygieneReason, MailHeaders, readonly string[]])[] = [
    ['auto-generated', { 'Auto-Submitted': 'auto-generated' }, ['INBOX']],
    ['auto-reply', { Subject: 'Urlaub', 'In-Reply-To': ourReply }, ['INBOX']],
    ['spam', { 'X-Spam': 'true' }, []],
    ['bulk', { Precedence: 'bulk', 'X-Campaign': '1', From: 'news@n.example' }, ['INBOX']],
  ];

  it.each(doubts)(
    '(%s) is filtered when the settings say so, but for a known customer',
    async (reason, headers, labelIds) => {
      const raw = buildMail(headers);
      expect(await judge(raw, { labelIds })).toEqual(inDoubt(reason));
      expect(await judge(raw, { labelIds, settings })).toEqual({ kind: 'filtered', reason });
      const known = { labelIds, settings, isKnownCustomer: async () => true };
      expect(await judge(raw, known)).toEqual(inDoubt(reason));
    },
  );

  it('leaves the customer’s other mail alone', async () => {
    expect(await judge(buildMail(), { settings })).toEqual(customer);
  });
});

describe('a loop', () => {
  it('is ticketed without a draft from the mail after the limit on', async () => {
    // Within the hour, this one not counted: the tenth mail is the last that gets a draft.
    expect(await judge(buildMail(), { recentFromSender: 9 })).toEqual(customer);
    expect(await judge(buildMail(), { recentFromSender: 10 })).toEqual({ kind: 'customer', noDraft: 'loop' });
  });
});

describe('settings', () => {
  it('explain every key', () => {
    const undescribed = Object.entries(hygieneSettingsSchema.unwrap().shape).filter(
      ([, schema]) => !schema.description,
    );
    expect(undescribed).toEqual([]);
  });
});
