import type { ReplyPart } from './replyLines.ts';

/*
 * FreeScout appends the mailbox's signature when the mail leaves. A closing formula with names in the draft would stand there a
 * second time.
 */

const formulas = [
  // English
  '(?:(?:with )?(?:best|kind|kindest|warm|warmest|many) )?(?:regards|wishes|greetings)',
  '(?:yours? )?(?:sincerely|faithfully|truly)(?: yours)?',
  '(?:all the )?best|cheers|respectfully|cordially|yours|(?:many )?thanks|thank you|thanks (?:again|a lot|in advance)',
  // German, Dutch, Scandinavian
  '(?:mit )?(?:freundlichen?|besten?|herzlichen?|vielen?|lieben?|schönen?|sonnigen?) (?:grüßen?|gruß|grüssen?|gruss)(?: aus \\p{L}+)?',
  'hochachtungsvoll|mfg|vg|lg|(?:vielen|besten|herzlichen) dank',
  '(?:met )?(?:vriendelijke|hartelijke) groet(?:en)?|groetjes',
  '(?:med )?(?:vänlig(?:a)?|bästa|venlig|vennlig|bedste|beste) (?:hälsning(?:ar)?|hilsen|hilsner)|mvh',
  // French, Spanish, Portuguese, Italian
  '(?:bien )?cordialement|bien à vous|salutations(?: distinguées)?|(?:meilleures|sincères) salutations',
  '(?:un )?(?:cordial(?:es)? )?saludos?(?: cordiales?)?|atentamente|muchas gracias',
  'atenciosamente|cumprimentos|(?:com os )?melhores cumprimentos|obrigad[oa]',
  '(?:cordiali|distinti) saluti|cordialmente|un cordiale saluto|grazie',
  // Polish, Czech, Russian, Ukrainian, Turkish
  '(?:serdecznie )?pozdrawiam|z (?:poważaniem|wyrazami szacunku)|s pozdravem',
  'с уважением|з повагою|saygılar(?:ımla|ımızla)?',
];
const formulaPattern = new RegExp(`^(?:${formulas.join('|')})\\s*[,.!–-]*$`, 'iu');
/** A closing formula with a name. The name begins with a capital; "Thank you for the update" is a sentence. */
const formulaWithNamePattern = new RegExp(
  `^(?i:${formulas.join('|')})(?:,\\s+|\\s+[–-]\\s+|\\s+(?=\\p{Lu}))(?<name>[\\p{Lu}[{<][^.!?]{0,60})$`,
  'u',
);
const teamPattern =
  /^(?:(?:your|the|ihr|euer|dein|das|votre|l['’]|su|el|tu|il|uw|het)\s?)?(?:[\p{L}\d&'’.-]+ ){0,4}(?:support|service|team|équipe|equipo|squadra)(?:[ -](?:team|\p{L}+)){0,2}$/iu;
const placeholderLinePattern = /^[[{<]{1,2}[^\]}>]{1,60}[\]}>]{1,2}$/u;

/** Words without a capital that occur in names, roles and companies. */
const lowerCaseWordsOfNames = new Set(
  (
    'of the and at for from in und von vom zu im der die das ihr dein euer de del della di da du des la le les et à el y e en van het bij af og och ' +
    'your our votre notre su uw customer client support service services care success help desk team head manager agent representative ' +
    'specialist équipe equipo squadra sir madam or команда команды служба службы отдел поддержки підтримки и та'
  ).split(' '),
);

/** Number of words that occur in no name: a line with them says something. */
function plainWords(text: string): number {
  const outsideOfGaps = text.replace(/[[{<]{1,2}[^\]}>]{1,60}[\]}>]{1,2}/gu, ' ');
  const words = outsideOfGaps.match(/(?<![\p{L}\p{N}.@'’-])\p{Ll}[\p{L}'’-]*(?![\p{L}\p{N}@.'’-])/gu) ?? [];
  return words.filter((word) => !lowerCaseWordsOfNames.has(word.replace(/^l['’]/, ''))).length;
}

/** Whether a line may be a name, a role, a company or an address: it is short and no sentence. */
function looksLikeSignature(text: string): boolean {
  return text.length <= 60 && !/[.!?:…]$/u.test(text) && text.split(' ').length <= 7 && plainWords(text) <= 1;
}

function isFormula(text: string): boolean {
  const name = formulaWithNamePattern.exec(text)?.groups?.name;
  return formulaPattern.test(text) || (name !== undefined && plainWords(name) === 0);
}

/** A signature below a closing formula has at most this many lines. */
const maxSignatureLines = 6;

/** The reply without its closing formula and everything below it. Lines before it stay as they are. */
export function withoutSignOff(parts: readonly ReplyPart[]): readonly ReplyPart[] {
  const dashes = parts.findIndex((part) => part.kind === 'line' && /^(?:--|—|__+)$/.test(part.text));
  const body = trimmed(dashes < 0 ? parts : parts.slice(0, dashes));
  const formula = body.findLastIndex((part) => part.kind === 'line' && isFormula(part.text));
  if (formula >= 0) {
    const below = body.slice(formula + 1).filter((part) => part.kind !== 'blank');
    const isSignature =
      below.length <= maxSignatureLines &&
      below.every((part) => part.kind === 'line' && looksLikeSignature(part.text));
    if (isSignature) {
      return withoutSignOff(body.slice(0, formula));
    }
  }
  const last = body.at(-1);
  if (
    body.length > 1 &&
    last?.kind === 'line' &&
    looksLikeSignature(last.text) &&
    ((teamPattern.test(last.text) && plainWords(last.text) === 0) || placeholderLinePattern.test(last.text))
  ) {
    return withoutSignOff(body.slice(0, -1));
  }
  return body;
}

/** Without blank lines at either end. */
function trimmed(parts: readonly ReplyPart[]): readonly ReplyPart[] {
  const first = parts.findIndex((part) => part.kind !== 'blank');
  return first < 0 ? [] : parts.slice(first, parts.findLastIndex((part) => part.kind !== 'blank') + 1);
}

const greetingPattern =
  /^(?:hello|hi|hey|dear|good (?:day|morning|afternoon|evening)|greetings|hallo|guten (?:tag|morgen|abend)|sehr geehrte[rn]?|liebe[rs]?|werte[rs]?|moin|servus|grüezi|bonjour|bonsoir|salut|ch[eè]re?s?|madame|monsieur|hola|estimad[oa]s?|querid[oa]s?|buen[oa]s (?:días|tardes|noches)|olá|car[oai]s?|prezad[oa]s?|bo[am] (?:dia|tarde|noite)|ciao|salve|buon(?:giorno|asera)|gentil[ei]|egregio|beste|geachte|goede(?:morgen|middag|navond)?|dag|hej|hei|kære|kjære|bästa|god (?:dag|morgen|kväll)|cześć|dzień dobry|witam|szanown[yaei]|dobrý den|vážen[ýáí]|здравствуйте|привет|добрый (?:день|вечер)|доброе утро|уважаем(?:ый|ая|ые)|вітаю|доброго дня|добрий день|шановн(?:ий|а|і)|merhaba|sayın|sevgili)(?:\s[^,.!?:;،，、]{0,50})?[\s,.!:;–-]*$/iu;

/** Whether the reply is nothing but a salutation: one line that greets, or that ends in a comma. */
export function isOnlyGreeting(parts: readonly ReplyPart[]): boolean {
  const [first, ...others] = parts.filter((part) => part.kind !== 'blank');
  return (
    first?.kind === 'line' &&
    others.length === 0 &&
    (/^.{1,60}[,،，、]$/u.test(first.text) ||
      (greetingPattern.test(first.text) && plainWords(first.text.replace(/^\S+/, '')) <= 1))
  );
}
