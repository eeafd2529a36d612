import { describe, expect, it } from 'vitest';
import { splitReply } from '#shared/mail/replies/newlyWritten.ts';

/** How people say that they wrote into the quotation. */
const wordings: readonly string[] = [
  'Please see my answers below in capitals.',
  'See my answers in red.',
  'My comments are inline.',
  'I have answered below.',
  'Replies in blue below!',
  'Bitte sehen Sie meine Antworten unten.',
  'Meine Antworten in Rot.',
  'Ich habe im Text geantwortet.',
  'Anmerkungen in Großbuchstaben im Original',
  'Voir mes réponses ci-dessous en rouge.',
  'Je vous réponds dans le texte.',
  'Mis respuestas van abajo en mayúsculas.',
  'Le mie risposte sono sotto, in rosso.',
  'As minhas respostas estão abaixo a vermelho.',
  'Mijn antwoorden staan hieronder in rood.',
  'Mina svar i rött nedan.',
  'Se mine svar nedenfor.',
  'Vastaukseni alla punaisella.',
  'Moje odpowiedzi poniżej na czerwono.',
  'Odpovědi níže červeně.',
  'Ответы ниже красным.',
  'Відповіді нижче.',
  'Cevaplarım aşağıda kırmızı ile.',
  '回答は以下の赤字です。',
  '我的回复在下面，红字。',
  '아래 빨간색으로 답변드립니다.',
  'إجاباتي أدناه',
  'התשובות שלי באדום',
];

const noWordings: readonly string[] = [
  'Thank you for the quick answer!',
  'The red lamp is broken.',
  'Vielen Dank für alle Antworten.',
  'Die Lampe leuchtet nicht, ich warte auf Antwort.',
  'Merci pour votre réponse.',
  'Jag väntar på svar.',
  'Tak for svar.',
];

const unmarked =
  'From: Support <help@shop.example>\nSent: Monday, November 2, 2026 6:26 PM\nTo: Mira\nSubject: Questions\n\nWhich model?\nL-20, AND IT BURNS.';
const marked =
  'On 2 Nov 2026, at 18:26, Support <help@shop.example> wrote:\n\n> Which model? L-20\n> And the colour?';

describe('a quotation', () => {
  it.each(wordings)('is newly written when the sender says: %s', (words) => {
    expect(splitReply(`${words}\n\n${unmarked}`)).toEqual({ newText: `${words}\n\n${unmarked}`, rest: '' });
    const { newText } = splitReply(`Hello,\n${words}\nMira\n\n${marked}`);
    expect(newText).toBe(`Hello,\n${words}\nMira\n\n\n> Which model? L-20\n> And the colour?`);
  });

  it.each(noWordings)('is none when the sender says: %s', (words) => {
    expect(splitReply(`${words}\n\n${unmarked}`).newText).toBe(words);
    expect(splitReply(`${words}\n\n${marked}`).newText).toBe(words);
  });

  it('does not become new by what it says itself', () => {
    const text = `Fine.\n\n${unmarked}\n\nPlease see our answers below in red.`;
    expect(splitReply(text).newText).toBe('Fine.');
  });

  it.each([
    ['alone', '> Do you want a refund?\n>> yes please\n> or a new one?'],
    ['alone, with marks of another width', '＞ 返金しますか\n＞ はい'],
    ['above an answer, when nothing announces it', '> Do you want a refund?\n\nYes please.'],
    ['between two texts', 'Hello,\n\n> Do you want a refund?\n\nYes please.'],
  ])('stays when it stands %s', (_, text) => {
    expect(splitReply(text)).toEqual({ newText: text, rest: '' });
  });

  it.each([
    ['en', 'On Mon, 30 Nov 2026 at 09:12, Support <help@shop.example> wrote:'],
    ['de', 'Am 30.11.2026 um 09:12 schrieb Support <help@shop.example>:'],
    ['ja', '2026年11月30日(月) 9:12 Support <help@shop.example>:'],
  ])('is new without the line that announces it, when nothing else stands there (%s)', (_, line) => {
    expect(splitReply(`${line}\n> Yes or no?\n>> yes`)).toEqual({
      newText: '> Yes or no?\n>> yes',
      rest: line,
    });
    expect(splitReply(`${line}\n\nYes or no?\nYES`)).toEqual({ newText: 'Yes or no?\nYES', rest: line });
    expect(splitReply(`${line}\n> Yes?\n\nSent from my phone`).newText).toBe('> Yes?');
  });

  it('is not new when nothing is said in it', () => {
    const line = 'On Mon, 30 Nov 2026 at 09:12, Support <help@shop.example> wrote:';
    expect(splitReply(`${line}\n> ${line}\n>\n>> ${line}`).newText).toBe('');
  });

  it('keeps the first lines of a form, which look like those of a quotation', () => {
    const text = 'From: Ola Example <ola@private.example>\nSubject: Order\n\nThe lamp is broken.';
    expect(splitReply(text)).toEqual({ newText: text, rest: '' });
  });
});

describe('a list of the sender', () => {
  it.each([
    'Please change my data:\n\nFrom: Storgata 1, Oslo\nTo: Elvegata 5, Bergen\nDate: 1 December 2026\nSubject: move of ola@private.example',
    'My new address:\nFrom: old@private.example\nTo: new@private.example\nDate: 1 December\nSubject: change of address',
    'Bitte um ein Angebot für einen Umzug:\n\nVon: Oslo, Storgata 1\nNach: Bergen, Elvegata 5\nDatum: 1. Dezember 2026\nBetreff: Umzug mit Klavier',
    'Un transport, s’il vous plaît\n\nDe : Lyon\nÀ : Paris\nDate : 1er décembre\nObjet : piano',
    'Necesito un presupuesto\n\nDe: Madrid\nPara: Sevilla\nFecha: 1 de diciembre\nAsunto: mudanza',
    'Vorrei un preventivo\n\nDa: Roma\nA: Milano\nData: 1 dicembre\nOggetto: trasloco',
    'Graag een offerte\n\nVan: Utrecht\nAan: Breda\nDatum: 1 december\nOnderwerp: verhuizing',
    'Proszę o wycenę\n\nOd: Kraków\nDo: Gdańsk\nData: 1 grudnia\nTemat: przeprowadzka',
    'Прошу рассчитать\n\nОт: Москва\nКому: Казань\nДата: 1 декабря\nТема: переезд',
    'Please forward it\n\nFrom: me@private.example\nTo: my.wife@private.example',
  ])('is data: %j', (list) => {
    const text = `${list}\n\nAnd what does it cost?`;
    expect(splitReply(text)).toEqual({ newText: text, rest: '' });
  });

  it('is none when it tells the time of day and the sender, as programs do', () => {
    const block = 'From: Ann Example\nSent: Monday, November 2, 2026 6:26 PM\nTo: Mira\nSubject: Questions';
    expect(splitReply(`Fine.\n\n${block}\n\nWhich model?`).newText).toBe('Fine.');
    const wrapped = block.replace('Ann Example', 'Human Resources\n<ann@shop.example>');
    expect(splitReply(`Fine.\n\n${wrapped}\n\nWhich model?`).newText).toBe('Fine.');
    expect(splitReply(`Here is what Ann said:\n\n${block}\n\nWhich model?`).newText).toBe(
      'Here is what Ann said:',
    );
  });
});
