import { phrases } from '#shared/text/phraseTable.ts';

/** A longer line is a paragraph. */
const maxSignatureLine = 160;

/** Words that ask for something; in the languages whose nouns are capitalised they tell a request from an address. */
const requests = phrases(`
  en: please | pls | kindly
  de: bitte
  fr: merci de | veuillez | svp | s'il vous plaît | prière de
  es, pt: por favor | favor de
  it: per favore | per cortesia | prego
  nl: graag | alstublieft | alsjeblieft
  sv, da, no: vänligen | snälla | venligst | vennligst
  fi: olkaa hyvä | pyydän
  pl: proszę | prosimy
  cs, sk: prosím | prosíme
  ru, uk: пожалуйста | прошу | просим | будь ласка
  tr: lütfen
  ja, zh, ko: ください | 下さい | お願い | 请 | 請 | 麻烦 | 주세요 | 부탁
  ar, he: من فضلك | الرجاء | يرجى | בבקשה | נא
`);

/** Small words that stand in titles, names and addresses: "Head of Sales", "12 rue de la Paix". */
const particles = new Set(
  'of at the and for in on & und für der die des von zu zur im de la le les du et à al el y del di e da do dos das em en van voor het i og av för na z w do a an'.split(
    ' ',
  ),
);

/** What ends in a full stop and is no sentence. */
const abbreviation =
  /(?:^|[\s&(])(?:inc|ltd|co|corp|llc|plc|bros|jr|sr|str|tel|no|nr|p\.?o|o\.o|\p{L}(?:\.\p{L}){1,4})\.$/iu;

/** A program that lists are sent by tells the list's name in words that look like a sentence. */
const listName = /mailing ?list/i;

const endOfSentence = /[.!…。！]["'”’)»]?$/;
const eastAsianSentence = /(?:です|ます|ました|ません|でしょうか|습니다|입니다|해요|세요|一下|谢谢|謝謝)/;
const withoutCase = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Devanagari}\p{Script=Thai}]/u;

/** A question, or a line longer than those of signatures: a writer who sets parts off with a dash goes on below it. */
export function isParagraph(line: string): boolean {
  const text = line.trim();
  return text.length > maxSignatureLine || /[?？؟]["'”’)»]?$/.test(text.slice(-20));
}

/**
 * Whether a line says something, as a line of a letter does and one of a signature does not: it asks, it ends like a
 * sentence, or several of its words are neither names nor figures. In doubt it does: what counts as said is never cut off.
 */
export function isSentence(line: string): boolean {
  if (isParagraph(line)) {
    return true;
  }
  const text = line.trim();
  if (listName.test(text)) {
    return false;
  }
  const lower = ` ${text.toLowerCase()} `;
  if (requests.some((words) => lower.includes(words.charCodeAt(0) > 0x3000 ? words : ` ${words} `))) {
    return true;
  }
  if (eastAsianSentence.test(text) || /[。！]$/.test(text)) {
    return true;
  }
  const words = text.split(/\s+/).filter((word) => /\p{L}/u.test(word) && !/[@/]/.test(word));
  if (words.length < 3) {
    return false;
  }
  if (endOfSentence.test(text) && !abbreviation.test(text)) {
    return true;
  }
  const said = words.filter((word) => /^\p{Ll}/u.test(word) && !particles.has(word.replace(/[,;:]$/, '')));
  return (
    said.length >= 2 || (words.length >= 4 && words.filter((word) => withoutCase.test(word)).length >= 4)
  );
}

/** What forms write before the answers, and no signature does. */
const formLabels = new Set(
  phrases(`
    en: name | your name | full name | first name | last name | message | your message | comment | comments | question | order | order number | article | quantity | reason
    de: name | ihr name | vorname | nachname | nachricht | ihre nachricht | kommentar | frage | anfrage | bestellung | bestellnummer | artikel | menge | anzahl | grund
    fr: nom | prénom | votre nom | message | votre message | commentaire | commande | article | quantité | motif
    es: nombre | apellido | apellidos | mensaje | comentario | comentarios | pedido | artículo | cantidad | motivo
    it: nome | cognome | messaggio | commento | ordine | articolo | quantità | motivo
    pt: nome | mensagem | comentário | pedido | artigo | quantidade | motivo
    nl: naam | voornaam | achternaam | bericht | opmerking | bestelling | artikel | aantal | reden
    sv, da, no: namn | navn | meddelande | besked | melding | kommentar | beställning | bestilling | ordre | artikel | antal
    fi: nimi | viesti | tilaus | tuote
    pl: imię | nazwisko | imię i nazwisko | wiadomość | treść | zamówienie | ilość
    cs, sk: jméno | meno | zpráva | správa | objednávka | množství
    ru, uk: имя | фамилия | сообщение | заказ | ім'я | повідомлення | замовлення
    tr: ad | ad soyad | isim | mesaj | sipariş
    ja, zh, ko: お名前 | 氏名 | 名前 | お問い合わせ内容 | 本文 | 姓名 | 留言 | 内容 | 订单 | 이름 | 성명 | 내용 | 문의
    ar, he: الاسم | الرسالة | שם | הודעה
  `),
);

/** "Name: Ola Example" */
export function isFormLine(line: string): boolean {
  const label = /^\s{0,8}[*_]{0,3}(\p{L}[^:：\n]{0,30}?)[*_]{0,3}\s{0,3}[:：]/u.exec(line)?.[1];
  return label !== undefined && formLabels.has(label.toLowerCase());
}
