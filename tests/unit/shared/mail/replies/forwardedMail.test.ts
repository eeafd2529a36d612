import { describe, expect, it } from 'vitest';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { forwardedAuthors } from '#shared/mail/replies/forwardedMail.ts';
import { buildMail, buildMultipart, buildPart, htmlPart, textPart } from '#tests/support/mailBuilder.ts';

const ola = { address: 'ola@privat.test', name: 'Ola Nordmann' };

async function authors(text: string, subject = 'Lamp') {
  return forwardedAuthors(
    await parseMail(buildMail({ Subject: subject, 'Content-Type': 'text/plain; charset=utf-8' }, text)),
  );
}

describe('the author of what is forwarded', () => {
  it.each([
    [
      'Gmail',
      'Lamp',
      '---------- Forwarded message ---------\nFrom: Ola Nordmann <ola@privat.test>\nDate: Mon, 30 Nov 2026\nSubject: Lamp\nTo: <jonas@desk.example>\n\nBroken.',
    ],
    [
      'Gmail in German',
      'Lamp',
      '---------- Forwarded message ---------\nVon: Ola Nordmann <ola@privat.test>\nDate: Mo., 30. Nov. 2026\nSubject: Lampe\nTo: <jonas@desk.example>\n\nKaputt.',
    ],
    [
      'Outlook',
      'FW: Lamp',
      'Please look.\n\n________________________________\nFrom: Ola Nordmann <ola@privat.test>\nSent: Monday, November 30, 2026 9:00 AM\nTo: Jonas <jonas@desk.example>\nSubject: Lamp\n\nBroken.',
    ],
    [
      'Outlook with mailto',
      'WG: Lampe',
      'Von: Ola Nordmann [mailto:ola@privat.test]\nGesendet: Montag, 30. November 2026 09:00\nAn: Jonas\nBetreff: Lampe\n\nKaputt.',
    ],
    [
      'Outlook with a link in the address',
      'TR: Lampe',
      'De : Ola Nordmann <ola@privat.test<mailto:ola@privat.test>>\nEnvoyé : lundi 30 novembre 2026 09:00\nÀ : Jonas\nObjet : Lampe\n\nCassée.',
    ],
    [
      'Outlook in bold',
      'RV: Lámpara',
      '*De:* Ola Nordmann <ola@privat.test>\n*Enviado:* lunes, 30 de noviembre de 2026\n*Para:* Jonas\n*Asunto:* Lámpara\n\nRota.',
    ],
    [
      'Apple Mail',
      'Fwd: Lamp',
      'Begin forwarded message:\n\n> From: Ola Nordmann <ola@privat.test>\n> Subject: Lamp\n> Date: 30 November 2026\n> To: jonas@desk.example\n>\n> Broken.',
    ],
    [
      'Apple Mail in Dutch',
      'Lamp',
      'Begin doorgestuurd bericht:\n\nVan: Ola Nordmann <ola@privat.test>\nOnderwerp: Lamp\nDatum: 30 november 2026\nAan: jonas@desk.example\n\nStuk.',
    ],
    [
      'Thunderbird',
      'Lamp',
      '-------- Forwarded Message --------\nSubject: \tLamp\nDate: \tMon, 30 Nov 2026 09:00:00 +0100\nFrom: \tOla Nordmann <ola@privat.test>\nTo: \tjonas@desk.example\n\nBroken.',
    ],
    [
      'Thunderbird in Italian',
      'Lampada',
      '-------- Messaggio inoltrato --------\nOggetto: Lampada\nData: Mon, 30 Nov 2026\nMittente: Ola Nordmann <ola@privat.test>\nA: jonas@desk.example\n\nRotta.',
    ],
    [
      'Outlook in Japanese',
      'FW: ランプ',
      '差出人: Ola Nordmann <ola@privat.test>\n送信日時: 2026年11月30日 9:00\n宛先: Jonas\n件名: ランプ\n\n壊れました。',
    ],
    [
      'Russian',
      'Fwd: Лампа',
      '-------- Пересылаемое сообщение --------\nОт: Ola Nordmann <ola@privat.test>\nДата: пн, 30 нояб. 2026\nТема: Лампа\nКому: jonas@desk.example\n\nСломана.',
    ],
    [
      'a program that wraps the address',
      'FW: Lamp',
      'From: Ola Nordmann\n <ola@privat.test>\nSent: Monday, November 30, 2026\nTo: Jonas <jonas@desk.example>\nSubject: Lamp\n\nBroken.',
    ],
  ])('is read as %s writes it', async (_, subject, text) => {
    expect(await authors(text, subject)).toEqual([ola]);
  });

  it('is read in HTML', async () => {
    const html =
      '<p>Please look.</p><div>---------- Forwarded message ---------<br>From: <b>Ola Nordmann</b> &lt;<a href="mailto:ola@privat.test">ola@privat.test</a>&gt;<br>Date: Mon<br>Subject: Lamp<br>To: &lt;jonas@desk.example&gt;<br></div><p>Broken.</p>';
    const { type, body } = buildMultipart('alternative', [htmlPart(html)]);
    expect(forwardedAuthors(await parseMail(buildMail({ 'Content-Type': type }, body)))).toEqual([ola]);
  });

  it('is read in an attached mail', async () => {
    const inner = buildMail({ From: '=?utf-8?Q?Ola_Nordmann?=\r\n <ola@privat.test>' }, 'Broken.');
    const attached = buildPart({ 'Content-Type': 'message/rfc822' }, inner);
    const { type, body } = buildMultipart('mixed', [textPart('See the mail.'), attached]);
    expect(forwardedAuthors(await parseMail(buildMail({ 'Content-Type': type }, body)))).toEqual([ola]);
  });

  it('is told of each mail of a chain, the newest first', async () => {
    const block = (from: string) => `From: ${from}\nSent: Monday\nTo: x@y.test\nSubject: Lamp\n\nText`;
    const chain = [block('help@desk.example'), block('Ola Nordmann <ola@privat.test>')].join('\n\n');
    expect(await authors(chain, 'FW: Lamp')).toEqual([{ address: 'help@desk.example', name: null }, ola]);
  });
});

describe('a forward', () => {
  it.each([
    ['Fwd: Lamp', 'Broken, they say.'],
    ['Lamp', '---------- Forwarded message ---------\nFrom: Ola\n\nBroken.'],
  ])('has no author that can be read (%s)', async (subject, text) => {
    expect(await authors(text, subject)).toEqual([]);
  });

  it.each([
    ['Lamp', 'Broken.'],
    [
      'Re: Lamp',
      'Thanks.\n\nFrom: Help <help@desk.example>\nSent: Monday\nTo: Ola\nSubject: Lamp\n\nHere it is.',
    ],
    ['Re: Fwd: Lamp', 'Thanks.'],
    ['I need help: lamp', 'Broken.'],
    ['Fwdlamp', 'Broken.'],
  ])('is not what an answer or an ordinary mail is (%s)', async (subject, text) => {
    expect(await authors(text, subject)).toBeNull();
  });
});
