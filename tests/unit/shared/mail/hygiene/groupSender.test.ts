import { describe, expect, it } from 'vitest';
import { missingOwnAddress, withWriterBehindGroup } from '#shared/mail/hygiene/groupSender.ts';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { buildMail, type MailHeaders } from '#tests/support/mailBuilder.ts';

const own = new Set(['help@desk.example', 'team@gmail.com']);

async function mailOf(headers: MailHeaders) {
  return parseMail(buildMail(headers));
}

describe('a list that puts its own address into From', () => {
  const list = {
    From: 'Mira via Einkauf <einkauf@kunde.test>',
    'List-Id': 'Einkauf <einkauf.kunde.test>',
    'List-Post': '<mailto:einkauf@kunde.test>',
  };
  const proof = { 'Authentication-Results': 'mx.google.com; dmarc=pass header.from=desk.example' };

  it.each<readonly [string, MailHeaders]>([
    ['X-Original-From', { 'X-Original-From': 'Mira <mira@privat.test>' }],
    ['Reply-To', { 'Reply-To': 'Mira <mira@privat.test>' }],
    ['Reply-To beside itself', { 'Reply-To': 'einkauf@kunde.test, Mira <mira@privat.test>' }],
    ['Reply-To, with its id alone', { 'Reply-To': 'Mira <mira@privat.test>', 'List-Post': [] }],
  ])('names the writer in %s, whom nothing proves', async (_, headers) => {
    expect(withWriterBehindGroup(await mailOf({ ...list, ...headers }), own)).toMatchObject({
      from: { address: 'mira@privat.test', name: 'Mira' },
      fromIsClaimed: true,
    });
  });

  it('is believed at our own domain, when Google found that our domain sent it', async () => {
    const ours = {
      From: 'Mira via Sales <sales@desk.example>',
      'List-Id': '<sales.desk.example>',
      'Reply-To': 'mira@privat.test',
    };
    expect(withWriterBehindGroup(await mailOf(ours), own).fromIsClaimed).toBe(true);
    expect(withWriterBehindGroup(await mailOf({ ...ours, ...proof }), own)).toMatchObject({
      from: { address: 'mira@privat.test' },
      fromIsClaimed: false,
    });
  });

  it.each<readonly [string, MailHeaders]>([
    ['names nobody', {}],
    ['names itself', { 'Reply-To': 'einkauf@kunde.test' }],
    ['names two people', { 'Reply-To': 'mira@privat.test, ann@privat.test' }],
    ['is not the sender', { From: 'Mira <mira@kunde.test>', 'Reply-To': 'ann@privat.test' }],
  ])('stays as it is when it %s', async (_, headers) => {
    const mail = await mailOf({ ...list, ...headers });
    expect(withWriterBehindGroup(mail, own)).toBe(mail);
  });
});

describe('an address of ours that the settings lack', () => {
  it.each<readonly [string, MailHeaders]>([
    ['List-Id', { 'List-Id': 'Sales <sales.desk.example>' }],
    ['List-Post', { 'List-Post': '<https://groups.google.com/x>, <mailto:sales@desk.example>' }],
    ['Mailing-list', { 'Mailing-list': 'list Sales@desk.example; contact sales+owners@desk.example' }],
    ['the recipients of a Google group', { 'X-Google-Group-Id': '1', To: 'sales@desk.example' }],
    ['Delivered-To', { 'Delivered-To': ['help@desk.example', 'sales@desk.example'] }],
    ['X-Forwarded-To', { 'X-Forwarded-To': 'sales@desk.example' }],
  ])('stands in %s', async (_, headers) => {
    expect(missingOwnAddress(await mailOf(headers), own)).toBe('sales@desk.example');
  });

  it.each<readonly [string, MailHeaders]>([
    ['an own address', { 'List-Post': '<mailto:help@desk.example>', 'Delivered-To': 'help+x@desk.example' }],
    ['an address of others', { 'List-Id': '<support.oldbrand.test>', 'Delivered-To': 'ann@else.test' }],
    ['somebody at a public domain', { 'Delivered-To': 'ann@gmail.com', 'List-Post': '<mailto:x@gmail.com>' }],
    ['the recipients of no group', { To: 'jonas@desk.example' }],
    ['the owners of a list', { 'Mailing-list': 'contact help+owners@desk.example' }],
  ])('is none of these: %s', async (_, headers) => {
    expect(missingOwnAddress(await mailOf(headers), own)).toBeNull();
  });
});
