import { senderIn } from '#shared/mail/parsing/addresses.ts';
import { headerValue, headerValues } from '#shared/mail/parsing/mailHeaders.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { splitReply } from '#shared/mail/replies/newlyWritten.ts';
import { freeScoutThreadIds } from '#shared/mail/replies/replyIds.ts';
import { quotationInHtml } from '#shared/mail/replies/signatureMarks.ts';
import type { HygieneSettings } from '#shared/settings/hygieneSettings.ts';
import { answersUs } from './answersUs.ts';
import { autoSubmitted } from './automaticReply.ts';
import { isOurs } from './ownAddresses.ts';

const maxText = 100_000;

/** Headers of lists, beside List-Id and List-Unsubscribe (RFC 2369, RFC 8058, and older ones). */
export const listHeaders = [
  'list-post',
  'list-help',
  'list-archive',
  'list-subscribe',
  'list-owner',
  'list-unsubscribe-post',
  'x-mailing-list',
  'mailing-list',
];

/**
 * Set by systems for campaigns and by nobody else. Feedback-ID is not among them: a CRM sets it on what a person writes, too.
 */
export const campaignHeaders = [
  'x-campaign',
  'x-campaign-id',
  'x-campaignid',
  'x-mailchimp-campaign',
  'x-mc-user',
  'x-mailer-recptid',
  'x-mailgun-campaign-id',
  'x-csa-complaints',
  'x-report-abuse',
  'x-mailjet-campaign',
  'x-mj-campaign',
  'x-sib-id',
  'x-mailin-campaign',
  'x-emarsys-identify',
  'x-cheetah',
  'x-elqpc',
  'x-eloqua-campaign',
  'x-marketo-id',
  'x-binding',
  'x-rmd-text',
  'x-klaviyo-message-id',
  'x-cm-message-id',
  'x-newsletter',
  'x-bulkmail',
];

const footer =
  /unsubscribe|opt[ -]?out|email preferences|manage (?:your )?(?:subscription|preferences)|abbestellen|abmelden|se désabonner|désinscri|désabonnement|darse de baja|cancelar (?:la )?suscripci|annulla l.iscrizione|disiscriv|cancelar (?:a )?(?:subscrição|inscrição|assinatura)|descadastr|uitschrijven|afmelden|avregistrera|avprenumerera|afmeld|avmeld|peruuta tilaus|wypisz|rezygnuj|odhlásit|отписаться|отказаться от рассылки|відписатися|aboneliği? iptal|abonelikten|配信停止|購読解除|退订|取消订阅|取消訂閱|수신 ?거부|구독 ?취소|إلغاء الاشتراك|להסרה מרשימת|הסרה מרשימת/i;

const promotional =
  /\b(?:sale|% off|discount|newsletter|webinar|special offer|limited time|deal|promo(?:tion)?|coupon|black friday|cyber monday|free shipping|save \d+|angebot|rabatt|gutschein|soldes|offre|promotion|oferta|descuento|sconto|offerta|promoção|desconto|korting|aanbieding|erbjudande|tilbud|tarjous|promocja|rabat|sleva|скидк|акци|розпродаж|indirim)\b|рассылк|セール|クーポン|割引|优惠|折扣|할인|쿠폰/iu;

const noReply =
  /^(?:no|do-?not|dont|ne|nicht|non|sin)[._-]?(?:reply|respond|antworten|pas-repondre|rispondere|responder)|^noreply|^donotreply|^(?:newsletters?|mailings?|marketing|news)@/i;

/** Headers that lists and campaigns have, and people's mail has seldom. */
const proofSigns = ['listUnsubscribe', 'listId', 'listHeader'] as const;

/** What a sender to many does of himself, and a person over a list or out of a CRM does not. */
const campaignSigns = ['precedence', 'campaignHeader', 'noReplySender', 'promotionsLabel'] as const;

const furtherSigns = [
  'precedence',
  'campaignHeader',
  'automatic',
  'footerLink',
  'promotionalSubject',
  'noReplySender',
  'promotionsLabel',
  'forumsLabel',
] as const;

const bulkSigns = [...proofSigns, ...furtherSigns, 'answersUs'] as const;

type BulkSign = keyof HygieneSettings['bulkWeights'];

/**
 * Signs of newsletters, mailing lists and other bulk. Only what the sender newly wrote is searched for a footer, and only a link counts:
 * a person who writes "please unsubscribe me" has none. List headers are none where people write to us over the list: it is one of our
 * addresses (a support@ group), or the mail names us beside the list.
 */
export function bulkSignsOf(
  mail: ParsedMail,
  labelIds: readonly string[],
  ownAddresses: ReadonlySet<string>,
): ReadonlySet<BulkSign> {
  const overList =
    isOwnList(mail, ownAddresses) || (canBePostedTo(mail) && isAddressedTo(mail, ownAddresses));
  const submitted = autoSubmitted(mail);
  const found: Readonly<Record<BulkSign, boolean>> = {
    listUnsubscribe: !overList && mail.headers.has('list-unsubscribe'),
    listId: !overList && mail.headers.has('list-id'),
    listHeader: !overList && listHeaders.some((name) => mail.headers.has(name)),
    precedence: !overList && /^(?:bulk|list|junk)\b/i.test(headerValue(mail, 'precedence')),
    campaignHeader: campaignHeaders.some((name) => mail.headers.has(name)),
    automatic: submitted !== null && submitted !== 'no',
    footerLink: hasFooterLink(mail),
    promotionalSubject: promotional.test(mail.subject.slice(0, 300)),
    noReplySender: noReply.test(mail.from?.address ?? ''),
    promotionsLabel: labelIds.includes('CATEGORY_PROMOTIONS'),
    forumsLabel: labelIds.includes('CATEGORY_FORUMS'),
    answersUs: freeScoutThreadIds([...mail.inReplyTo, ...mail.references]).length > 0,
  };
  return new Set(bulkSigns.filter((sign) => found[sign]));
}

/** The points that the settings give for the signs. */
export function bulkScore(signs: ReadonlySet<BulkSign>, { bulkWeights }: HygieneSettings): number {
  return [...signs].reduce((score, sign) => score + bulkWeights[sign], 0);
}

/**
 * Whether bulk is proven: the headers of a list or a campaign, a further sign of bulk, and no person addressed. It answers nobody, names
 * nobody whom an answer would reach, and does not name us – but for a campaign, which names each of its readers.
 */
export function isCertainBulk(
  mail: ParsedMail,
  signs: ReadonlySet<BulkSign>,
  ownAddresses: ReadonlySet<string>,
): boolean {
  if (!proofSigns.some((sign) => signs.has(sign)) || !furtherSigns.some((sign) => signs.has(sign))) {
    return false;
  }
  if (answersUs(mail, ownAddresses) || namesPerson(mail, ownAddresses)) {
    return false;
  }
  const mayBeToUs = isAddressedTo(mail, ownAddresses) || isOverGroup(mail);
  return !mayBeToUs || (mail.inReplyTo.length === 0 && isCampaign(mail, signs));
}

/**
 * Whether it was written to a group of Google that takes posts. Somebody of us put our mailbox into that group, perhaps because people
 * still write to us by its address.
 */
function isOverGroup(mail: ParsedMail): boolean {
  const lists = listAddresses(mail);
  return (
    mail.headers.has('x-google-group-id') &&
    canBePostedTo(mail) &&
    [...mail.to, ...mail.cc].some(({ address }) => lists.includes(address))
  );
}

/**
 * What is sent to many and says so: with one-click unsubscribing (RFC 8058), or over a list that has a name and takes no posts. Over
 * lists that take posts people write; these say "Precedence: list" or have an address.
 */
function isCampaign(mail: ParsedMail, signs: ReadonlySet<BulkSign>): boolean {
  const isBulk = campaignSigns.some((sign) => signs.has(sign));
  if (/one-click/i.test(headerValue(mail, 'list-unsubscribe-post'))) {
    return isBulk || signs.has('listId');
  }
  return (
    isBulk &&
    signs.has('listId') &&
    signs.has('listUnsubscribe') &&
    !/^list\b/i.test(headerValue(mail, 'precedence')) &&
    !mail.headers.has('mailing-list')
  );
}

/** A person to whom answers go, or who wrote what a list sends in its own name. The habits of a company are none: its own domain, a list. */
function namesPerson(mail: ParsedMail, ownAddresses: ReadonlySet<string>): boolean {
  const lists = listAddresses(mail);
  const original = [...headerValues(mail, 'x-original-from'), ...headerValues(mail, 'x-original-sender')].map(
    (value) => senderIn([value]),
  );
  return [...mail.replyTo, ...original].some(
    (person) =>
      person !== null &&
      !noReply.test(person.address) &&
      !machineReplies.test(person.address) &&
      !isOurs(person.address, ownAddresses) &&
      !lists.includes(person.address) &&
      !isAtDomainOf(person.address, mail.from?.address ?? ''),
  );
}

const machineReplies = /^(?:reply|replies|bounces?|unsubscribe)\b/i;

/** Whether two addresses have one domain, or the domain of one is below that of the other. */
function isAtDomainOf(one: string, other: string): boolean {
  const [domain, others] = [`.${one.split('@')[1]}`, `.${other.split('@')[1]}`];
  return domain.endsWith(others) || others.endsWith(domain);
}

function isAddressedTo(mail: ParsedMail, ownAddresses: ReadonlySet<string>): boolean {
  return [...mail.to, ...mail.cc].some(({ address }) => isOurs(address, ownAddresses));
}

/** Whether people write to the list (RFC 2369, section 3.4), as they do not to a newsletter's. */
function canBePostedTo(mail: ParsedMail): boolean {
  return /mailto:/i.test(headerValue(mail, 'list-post'));
}

/** The headers that name the list, in lower case. */
function listAddresses(mail: ParsedMail): string {
  return ['list-post', 'list-id', 'mailing-list']
    .flatMap((name) => headerValues(mail, name))
    .join(' ')
    .toLowerCase()
    .slice(0, 5_000);
}

function isOwnList(mail: ParsedMail, ownAddresses: ReadonlySet<string>): boolean {
  const lists = listAddresses(mail);
  return [...ownAddresses].some(
    (address) => lists.includes(address) || lists.includes(`<${address.replace('@', '.')}>`),
  );
}

function hasFooterLink(mail: ParsedMail): boolean {
  if (mail.html !== null && hasUnsubscribeAnchor(mail.html.slice(-maxText))) {
    return true;
  }
  const text = mail.text.slice(0, maxText);
  if (!footer.test(text)) {
    return false;
  }
  const written = splitReply(text);
  const searched = written.newText === '' ? text : `${written.newText}\n${withoutQuotes(written.rest)}`;
  return searched.split('\n').some((line, at, lines) => {
    if (!footer.test(line.slice(0, 1_000))) {
      return false;
    }
    return /https?:\/\//i.test(`${line} ${lines[at + 1] ?? ''} ${lines[at - 1] ?? ''}`.slice(0, 3_000));
  });
}

/** Signature and footer, as far as they do not quote: a quotation of our newsletter is not one. */
function withoutQuotes(rest: string): string {
  return /^\s*>/m.test(rest) || rest.includes('@') ? '' : rest;
}

function hasUnsubscribeAnchor(html: string): boolean {
  const quotation = html.search(quotationInHtml);
  const own = quotation < 0 ? html : html.slice(0, quotation);
  return own
    .split(/<a\s/i, 500)
    .some((piece, at) => at > 0 && footer.test(piece.slice(0, 2_500).split('</a', 1)[0] ?? ''));
}
