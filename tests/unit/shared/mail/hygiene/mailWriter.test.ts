import { describe, expect, it } from 'vitest';
import { dependsOnUsers, writerOf } from '#shared/mail/hygiene/mailWriter.ts';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { buildMail, type MailHeaders } from '#tests/support/mailBuilder.ts';

const own = new Set(['help@desk.example', 'team@gmail.com']);
const users = new Set(['jonas@gmail.com', 'jonas@desk.example']);
const ola = 'Ola Nordmann <ola@privat.test>';
const proofOf = (domain: string) =>
  `mx.google.com; dkim=pass header.i=@${domain}; dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=${domain}`;
const forward = `Please look.

---------- Forwarded message ---------
From: ${ola}
Date: Mon, 30 Nov 2026 at 09:00
Subject: Broken lamp
To: <jonas@desk.example>

Hello Jonas, the lamp is broken.`;

async function writer(headers: MailHeaders, body?: string) {
  return writerOf(await parseMail(buildMail(headers, body)), own, users);
}

async function summary(headers: MailHeaders, body?: string) {
  const { as, person, noDraft, remarks } = await writer(headers, body);
  return { as, person: person?.address ?? null, noDraft, remarks: remarks.map(({ code }) => code) };
}

describe('a form', () => {
  it.each([
    ['no-reply', 'noreply@ourshop.test'],
    ['no-reply in another language', 'ne-pas-repondre@boutique.test'],
    ['WordPress', 'wordpress@ourshop.test'],
    ['a form', 'forms@ourshop.test'],
    ['a web site', 'website@ourshop.test'],
    ['a mailer', 'mailer@ourshop.test'],
    ['notifications', 'shop-notifications@ourshop.test'],
    ['a form service', 'submissions@formspree.io'],
    ['a site builder', 'mail@crm.wix.com'],
    ['our own domain', 'shop@desk.example'],
    ['our own address', 'help@desk.example'],
    ['our own address with an addition', 'help+form@desk.example'],
    ['our own address at a public domain', 'team@gmail.com'],
  ])('of %s is the person’s whom its Reply-To names', async (_, from) => {
    expect(await writer({ From: `Shop <${from}>`, 'Reply-To': ola })).toEqual({
      as: 'form',
      person: { address: 'ola@privat.test', name: 'Ola Nordmann' },
      isProvenOwn: false,
      noDraft: null,
      remarks: [{ code: 'written-through', address: from }],
    });
  });

  it.each<readonly [string, MailHeaders]>([
    ['says that it is automatic', { From: 'shop@host.test', 'Auto-Submitted': 'auto-generated' }],
    ['names its person twice', { From: 'noreply@host.test', 'Reply-To': `${ola}, Ola N <Ola@privat.test>` }],
    ['names its person at the public domain of the sender', { From: 'mailer@gmail.com' }],
    [
      'has an id to keep Gmail from joining it, and mails as one of us',
      { From: 'help@desk.example', References: '<x@y>' },
    ],
  ])('that %s is that person’s', async (_, headers) => {
    expect(await summary({ 'Reply-To': ola, ...headers })).toMatchObject({
      as: 'form',
      person: 'ola@privat.test',
    });
  });

  it('at a public domain may name a person at the same one', async () => {
    const headers = { From: 'mailer@gmail.com', 'Reply-To': 'ola@gmail.com' };
    expect(await summary(headers)).toMatchObject({ as: 'form', person: 'ola@gmail.com' });
    expect(await summary({ ...headers, From: 'team@gmail.com' })).toMatchObject({ as: 'form' });
  });

  it.each<readonly [string, string]>([
    ['two people', `${ola}, kari@privat.test`],
    ['us', 'help@desk.example'],
    ['a colleague', 'jonas@desk.example'],
    ['its own domain', 'shop@ourshop.test'],
    ['a part of its own domain', 'ticket-7@help.ourshop.test'],
    ['another machine', 'no-reply@else.test'],
    ['nobody', ''],
  ])('that names %s in Reply-To is a machine’s', async (_, replyTo) => {
    const headers = { From: 'noreply@ourshop.test', 'Reply-To': replyTo === '' ? [] : replyTo };
    expect(await summary(headers)).toEqual({
      as: 'machine',
      person: 'noreply@ourshop.test',
      noDraft: null,
      remarks: [],
    });
  });

  it.each(['In-Reply-To', 'References'])(
    'answers nothing: with %s it is a machine’s mail',
    async (header) => {
      const headers = { From: 'noreply@ourshop.test', 'Reply-To': ola, [header]: '<x@mail.test>' };
      expect(await summary(headers)).toMatchObject({ as: 'machine', person: 'noreply@ourshop.test' });
    },
  );

  it('that mails as one of us and names two strangers is seen, as a machine’s', async () => {
    const headers = { From: 'help@desk.example', 'Reply-To': `${ola}, kari@privat.test` };
    expect(await summary(headers)).toMatchObject({ as: 'machine' });
  });

  it.each([
    'info@kunde.test',
    'web@kunde.test',
    'office@kunde.test',
    'contact@kunde.test',
    'kontakt@kunde.test',
    'formanek@kunde.test',
    'robotta@kunde.test',
    'reply@kunde.test',
    'norepl@kunde.test',
    'phpmayer@kunde.test',
  ])('is none when a customer writes from %s, wherever answers go', async (from) => {
    expect(await summary({ From: from, 'Reply-To': ola })).toEqual({
      as: 'person',
      person: from,
      noDraft: null,
      remarks: [],
    });
  });
});

describe('one of us', () => {
  const fromJonas = { From: 'Jonas <jonas@desk.example>' };
  const proven = { ...fromJonas, 'Authentication-Results': proofOf('desk.example') };

  it.each<readonly [string, MailHeaders]>([
    ['of our domain', proven],
    ['of another domain', { From: 'jonas@gmail.com', 'Authentication-Results': proofOf('gmail.com') }],
  ])('%s is believed with proof', async (_, headers) => {
    expect(await writer(headers)).toMatchObject({
      as: 'person',
      isProvenOwn: true,
      noDraft: null,
      remarks: [],
    });
  });

  it.each<readonly [string, MailHeaders]>([
    ['without results', fromJonas],
    ['of a user without results', { From: 'jonas@gmail.com' }],
    [
      'with results of another server',
      { ...fromJonas, 'Authentication-Results': 'mx.evil.test; dmarc=pass' },
    ],
    [
      'with forged results below Gmail’s',
      {
        ...fromJonas,
        'Authentication-Results': [
          'mx.google.com; dmarc=fail header.from=desk.example',
          proofOf('desk.example'),
        ],
      },
    ],
    [
      'with forged results above those of Gmail',
      { ...fromJonas, 'Authentication-Results': ['mx.evil.test; dmarc=pass', proofOf('desk.example')] },
    ],
    ['with results of another domain', { ...fromJonas, 'Authentication-Results': proofOf('evil.test') }],
  ])('is a stranger who gets no draft: %s', async (_, headers) => {
    for (const body of ['Hello', forward]) {
      expect(await writer(headers, body)).toMatchObject({
        as: 'person',
        isProvenOwn: false,
        noDraft: 'unproven-own',
        remarks: [{ code: 'unproven-own' }],
      });
    }
  });

  it('is nobody else at a public domain where we have an address', async () => {
    expect(await summary({ From: 'ann@gmail.com' })).toMatchObject({ as: 'person', noDraft: null });
  });

  it('who forwards brings in the author', async () => {
    expect(await writer(proven, forward)).toEqual({
      as: 'forward',
      person: { address: 'ola@privat.test', name: 'Ola Nordmann' },
      isProvenOwn: true,
      noDraft: null,
      remarks: [{ code: 'forwarded-by', address: 'jonas@desk.example' }],
    });
  });

  it('who forwards what cannot be read stays the sender, who gets no draft', async () => {
    const body = '---------- Forwarded message ---------\nFrom: Ola\n\nThe lamp is broken.';
    expect(await writer({ ...proven, Subject: 'Fwd: Lamp' }, body)).toMatchObject({
      as: 'person',
      person: { address: 'jonas@desk.example' },
      noDraft: 'forward-unreadable',
      remarks: [{ code: 'forward-unreadable', address: 'jonas@desk.example' }],
    });
  });

  it('who forwards what one of us wrote brings in the first stranger below', async () => {
    const body = `---------- Forwarded message ---------\nFrom: Help <help@desk.example>\nDate: Mon\nSubject: Re\nTo: jonas@desk.example\n\nSee below\n\n${forward}`;
    expect(await writer(proven, body)).toMatchObject({
      as: 'forward',
      person: { address: 'ola@privat.test' },
    });
  });

  it('who answers a customer and copies us in forwards nothing', async () => {
    const headers = { ...proven, To: ola, Cc: 'help@desk.example', Subject: 'WG: Lamp' };
    expect(await summary(headers, forward)).toMatchObject({ as: 'person', person: 'jonas@desk.example' });
  });

  it('is filtered as ours from an own address, but for a forward', async () => {
    const fromUs = { From: 'help@desk.example' };
    expect(await summary(fromUs)).toMatchObject({ as: 'own' });
    expect(await summary({ ...fromUs, Subject: 'Fwd: Lamp' })).toMatchObject({ as: 'own' });
    expect(await summary(fromUs, forward)).toEqual({
      as: 'forward',
      person: 'ola@privat.test',
      noDraft: 'unproven-own',
      remarks: ['forwarded-by', 'unproven-own'],
    });
    const isProven = { ...fromUs, 'Authentication-Results': proofOf('desk.example') };
    expect(await summary(isProven, forward)).toMatchObject({ as: 'forward', noDraft: null });
  });

  it('who answers a notification forwards nothing, whatever it quotes', async () => {
    const headers = { 'In-Reply-To': '<FS_notify-7-2-1793700000@desk.example>' };
    expect(await writer({ ...proven, ...headers }, forward)).toMatchObject({
      as: 'person',
      isProvenOwn: true,
    });
    expect(await summary({ From: 'help@desk.example', ...headers })).toMatchObject({
      as: 'person',
      noDraft: 'unproven-own',
    });
  });
});

it('who works at a company that has a form service is a person', async () => {
  expect(await summary({ From: 'Ann <ann@shopify.com>' })).toEqual({
    as: 'person',
    person: 'ann@shopify.com',
    noDraft: null,
    remarks: [],
  });
});

describe('a stranger', () => {
  it('who forwards stays the customer, and the note says so', async () => {
    expect(await summary({ From: 'kari@privat.test' }, forward)).toEqual({
      as: 'person',
      person: 'kari@privat.test',
      noDraft: null,
      remarks: ['forward'],
    });
  });

  it.each([
    ['their own mail', forward.replace('ola@privat.test', 'kari@privat.test')],
    ['ours', forward.replace('ola@privat.test', 'help@desk.example')],
  ])('who forwards %s is simply the customer', async (_, body) => {
    expect(await summary({ From: 'kari@privat.test' }, body)).toMatchObject({ remarks: [] });
  });

  it('is nobody when the mail names nobody', async () => {
    expect(await summary({ From: [] })).toMatchObject({ as: 'person', person: null });
  });
});

describe('whether FreeScout has to be asked for its users', () => {
  const from = { From: 'kari@privat.test' };
  const proven = { ...from, 'Authentication-Results': proofOf('privat.test') };

  it.each<[boolean, string, MailHeaders, string?]>([
    [false, 'a proven sender writes', proven],
    [true, 'nothing proves who writes', from],
    [true, 'a proven sender forwards', proven, forward],
    [
      true,
      'a proven sender answers a notification',
      { ...proven, 'In-Reply-To': '<FS_notify-7-2-1@x.test>' },
    ],
    [false, 'a machine writes', { From: 'noreply@privat.test' }],
    [false, 'it names our domain anyway', { From: 'jonas@desk.example' }],
    [false, 'it names nobody', { From: [] }],
  ])('%s when %s', async (expected, _, headers, body) => {
    const mail = await parseMail(buildMail(headers, body));
    expect(dependsOnUsers(mail, writerOf(mail, own))).toBe(expected);
  });
});
