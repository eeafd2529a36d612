import { countSigns, type Sign } from './keywordSigns.ts';
import { detectLanguage, type Language } from './languages.ts';
import type { ReadPrompt } from './readPrompt.ts';

/** The judgement in the shape the triage prompt asks for. */
export interface Judgement {
  readonly type: 'lead' | 'customer' | 'other';
  readonly importance: number;
  readonly reasoning: string;
  readonly facts: readonly string[];
  readonly uncertainties: readonly string[];
  readonly language: Language;
  readonly sentiment: 'angry' | 'unhappy' | 'neutral' | 'happy';
  readonly needsReply: boolean;
  readonly escalationReason: string | null;
  readonly threatens: boolean;
}

/** Judges by signs in the words: deterministic, so the same mail always gets the same judgement. */
export function triageByRules({
  subject,
  message,
  earlier,
  attachments,
  answeredBefore,
}: ReadPrompt): Judgement {
  const text = `${subject}\n${message}`;
  const has = (kind: Sign) => countSigns(kind, text) > 0;
  const facts = [...factsIn(text), ...attachments.map((name) => `attachment ${name}`)];
  const isHarmless = has('harmless') && !has('unhappy') && !has('urgent') && !has('money');
  const sentiment = isHarmless ? 'happy' : sentimentOf(text, message);
  const typeOfMessage = typeOf(text, answeredBefore);
  // Who wrote as a customer before still is one when the next message says little.
  const type = typeOfMessage === 'other' && earlier !== '' ? typeOf(earlier, answeredBefore) : typeOfMessage;
  const escalationReason = has('security')
    ? 'The customer reports a possible security incident.'
    : has('legal') && !isHarmless
      ? 'The customer mentions legal steps.'
      : has('person')
        ? 'The customer asks for a person.'
        : null;
  const asks = /[?¿]/.test(message);
  const onlyThanks =
    countSigns('thanks', message) > 0 && !asks && !has('unhappy') && !has('urgent') && message.length < 400;
  const needsReply =
    type !== 'other' && message !== '' && !(onlyThanks && !has('money') && sentiment === 'happy');
  const importance = needsReply
    ? importanceOf(text, type, sentiment, escalationReason !== null)
    : type === 'other'
      ? 2
      : 1;
  return {
    type,
    importance,
    reasoning: reasoningFor(type, sentiment, importance, needsReply, has),
    facts,
    uncertainties: needsReply ? uncertaintiesOf(type, facts, message) : [],
    language: detectLanguage(message === '' ? subject : message),
    sentiment,
    needsReply,
    escalationReason,
    threatens: escalationReason !== null,
  };
}

function typeOf(text: string, answeredBefore: boolean): Judgement['type'] {
  const lead = countSigns('lead', text);
  const customer = countSigns('customer', text) + (countSigns('money', text) > 0 ? 1 : 0);
  if (countSigns('advertising', text) > 0 && customer === 0) {
    return 'other';
  }
  if (lead > customer) {
    return 'lead';
  }
  const fromCustomer = customer > 0 || answeredBefore || countSigns('angry', text) > 0;
  return fromCustomer || countSigns('thanks', text) > 0 || /[?¿]/.test(text) ? 'customer' : 'other';
}

function sentimentOf(text: string, message: string): Judgement['sentiment'] {
  const letters = message.replace(/\P{L}/gu, '');
  const shouting = letters.length > 40 && letters.replace(/\p{Ll}/gu, '').length > letters.length * 0.4;
  if (countSigns('angry', text) > 0 || shouting || /!{3,}/.test(message)) {
    return 'angry';
  }
  if (countSigns('unhappy', text) > 0) {
    return 'unhappy';
  }
  return countSigns('thanks', message) > 0 && !/[?¿]/.test(message) ? 'happy' : 'neutral';
}

function importanceOf(
  text: string,
  type: Judgement['type'],
  sentiment: Judgement['sentiment'],
  escalates: boolean,
): number {
  const has = (kind: Sign) => countSigns(kind, text) > 0;
  if (type === 'other') {
    return 2;
  }
  let importance = type === 'lead' ? 5 : 4;
  importance += sentiment === 'angry' ? 3 : sentiment === 'unhappy' ? 1 : 0;
  importance += has('urgent') ? 2 : 0;
  importance += has('money') ? 1 : 0;
  importance += type === 'lead' && largestNumberOf(text) >= 50 ? 2 : 0;
  importance = has('outage') ? Math.max(importance, 9) : importance;
  importance = escalates ? Math.max(importance, 9) : importance;
  importance = has('security') ? 10 : importance;
  return Math.min(10, importance);
}

/** The largest count of seats, users or pieces that is asked for. */
function largestNumberOf(text: string): number {
  const counts = [
    ...text.matchAll(
      /(\d{1,6})\s*(?:seats|users|licen\w+|people|pieces|units|nutzer|plätze|lizenzen|mitarbeiter|stück|personnes|utilisateurs|usuarios|licencias|utenti|licenze|gebruikers|usuários)/gi,
    ),
  ];
  return Math.max(0, ...counts.map(([, count]) => Number(count)));
}

const factPatterns: readonly (readonly [string, RegExp])[] = [
  [
    'order',
    /(?:order|bestellung|bestellnummer|commande|pedido|ordine|bestelling|encomenda)\D{0,20}?((?:[A-Z]{1,4}-?)?\d{3,}[\w-]*)/gi,
  ],
  [
    'invoice',
    /(?:invoice|rechnung|rechnungsnummer|facture|factura|fattura|factuur|fatura)\D{0,20}?((?:[A-Z]{1,4}-?)?\d{3,}[\w-]*)/gi,
  ],
  ['amount', /((?:€|\$|£|EUR|USD|CHF)\s?\d[\d.,]*\d|\d[\d.,]*\s?(?:€|\$|£|EUR|USD|CHF|Euro))/g],
  ['date', /\b(\d{4}-\d{2}-\d{2}|\d{1,2}\.\s?\d{1,2}\.(?:\s?\d{4})?|\d{1,2}\/\d{1,2}\/\d{2,4})(?!\d)/g],
  ['error', /((?:error|fehler|erreur|errore|erro|fout)(?:\s?code)?\s?[A-Z]*-?\d{2,})/gi],
  [
    'quantity',
    /(\d{1,6}\s(?:seats|users|licen[cs]es|people|pieces|units|nutzer|plätze|lizenzen|mitarbeiter|stück|personnes|utilisateurs|usuarios|licencias|utenti|licenze|gebruikers|usuários))/gi,
  ],
];

/** What the customer states: numbers, amounts, dates. */
function factsIn(text: string): string[] {
  const found = factPatterns.flatMap(([name, pattern]) =>
    [...text.matchAll(pattern)].map(([, value = '']) => `${name} ${value.trim()}`),
  );
  return [...new Set(found)].slice(0, 8);
}

function uncertaintiesOf(type: Judgement['type'], facts: readonly string[], message: string): string[] {
  const names = (kind: string) => facts.some((fact) => fact.startsWith(kind));
  return [
    ...(type === 'customer' && !names('order') && !names('invoice')
      ? ['No order or invoice number is given.']
      : []),
    ...(type === 'lead' && !names('quantity') ? ['How many users or pieces are needed is not said.'] : []),
    ...(message.length < 40 ? ['The message says very little.'] : []),
  ];
}

function reasoningFor(
  type: Judgement['type'],
  sentiment: Judgement['sentiment'],
  importance: number,
  needsReply: boolean,
  has: (kind: Sign) => boolean,
): string {
  const who = {
    lead: 'The writer asks about buying.',
    customer: 'The writer is a customer who needs help.',
    other: 'The mail is neither a sales question nor a request for help.',
  }[type];
  const signsSeen = [
    has('security') ? 'a possible security incident' : '',
    has('legal') ? 'legal steps' : '',
    has('outage') ? 'an outage' : '',
    has('money') ? 'money to be paid back' : '',
    has('urgent') ? 'urgency' : '',
  ].filter((sign) => sign !== '');
  const what = signsSeen.length === 0 ? '' : ` The mail speaks of ${signsSeen.join(', ')}.`;
  const mood = {
    angry: ' The tone is angry.',
    unhappy: ' The tone is unhappy.',
    neutral: '',
    happy: ' The tone is friendly.',
  };
  const answer = needsReply ? '' : ' Nothing is asked, so no answer is expected.';
  return `${who}${what}${mood[sentiment]} Importance ${importance} of 10.${answer}`;
}
