import type { ReplyPart } from './replyLines.ts';

/*
 * FreeScout appends the mailbox's signature when the mail leaves, so a closing formula and the names below it would stand
 * there twice.
 */

const FORMULAS = [
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
const FORMULA = new RegExp(`^(?:${FORMULAS.join('|')})\\s*[,.!–-]*$`, 'iu');
const FORMULA_WITH_NAME = new RegExp(
  `^(?:${FORMULAS.join('|')})(?:,\\s+|\\s+[–-]\\s+|\\s+(?=\\p{Lu}))(?<name>[\\p{Lu}[{<][^.!?]{0,60})$`,
  'iu',
);
const TEAM =
  /^(?:(?:your|the|ihr|euer|dein|das|votre|l['’]|su|el|tu|il|uw|het)\s?)?(?:[\p{L}\d&'’.-]+ ){0,4}(?:support|service|team|équipe|equipo|squadra)(?:[ -](?:team|\p{L}+)){0,2}$/iu;
const PLACEHOLDER_LINE = /^[[{<]{1,2}[^\]}>]{1,60}[\]}>]{1,2}$/u;

/** A name, a role, a company or an address line: short and no sentence. */
function looksLikeSignature(text: string): boolean {
  return text.length <= 60 && !/[.!?:…]$/u.test(text) && text.split(' ').length <= 7;
}

/** How many lines after a closing formula still count as its signature. */
const MAX_SIGNATURE_LINES = 6;

/** The reply without its closing formula and everything below it. Lines before it stay as they are. */
export function withoutSignOff(parts: readonly ReplyPart[]): readonly ReplyPart[] {
  const dashes = parts.findIndex((part) => part.kind === 'line' && /^(?:--|—|__+)$/.test(part.text));
  const body = trimmed(dashes < 0 ? parts : parts.slice(0, dashes));
  const formula = body.findLastIndex(
    (part) => part.kind === 'line' && (FORMULA.test(part.text) || FORMULA_WITH_NAME.test(part.text)),
  );
  if (formula >= 0) {
    const below = body.slice(formula + 1).filter((part) => part.kind !== 'blank');
    const isSignature =
      below.length <= MAX_SIGNATURE_LINES &&
      below.every((part) => part.kind === 'line' && looksLikeSignature(part.text));
    if (isSignature) return withoutSignOff(body.slice(0, formula));
  }
  const last = body.at(-1);
  if (
    body.length > 1 &&
    last?.kind === 'line' &&
    looksLikeSignature(last.text) &&
    (TEAM.test(last.text) || PLACEHOLDER_LINE.test(last.text))
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
