import { phrases } from '#shared/text/phraseTable.ts';
import { isProgramSignature, isRule } from './signatureStart.ts';

/** Who wrote a mail, as far as it is known; empty strings where it is not. */
export interface Writer {
  readonly name: string;
  readonly email: string;
}

/** Longer lines, and those with more words, are sentences. */
const maxTitleLength = 120;
const maxTitleWords = 10;

/** Lines below a greeting that can belong to a signature. */
const maxSignatureLines = 15;

/** Words in small letters that stand in titles and names of firms. */
const titleWords = new Set(
  phrases(`
  en: of | for | at | in | and | the | law | counsel | partner | associate | assistant | senior | office
  de: für | im | am | bei | der | die | das | dem | den | zu | zur | und | von
  fr: de | du | des | d | la | le | les | l | et | en | à | au | aux | barreau | cour | droit | associé | associée
  fr: spécialiste | travail | affaires | famille
  es: y | e | del | el | los | derecho | laboral | civil | penal | mercantil | fiscal | familia | asociado | asociada
  es: especialista | colegiado | colegiada
  it: di | della | dei | da | ed | del | il | diritto | lavoro | civilista | penalista | associato | associata
  pt: da | do | das | dos | na | no | direito | associado | associada
  nl: van | het | een | op | te | recht | arbeidsrecht
`),
);

/** Words that make a sentence of a line in which every word has a capital. */
const sentenceWords = new Set(
  phrases(`
  en: i | i'm | i’m | i'll | i’ll | my | mine | we | our | ours | you | your | he | she | they | it | this | that | is | are
  en: was | have | has | had | do | does | can | could | not | no | or | otherwise | else | then | next | now | if | when
  en: call | contact | see | ask | get | sue | soon | today | tomorrow | need | want
  de: ich | mein | meine | meinen | meinem | meiner | meines | wir | unser | unsere | unseren | unserem | unserer | sie | ihr
  de: ihre | ihren | ihnen | du | dein | er | es | ist | sind | wird | werden | war | habe | haben | hat | nicht | kein
  de: keine | oder | sonst | dann | jetzt | wenn | bitte
  fr: je | mon | ma | mes | nous | notre | nos | vous | votre | vos | il | elle | ils | est | sont | sera | ou | sinon
  fr: si | pas
  es: yo | mi | mis | nosotros | nuestro | nuestra | usted | su | sus | o | será
  it: io | mio | mia | miei | noi | nostro | nostra | voi | vostro | se | non | sarà
  nl: ik | mijn | wij | we | ons | onze | u | uw | jullie | zijn | wordt | anders | niet | als
  pt: eu | meu | minha | nós | nosso | nossa | você | seu | sua | ou | não
`),
);

const closings = phrases(`
  en: regards | sincerely | faithfully | best | best wishes | cheers | thanks | thank you | greetings | yours
  de: grüße | grüßen | gruß | grüsse | grüssen | gruss | danke | vielen dank | hochachtungsvoll | mfg
  fr: cordialement | salutations | merci | bien à vous
  es: saludos | saludo | atentamente | gracias
  it: saluti | grazie | cordialmente
  nl: groet | groeten | bedankt
  pt: cumprimentos | atenciosamente | atentamente | obrigado | obrigada | abraços
  sv, da, no: hälsningar | hilsen | hilsner | mvh | tack
  pl, cs, ru: pozdrawiam | pozdrowieniami | pozdravem | уважением
`);
const closing = new RegExp(`(?<!\\p{L})(?:${closings.join('|')})(?!\\p{L})`, 'iu');

/**
 * Takes the lines with names and titles out of the signature of a mail: "Jane Doe, Lawyer" and "Rechtsanwältin" say what its writer
 * is. A line counts as one when it stands below `--`, directly below a closing greeting, or at the end of the mail in one block with
 * the writer's name or address, and when nothing in it makes a sentence. Every other line stays, whatever stands around it.
 */
export function withoutSignatureTitles(lines: readonly string[], writer: Writer): readonly string[] {
  const left = new Set([
    ...belowDelimiter(lines),
    ...belowGreeting(lines),
    ...besideWriter(lines, namesOf(writer)),
  ]);
  return lines.filter((_, at) => !left.has(at));
}

function belowDelimiter(lines: readonly string[]): readonly number[] {
  const delimiter = lines.findLastIndex((line) => /^\s{0,8}(?:--|—)\s*$/.test(line));
  if (delimiter < 0 || !lines.slice(0, delimiter).some(isText)) {
    return [];
  }
  return indexesOf(lines, delimiter + 1, lines.length);
}

function belowGreeting(lines: readonly string[]): readonly number[] {
  const greeting = lines.findLastIndex(isClosing);
  if (greeting < 0 || !lines.slice(0, greeting).some(isText)) {
    return [];
  }
  let end = greeting + 1;
  while (end < lines.length && end - greeting <= maxSignatureLines && isOfSignature(lines[end] ?? '')) {
    end++;
  }
  return indexesOf(lines, greeting + 1, end);
}

function besideWriter(lines: readonly string[], names: ReadonlySet<string>): readonly number[] {
  let start = lines.length;
  while (start > 0 && isOfSignature(lines[start - 1] ?? '')) {
    start--;
  }
  const above = (lines[start - 1] ?? '').trim();
  // A list that the text announces, such as the address of the writer's lawyer, is no signature.
  if (start === 0 || above.endsWith(':')) {
    return [];
  }
  const found: number[] = [];
  for (let from = start; from < lines.length; from++) {
    let end = from;
    while (isText(lines[end] ?? '')) {
      end++;
    }
    const block = lines.slice(from, end);
    // The end of a sentence that a program wrapped can look like a title.
    const first = from === start && isText(above) && !/[.!?…]$/.test(above) ? from + 1 : from;
    if (block.some((line) => wordsOf(line).some((word) => names.has(word.toLowerCase())))) {
      found.push(...indexesOf(lines, first, end));
    }
    from = end;
  }
  return found;
}

function indexesOf(lines: readonly string[], from: number, end: number): number[] {
  return lines.flatMap((line, at) => (at >= from && at < end && isTitle(line) ? [at] : []));
}

function isOfSignature(line: string): boolean {
  return !isText(line) || isTitle(line) || isContact(line) || isRule(line) || isProgramSignature(line);
}

/** A line of addresses or numbers; it may hold words of a sentence, and is never taken out for itself. */
function isContact(line: string): boolean {
  return (
    line.length <= maxTitleLength &&
    (/@|www\.|https?:/i.test(line) || (line.match(/\d/g)?.length ?? 0) >= 5) &&
    !/[!?]\s*$/.test(line)
  );
}

/** Names and titles: every word has a capital, or stands between such words in titles; nothing speaks, asks or ends a sentence. */
function isTitle(line: string): boolean {
  if (line.length > maxTitleLength) {
    return false;
  }
  const words = withoutContacts(line);
  if (/[!?:;…]/.test(words) || /\p{L}{5,}\.\s*$/u.test(words)) {
    return false;
  }
  const found = wordsOf(words);
  return (
    found.length > 0 &&
    found.length <= maxTitleWords &&
    found.some((word) => /^\p{Lu}/u.test(word)) &&
    found.every(
      (word) => !sentenceWords.has(word.toLowerCase()) && (/^\p{Lu}/u.test(word) || titleWords.has(word)),
    )
  );
}

function withoutContacts(line: string): string {
  return line
    .replace(/[^\s@<>]{1,64}@[^\s@<>]{1,190}/g, ' ')
    .replace(/(?:https?:\/\/|www\.)\S{1,200}/gi, ' ')
    .replace(
      /(?<!\p{L})(?:telefon|tel|phone|fon|fax|mobile|mobil|mob|cell|e-?mail|mail|web)\s{0,3}[.:]{1,2}/giu,
      ' ',
    )
    .replace(/\+?\d[\d\s()/.-]{0,40}/g, ' ');
}

/** "Best regards," and nothing more. */
function isClosing(line: string): boolean {
  const text = line.trim();
  return (
    text.length <= 60 && !/[.,!?:;].*\p{L}/u.test(text) && wordsOf(text).length <= 6 && closing.test(text)
  );
}

function namesOf({ name, email }: Writer): ReadonlySet<string> {
  const local = email.split('@', 1)[0] ?? '';
  return new Set(
    [...wordsOf(name), ...local.split(/[^\p{L}\p{M}]+/u)]
      .map((word) => word.toLowerCase())
      .filter((word) => word.length >= 3),
  );
}

function wordsOf(text: string): readonly string[] {
  return text.match(/\p{L}[\p{L}\p{M}'’-]*/gu) ?? [];
}

function isText(line: string): boolean {
  return line.trim() !== '';
}
