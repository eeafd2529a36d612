import { describe, expect, it } from 'vitest';
import { splitReply } from '#shared/mail/replies/newlyWritten.ts';
import { visibleText } from '#shared/mail/visible/safeHtml.ts';

const letter = 'Hello,\n\nmy order 4711 is broken.';

const rules = [
  '---',
  '------------------------------',
  '==========',
  '________________',
  '* * *',
  '#####',
  '~~~~',
];

/** What customers write below a line that they drew. */
const belowRules: readonly (readonly [language: string, words: string])[] = [
  ['en', 'I set you a deadline until Friday, then my lawyer takes over.'],
  ['en without a full stop', 'I want my money back'],
  ['en, two words', 'Please call'],
  ['en, a question', 'Refund?'],
  ['en, a form', 'Name: Ola Example\nMessage: Lamp L-20'],
  ['de', 'Sonst geht die Sache an meinen Anwalt.'],
  ['de without a verb', 'Bitte um Rückruf'],
  ['de, a form', 'Name: Ola Beispiel\nNachricht: Lampe defekt'],
  ['fr', 'Merci de me rembourser'],
  ['fr, a sentence', 'Sinon je saisis mon avocat.'],
  ['es', 'Quiero que me devuelvan el dinero'],
  ['it', 'Vorrei indietro i soldi'],
  ['pt', 'Quero o meu dinheiro de volta'],
  ['nl', 'Anders ga ik naar mijn advocaat'],
  ['sv', 'Annars vänder jag mig till en advokat'],
  ['da', 'Ellers går jeg til en advokat'],
  ['fi', 'Muuten otan yhteyttä asianajajaan'],
  ['pl', 'Proszę o zwrot pieniędzy'],
  ['cs', 'Jinak se obrátím na právníka'],
  ['ru', 'Иначе я обращусь к адвокату'],
  ['tr', 'Lütfen paramı geri verin'],
  ['ja', '返金をお願いします'],
  ['zh', '请退款'],
  ['ko', '환불 부탁드립니다'],
  ['ar', 'أريد استرداد أموالي من فضلك'],
  ['he', 'אני רוצה את הכסף שלי בחזרה'],
];

const signatures: readonly string[] = [
  'Bob Example\nExample Ltd.',
  'Bob Example | CEO\n+1 555 0100',
  'Bob Beispiel\nLeiter des Vertriebs\nBeispiel GmbH & Co. KG\nTel. +49 911 123456\nwww.example.test',
  'Anne Exemple\n12 rue de la Paix\n75002 Paris',
  'ventas@example.test',
  'Example-users mailing list\nexample-users@lists.example.test\nhttp://lists.example.test/listinfo/example-users',
  '山田太郎\n株式会社サンプル\n03-1234-5678',
];

const notices: readonly string[] = [
  'Legal notice: This message is confidential. If you are not the intended recipient, delete it.',
  'IMPORTANT NOTICE: The contents of this e-mail are privileged and for the addressee alone.',
  'If you have received this message in error, please notify the sender; its contents are confidential.',
  'Diese Nachricht ist vertraulich. Wenn Sie sie irrtümlich erhalten haben, löschen Sie sie bitte.',
  'Ce courriel est confidentiel et destiné à la seule personne nommée ci-dessus.',
  'Este correo es confidencial. Si lo recibió por error, elimínelo.',
  'Dit bericht is vertrouwelijk en uitsluitend bestemd voor de geadresseerde.',
  'Это сообщение конфиденциально и предназначено только для адресата.',
  'このメールは機密情報を含みます。誤って受信された場合は削除してください。',
];

/** What customers write that begins as notices do. */
const noNotices: readonly string[] = [
  'If you have received this message, please confirm today and refund 120 EUR.',
  'Legal notice: I set you a deadline until Friday, then my lawyer takes over.',
  'Important note: the lamp burns, somebody gets hurt.',
  'This message is intended for the accounts department: the invoice is wrong.',
  'Rechtlicher Hinweis: ich setze Ihnen eine Frist bis Freitag.',
  'Diese Nachricht ist für den Empfänger der Rechnung bestimmt, der Betrag ist falsch.',
  'Ce message est destiné à votre service retours : merci de me rembourser.',
  'Este mensaje es para el destinatario de la factura: necesito la corrección.',
  'Questo messaggio è per il destinatario della fattura: manca la correzione.',
  'Dit bericht is bestemd voor de afdeling retouren, de lamp is kapot.',
  'Это сообщение предназначено для отдела возвратов, лампа разбита.',
];

describe.each(rules)('a drawn line %s', (rule) => {
  it.each(belowRules)('does not end the text above what a customer says (%s)', (_, words) => {
    const text = `${letter}\n\n${rule}\n${words}`;
    expect(splitReply(text)).toEqual({ newText: text, rest: '' });
    const framed = `${letter}\n\n${rule}\nLamp L-20\n${rule}\n\n${words}\n\nMira`;
    expect(splitReply(framed)).toEqual({ newText: framed, rest: '' });
  });

  it.each(['Order', 'Hello,', 'Contact form', 'Kontaktformular', 'Article   Number', 'お問い合わせ'])(
    'does not end the text below the heading %s',
    (heading) => {
      const text = `${heading}\n${rule}\nLamp L-20   2\nCable C-3   5`;
      expect(splitReply(text)).toEqual({ newText: text, rest: '' });
    },
  );

  it('does not end the text where the line above announces something', () => {
    const text = `${letter}\n\nI need another:\n\n${rule}\nLamp L-20`;
    expect(splitReply(text)).toEqual({ newText: text, rest: '' });
  });
});

it('keeps a question that a dash sets off', () => {
  const text = `${letter}\n\n—\n\nWhere is order 4712?`;
  expect(splitReply(text)).toEqual({ newText: text, rest: '' });
});

describe('a line that HTML draws', () => {
  it.each(belowRules)('does not end the text above what a customer says (%s)', (_, words) => {
    const html = `<p>Order 4711</p><p>The lamp is broken.</p><hr><p>${words}</p>`;
    expect(splitReply(visibleText(html)).newText).toContain(words.split('\n').at(-1));
  });

  it('ends the text above a signature', () => {
    const html = '<p>The lamp is broken.</p><hr><p>Bob Example<br>Example Ltd.</p>';
    expect(splitReply(visibleText(html)).newText).toBe('The lamp is broken.');
  });
});

describe.each(['--', '-- ', '—', '------------', '____________________'])('below the line %j', (line) => {
  it.each(signatures)('%j is a signature', (signature) => {
    expect(splitReply(`${letter}\n\n${line}\n${signature}`).newText).toBe(letter);
  });
});

describe('a notice', () => {
  it.each(notices)('is not newly written: %s', (notice) => {
    expect(splitReply(`${letter}\n\n${notice}\n`).newText).toBe(letter);
    expect(splitReply(`${letter}\n\n${notice}\n\nVirus-free. www.scanner.test\n`).newText).toBe(letter);
    expect(splitReply(`${letter}\n\n${notice}\n\n> Dear Mira`).newText).toBe(letter);
  });

  it.each(notices)('takes with it what goes on about the same: %s', (notice) => {
    const more = 'Unauthorised use or disclosure of confidential information is prohibited.';
    expect(splitReply(`${letter}\n\n${notice}\n\n${more}`).newText).toBe(letter);
  });

  it.each(notices)('swallows nothing that stands below: %s', (notice) => {
    const text = `${letter}\n\n${notice}\n\nMy lawyer takes over on Friday.`;
    expect(splitReply(text)).toEqual({ newText: text, rest: '' });
    const touching = `${letter}\n\n${notice}\nThe lawyer takes over on Friday.`;
    expect(splitReply(touching)).toEqual({ newText: touching, rest: '' });
  });

  it.each(belowRules)('takes no words with it that it touches (%s)', (_, words) => {
    const text = `${letter}\n\n${words}\nThis e-mail is confidential and intended solely for the addressee.`;
    expect(splitReply(text).newText).toContain(words);
  });

  it.each(noNotices)('is none when a customer says something: %s', (words) => {
    const text = `${letter}\n\n${words}`;
    expect(splitReply(text)).toEqual({ newText: text, rest: '' });
    expect(splitReply(`${text}\n\nMira`)).toEqual({ newText: `${text}\n\nMira`, rest: '' });
  });
});
