import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitReply } from '#shared/mail/replies/newlyWritten.ts';

/** What customers write; each in one line, so that it can be looked for. */
const sentences = [
  'The lamp is broken and I want my money back.',
  'Please send both again',
  'Can I pay by invoice?',
  'I set you a deadline until Friday, then my lawyer takes over.',
  'On 5 May I paid 25 Euro for it, not 20.',
  'From my phone I cannot order.',
  'Die Lampe ist kaputt, ich möchte mein Geld zurück.',
  'Bitte um Rückruf bis Freitag',
  'Am 5. Mai habe ich Ihnen schon geschrieben.',
  'Je voudrais être remboursé avant vendredi.',
  'Merci de me rappeler',
  'Quiero que me devuelvan el dinero.',
  'Vorrei indietro i soldi, grazie.',
  'Quero o meu dinheiro de volta.',
  'Graag mijn geld terug voor vrijdag.',
  'Jag vill ha pengarna tillbaka.',
  'Jeg vil have mine penge tilbage.',
  'Haluan rahani takaisin.',
  'Proszę o zwrot pieniędzy.',
  'Chci vrátit peníze do pátku.',
  'Верните деньги до пятницы.',
  'Paramı geri istiyorum lütfen.',
  '金曜日までに返金をお願いします。',
  '请在星期五之前退款。',
  '금요일까지 환불해 주세요.',
  'أريد استرداد أموالي قبل يوم الجمعة.',
  'אני רוצה את הכסף שלי עד יום שישי.',
];

const drawn = ['---', '----------------', '==========', '________________', '~~~~', '####', '* * *'];

/** What stands around sentences and belongs to the letter. */
const others = [
  'Hello,',
  'Order 4711',
  '- two lamps\n- one cable',
  'Article   Number\nLamp      2',
  '| Article | Number |\n| Lamp | 2 |',
  '1) Lamp L-20',
  'Name: Ola Example\nE-mail: ola@private.example',
  'From: Oslo\nTo: Bergen\nDate: 1 December',
  'Von: Oslo\nNach: Bergen\nDatum: 1. Dezember\nBetreff: Umzug',
  'https://shop.example/lamps/20',
  'Important note:',
];

const quotations = [
  'On Mon, Nov 2, 2026 at 6:26 PM Ann Example <ann@shop.example> wrote:\n\n> OURWORDS stand here\n> and here',
  'On Mon, Nov 2, 2026 at 6:26 PM Ann Example <ann@shop.example\n> wrote:\n\n> OURWORDS stand here',
  'Am 02.11.26 um 18:26 schrieb Ann Example:\n> OURWORDS stand here',
  'Le lun. 2 nov. 2026 à 18:26, Ann Example <ann@shop.example\n> a écrit :\n\n> OURWORDS stand here',
  '2026/11/2 Ann Example <ann@shop.example>\n\n| OURWORDS stand here\n| ---------\n| and here',
  '-----Original Message-----\nFrom: Ann Example <ann@shop.example>\nSent: Monday\nSubject: Order\n\nOURWORDS stand here',
  '________________________________\nVon: Ann Example <ann@shop.example>\nGesendet: Montag, 2. November 2026 18:26\nAn: Mira\nBetreff: Frage\n\nOURWORDS stand here',
  '---------- Forwarded message ---------\nFrom: Ann Example <ann@shop.example>\nDate: Mon, Nov 2, 2026 at 6:26 PM\nSubject: Order\n\nOURWORDS stand here',
];

const endings = [
  '',
  '-- \nMira Example\nExample Ltd.',
  '—\nMira',
  'Sent from my iPhone',
  'Von meinem Mobilgerät gesendet',
  'This e-mail is confidential and intended solely for the addressee.',
];

const gap = fc.constantFrom('\n', '\n\n', '\n\n\n');
const part = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...sentences) },
  fc.constantFrom(...drawn),
  fc.constantFrom(...others),
);
const letter = fc
  .tuple(
    fc.constantFrom(...sentences),
    fc.array(fc.tuple(gap, part), { maxLength: 7 }),
    gap,
    fc.constantFrom(...sentences),
  )
  .map(([first, parts, last, end]) => `${first}${parts.map((one) => one.join('')).join('')}${last}${end}`);

const wordsOf = (text: string) => text.split(/\s+/).filter(Boolean).sort();
const sentencesIn = (text: string) => text.split('\n').filter((line) => sentences.includes(line));

describe('whatever a customer writes', () => {
  it('no sentence above a quotation, a signature or a notice is lost', () => {
    fc.assert(
      fc.property(
        letter,
        fc.constantFrom(...endings),
        fc.constantFrom('', ...quotations),
        (text, ending, quotation) => {
          const { newText, rest } = splitReply([text, ending, quotation].filter(Boolean).join('\n\n'));
          expect(sentencesIn(newText)).toEqual(sentencesIn(text));
          expect(newText).not.toContain('OURWORDS');
          expect(wordsOf(`${newText}\n${rest}`)).toEqual(wordsOf(`${text}\n${ending}\n${quotation}`));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('no line of it is lost, and a mail with words has newly written ones', () => {
    const line = fc.oneof(
      part,
      fc.constantFrom(...endings),
      fc.constantFrom(...quotations),
      fc.constantFrom('> a', '|', '<a@b.example', '> wrote:'),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(gap, line), { maxLength: 12 }), (parts) => {
        const text = parts.map((one) => one.join('')).join('');
        const { newText, rest } = splitReply(text);
        expect(wordsOf(`${newText}\n${rest}`)).toEqual(wordsOf(text));
        expect(newText === '' && sentencesIn(text).length > 0).toBe(false);
      }),
      { numRuns: 3_000 },
    );
  });
});
