import { headerValue, headerValues } from '#shared/mail/parsing/mailHeaders.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { splitReply } from '#shared/mail/replies/newlyWritten.ts';
import { freeScoutThreadIds } from '#shared/mail/replies/replyIds.ts';
import { quotationInHtml } from '#shared/mail/replies/signatureMarks.ts';
import type { HygieneSettings } from '#shared/settings/hygieneSettings.ts';
import { autoSubmitted } from './automaticReply.ts';

const maxText = 100_000;

const listHeaders = [
  'list-post',
  'list-help',
  'list-archive',
  'list-subscribe',
  'list-owner',
  'list-unsubscribe-post',
  'x-mailing-list',
  'mailing-list',
];

/** Set by systems for campaigns and by nobody else. */
const campaignHeaders = [
  'feedback-id',
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

/**
 * Points for signs of newsletters, mailing lists and other bulk. Only what the sender newly wrote is searched for a
 * footer, and only a link counts: a person who writes "please unsubscribe me" has none. List headers of a list that is
 * itself one of our addresses (a support@ group) are everyday customer mail and count nothing.
 */
export function bulkScore(
  mail: ParsedMail,
  labelIds: readonly string[],
  ownAddresses: ReadonlySet<string>,
  { bulkWeights: weights }: HygieneSettings,
): number {
  let score = 0;
  if (!isOwnList(mail, ownAddresses)) {
    if (mail.headers.has('list-unsubscribe')) {
      score += weights.listUnsubscribe;
    }
    if (mail.headers.has('list-id')) {
      score += weights.listId;
    }
    if (listHeaders.some((name) => mail.headers.has(name))) {
      score += weights.listHeader;
    }
    if (/^(?:bulk|list|junk)\b/i.test(headerValue(mail, 'precedence'))) {
      score += weights.precedence;
    }
  }
  if (campaignHeaders.some((name) => mail.headers.has(name))) {
    score += weights.campaignHeader;
  }
  const submitted = autoSubmitted(mail);
  if (submitted !== null && submitted !== 'no') {
    score += weights.automatic;
  }
  if (hasFooterLink(mail)) {
    score += weights.footerLink;
  }
  if (promotional.test(mail.subject.slice(0, 300))) {
    score += weights.promotionalSubject;
  }
  if (noReply.test(mail.from?.address ?? '')) {
    score += weights.noReplySender;
  }
  if (labelIds.includes('CATEGORY_PROMOTIONS')) {
    score += weights.promotionsLabel;
  }
  if (labelIds.includes('CATEGORY_FORUMS')) {
    score += weights.forumsLabel;
  }
  if (freeScoutThreadIds([...mail.inReplyTo, ...mail.references]).length > 0) {
    score += weights.answersUs;
  }
  return score;
}

function isOwnList(mail: ParsedMail, ownAddresses: ReadonlySet<string>): boolean {
  const lists = [
    ...headerValues(mail, 'list-post'),
    ...headerValues(mail, 'list-id'),
    ...headerValues(mail, 'mailing-list'),
  ]
    .join(' ')
    .toLowerCase()
    .slice(0, 5_000);
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
