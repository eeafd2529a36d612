import type { MailToCompose } from '#infra/standins/gmail/composeMail.ts';

/** A mail that arrives some seconds after the start. */
export interface SampleMail extends Omit<MailToCompose, 'to' | 'date'> {
  readonly afterSeconds: number;
}

/** A 16 × 16 picture in one colour. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAF0lEQVR4nGP8z0AaYCJR/aiGUQ1DSAMAQC4BH5CRsYgAAAAASUVORK5CYII=',
  'base64',
);

const invoice = Buffer.from(
  [
    '%PDF-1.4',
    '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
    '2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj',
    '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 120]/Contents 4 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj',
    '4 0 obj<</Length 52>>stream',
    'BT /F 14 Tf 20 60 Td (Invoice RE-20417: 149.00) Tj ET',
    'endstream endobj',
    'trailer<</Root 1 0 R>>',
    '%%EOF',
  ].join('\n'),
);

/** What a small shop's mailbox sees on an ordinary morning. All people and companies are made up. */
export const sampleMails: readonly SampleMail[] = [
  {
    afterSeconds: 1,
    messageId: 'lead-1@hofmann-druck.example',
    from: { name: 'Sabine Hofmann', email: 'sabine.hofmann@hofmann-druck.example' },
    subject: 'Angebot für 120 Lizenzen',
    text: `Guten Tag,

wir sind eine Druckerei mit drei Standorten und interessieren uns für Ihr Produkt. Bitte schicken Sie uns ein Angebot für 120 Lizenzen mit zwei Jahren Laufzeit. Gibt es außerdem einen Testzugang, mit dem wir es vorher ausprobieren können?

Mit freundlichen Grüßen
Sabine Hofmann
-- 
Hofmann Druck GmbH · Einkauf`,
  },
  {
    afterSeconds: 8,
    messageId: 'outage-1@brightline.example',
    from: { name: 'Marcus Reed', email: 'marcus.reed@brightline.example' },
    subject: 'THIRD TIME: our whole office cannot work',
    text: `This is the third time this month that everyone is locked out since 8 am. Production is down and your status page says nothing. This is unacceptable!!!

Account BL-88210, error 5031. Fix this immediately. If this is not solved today, our lawyer will take over and we will ask for our money back.

Marcus Reed, Operations`,
  },
  {
    afterSeconds: 16,
    messageId: 'invoice-1@lindholm.example',
    from: { name: 'Élise Lindholm', email: 'elise@lindholm.example' },
    cc: [{ name: 'Accounting', email: 'accounting@lindholm.example' }],
    subject: 'Facture RE-20417 débitée deux fois',
    text: 'Bonjour,\n\nla facture RE-20417 de 149,00 € a malheureusement été débitée deux fois de notre compte. Pouvez-vous vérifier ? La facture est jointe.\n\nMerci,\nÉlise Lindholm',
    html: `<html><body style="font-family:sans-serif"><p>Bonjour,</p><p>la facture <b>RE-20417</b> de <b>149,00&nbsp;€</b> a malheureusement été débitée <u>deux fois</u> de notre compte. Pouvez-vous vérifier&nbsp;? La facture est jointe.</p><p>Merci,<br>Élise Lindholm</p></body></html>`,
    attachments: [{ fileName: 'RE-20417.pdf', mimeType: 'application/pdf', data: invoice }],
  },
  {
    afterSeconds: 24,
    messageId: 'news-31@letters.cloudparts.example',
    from: { name: 'CloudParts Weekly', email: 'newsletter@letters.cloudparts.example' },
    subject: 'This week: 5 ways to grow, and 20 % off',
    text: 'Hello,\n\nread our five tips of the week.\n\nYou get this mail because you subscribed. Unsubscribe: https://letters.cloudparts.example/unsubscribe',
    headers: {
      'List-Id': 'CloudParts Weekly <weekly.letters.cloudparts.example>',
      'List-Unsubscribe': '<https://letters.cloudparts.example/unsubscribe>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      Precedence: 'bulk',
    },
  },
  {
    afterSeconds: 31,
    messageId: 'lamp-1@mailbox.example',
    from: { name: 'Jonas Weber', email: 'jonas.weber@mailbox.example' },
    subject: 'Lampe kommt defekt an, Bestellung 47110',
    text: 'Hallo,\n\nmeine Bestellung 47110 ist heute angekommen, aber die Lampe ist leider kaputt. Ein Bild ist in der Mail. Was soll ich tun?\n\nViele Grüße\nJonas Weber',
    html: '<div>Hallo,</div><div><br></div><div>meine Bestellung 47110 ist heute angekommen, aber die Lampe ist leider kaputt:</div><div><img src="cid:lamp@mailbox.example" alt="Lampe" width="16"></div><div>Was soll ich tun?</div><div><br></div><div>Viele Grüße<br>Jonas Weber</div>',
    attachments: [
      { fileName: 'lampe.png', mimeType: 'image/png', data: picture, contentId: 'lamp@mailbox.example' },
    ],
  },
  {
    afterSeconds: 39,
    messageId: 'lead-2@hofmann-druck.example',
    from: { name: 'Sabine Hofmann', email: 'sabine.hofmann@hofmann-druck.example' },
    subject: 'Re: Angebot für 120 Lizenzen',
    inReplyTo: 'lead-1@hofmann-druck.example',
    references: ['lead-1@hofmann-druck.example'],
    text: `Guten Tag noch einmal,

eine Ergänzung: Es werden wohl eher 150 Lizenzen, und wir brauchen die Rechnung an unsere Zentrale in Ulm. Ändert das etwas am Preis?

Sabine Hofmann

> Am Freitag schrieb Sabine Hofmann:
> wir sind eine Druckerei mit drei Standorten und interessieren uns für Ihr Produkt.`,
  },
  {
    afterSeconds: 46,
    messageId: 'ooo-1@northwind.example',
    from: { name: 'Petra Lang', email: 'petra.lang@northwind.example' },
    subject: 'Automatic reply: your order',
    text: 'Thank you for your message. I am out of the office until Monday and will not read my mail.',
    headers: { 'Auto-Submitted': 'auto-replied', 'X-Auto-Response-Suppress': 'All' },
  },
  {
    afterSeconds: 54,
    messageId: 'thanks-1@riverside.example',
    from: { name: 'Tom Okafor', email: 'tom@riverside.example' },
    subject: 'Login works again',
    text: 'Hi,\n\nthanks a lot for your quick help yesterday, the login works again. Have a good weekend!\n\nTom',
  },
];
