import type { DraftAnswer } from './draftAnswer.ts';
import { inlineHtml } from './inlineHtml.ts';
import { answersInLanguage } from './replyLanguage.ts';
import { type ReplyPart, replyParts } from './replyLines.ts';
import { isOnlyGreeting, withoutSignOff } from './signOff.ts';

export type UnusableReason =
  /** Nothing is left for the customer to read, or only a greeting. */
  | 'empty'
  /** The model left a gap to be filled in, which may be sent by mistake. */
  | 'placeholder'
  /** The model wrote about its task instead of the reply, or beside it. */
  | 'reasoning'
  /** The model declined. An apology is no draft. */
  | 'refusal'
  | 'wrong-language'
  | 'too-long';

export type ShapedReply =
  | { readonly outcome: 'usable'; readonly html: string }
  | { readonly outcome: 'unusable'; readonly reason: UnusableReason };

export interface ShapeOptions {
  /** ISO 639-1; empty or `und` when not known, and then every language is taken. */
  readonly expectedLanguage: string;
  /** Lower-case hosts that a link may lead to: see `knownHosts`. */
  readonly allowedHosts: ReadonlySet<string>;
}

/** Nobody reads a longer reply. */
const maxCharacters = 15_000;

const subjectPattern =
  /^\**(?:subject|betreff|objet|asunto|assunto|oggetto|onderwerp|temat|тема)\**\s{0,3}:/iu;

/** A line that only announces the reply. */
const announcementPattern =
  /^(?:\**(?:(?:draft|suggested|proposed|final) )?(?:reply|response|answer|draft|e-?mail|antwort|entwurf|réponse|respuesta)\**\s{0,3}:\**|(?:sure|certainly|of course|okay|ok)?[,!.]? ?here(?:['’]s| is) (?:a|the|my|your) .{0,60}(?:reply|response|draft|answer|e-?mail).{0,40}:)$/iu;

const reasoningPatterns = [
  /<\/?(?:think|thinking|reasoning|analysis|scratchpad|reflection)>/i,
  /^\**(?:reasoning|analysis|thoughts?|thinking|chain of thought|rationale|internal note|note to (?:the )?(?:agent|team|self)|explanation|confidence|begründung|analyse|interne notiz|hinweis an das team)\**\s{0,3}:/iu,
  /\bas an? (?:ai|artificial intelligence|language model|large language model)\b/i,
  /\b(?:the|this) (?:customer|user|client) (?:is asking|asks|wants|seems|appears|is requesting|needs) .{0,200}\b(?:i (?:should|will|need to|must)|we should|so i)\b/i,
];

const refusalPattern =
  /\b(?:i['’]?m|i am) (?:really |very )?sorry,? (?:but )?(?:i )?(?:can(?:['’]t|not)|am (?:not able|unable)|won['’]t|do not|don['’]t) (?:to )?(?:help|assist|comply|fulfil|continue)\b|\bi (?:can(?:['’]t|not)|am (?:unable|not able)) (?:to )?(?:assist|help|comply) with (?:that|this)\b|\b(?:tut mir leid|leider)\b.{0,40}\bkann ich .{0,30}nicht (?:helfen|weiterhelfen|beantworten|erstellen)/i;

/** Only a short answer counts as a refusal, because a long reply may say what cannot be done. */
const maxRefusalCharacters = 400;

const gapWords =
  'your|my|our|insert|enter|fill|add|customer|client|recipient|agent|sender|name|first|last|date|time|day|company|order|invoice|ticket|number|link|url|phone|e-?mail|address|amount|price|product|placeholder|title|position|tbd|todo|tba|' +
  'ihr|ihre|ihren|dein|deine|mein|kunde|kundenname|vorname|nachname|datum|uhrzeit|firma|unternehmen|bestellnummer|rechnungsnummer|betrag|telefonnummer|adresse|' +
  'votre|nom|prénom|entreprise|société|numéro|montant|tu|su|nombre|apellido|fecha|hora|empresa|número|importe|seu|sua|nome|valor|il|tuo|vostro|cognome|data|azienda|numero|importo|' +
  'uw|jouw|naam|voornaam|bedrijf|bedrag|imię|nazwisko|twoje|kwota|ваше|имя|дата';
const placeholderPatterns = [
  /\{\{[^{}]{0,80}\}\}|\$\{[^{}]{0,80}\}|\{%[^{}]{0,80}%\}|%[A-Z][A-Z_]{2,40}%/u,
  /\{[\p{L}][\p{L}_ .-]{0,40}\}/u,
  new RegExp(
    `[[<](?:[^\\]>\\n]{0,40}[\\s_/-])?(?:${gapWords})(?:[\\s_/'’-][^\\]>\\n]{0,60})?[\\]>](?!\\()`,
    'iu',
  ),
  /\[(?:\p{Lu}[\p{Lu}\d _/-]{2,60}|\.{3}|…|_+|\s{1,20})\](?!\()/u,
  /(?<![\p{L}\d])X{2,}(?![\p{L}\d])|(?<![\p{L}\d])x{2,}(?:[./:-]x{2,})+|_{4,}|\bx{4,}\b/u,
  /\blorem ipsum\b|\bTBD\b|\bTBA\b|\bTODO\b/u,
];

/**
 * Turns a model's answer into the HTML of a draft, as FreeScout's own editor writes it: one `<div>` per line, `<div><br></div>`
 * for a blank line, lists, bold, italic and links; no line breaks between tags, which FreeScout would show.
 *
 * Everything from the model is text and is escaped. These are removed: subject lines, announcements ("Draft reply:"), the closing
 * formula with names and everything below it, pictures, code fences, invisible characters, links to hosts that are not known (their
 * words stay). What a person would have to find and correct makes the whole answer unusable: see {@link UnusableReason}.
 */
export function shapeReply(answer: DraftAnswer, options: ShapeOptions): ShapedReply {
  const parts = withoutBlankRuns(withoutSignOff(replyParts(answer).filter((part) => !isLabel(part))));
  const texts = parts.flatMap(textsOf);
  const whole = texts.join('\n');
  const unusable = (reason: UnusableReason): ShapedReply => ({ outcome: 'unusable', reason });

  if (!/[\p{L}\d]/u.test(whole)) {
    return unusable('empty');
  }
  if (whole.length > maxCharacters) {
    return unusable('too-long');
  }
  if (texts.some((text) => reasoningPatterns.some((pattern) => pattern.test(text)))) {
    return unusable('reasoning');
  }
  if (whole.length <= maxRefusalCharacters && refusalPattern.test(whole)) {
    return unusable('refusal');
  }
  if (texts.some((text) => placeholderPatterns.some((pattern) => pattern.test(withoutAddresses(text))))) {
    return unusable('placeholder');
  }
  if (isOnlyGreeting(parts)) {
    return unusable('empty');
  }
  if (!answersInLanguage(answer.language, whole, options.expectedLanguage)) {
    return unusable('wrong-language');
  }

  const html = parts.map((part) => partHtml(part, options.allowedHosts)).join('');
  return /[\p{L}\d]/u.test(html.replace(/<[^>]*>|&#?\w+;/g, ''))
    ? { outcome: 'usable', html }
    : unusable('empty');
}

function isLabel(part: ReplyPart): boolean {
  return part.kind === 'line' && (subjectPattern.test(part.text) || announcementPattern.test(part.text));
}

/** Without web addresses, in which `?id=XX` and `<https://…>` are no gaps. */
function withoutAddresses(text: string): string {
  return text.replace(/<?\b(?:https?:\/\/|www\.)[^\s<>]{1,2000}>?/gi, ' ');
}

function textsOf(part: ReplyPart): readonly string[] {
  if (part.kind === 'line') {
    return [part.text];
  }
  return part.kind === 'list' ? part.items : [];
}

function withoutBlankRuns(parts: readonly ReplyPart[]): readonly ReplyPart[] {
  // FreeScout's page and mail programs show a gap after a list by themselves.
  return parts.filter((part, index) => part.kind !== 'blank' || parts[index - 1]?.kind === 'line');
}

function partHtml(part: ReplyPart, allowedHosts: ReadonlySet<string>): string {
  switch (part.kind) {
    case 'blank':
      return '<div><br></div>';
    case 'line':
      return `<div>${inlineHtml(part.text, allowedHosts)}</div>`;
    case 'list': {
      const items = part.items.map((item) => `<li>${inlineHtml(item, allowedHosts)}</li>`).join('');
      return part.ordered ? `<ol>${items}</ol>` : `<ul>${items}</ul>`;
    }
  }
}
