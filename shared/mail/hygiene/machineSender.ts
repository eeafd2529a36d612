import { domainOf } from '#shared/mail/parsing/addresses.ts';
import { phrases } from '#shared/text/phraseTable.ts';

/*
 * Addresses as which machines write. docs/intake.md names the reason and the source of each table; a test holds the two together. What is
 * missing on purpose: `info`, `web`, `office`, `contact` and the like, for people have these addresses; and the relays of marketplaces
 * (members.ebay.com, marketplace.amazon.com, mail.kleinanzeigen.de), which give each person an address that can be answered.
 */

/** How machines that take no answer call themselves, anywhere in the name of the mailbox. The dash stands for any sign or none. */
const takesNoAnswer = phrases(`
  en: no-reply | no-replies | not-reply | do-not-reply | dont-reply | no-response | do-not-respond | unmonitored
  de: keine-antwort | nicht-antworten | bitte-nicht-antworten | antworte-nicht
  fr: ne-pas-repondre | ne-repondez-pas | pas-de-reponse | sans-reponse
  es: no-responder | no-responda | no-contestar | no-conteste
  it: non-rispondere | non-rispondete
  pt: nao-responder | nao-responda
  nl: niet-antwoorden | niet-beantwoorden | niet-reageren | geen-antwoord
  sv: svara-inte | svara-ej
  da, no: svar-ikke | ikke-svar
  fi: ala-vastaa | ei-vastausta
  pl: nie-odpowiadaj | nie-odpowiadac | bez-odpowiedzi
  cs, sk: neodpovidat | neodpovidejte | neodpovedat
  hu: ne-valaszolj
  ro: nu-raspunde
  ru, uk: ne-otvechat | ne-otvechayte | ne-vidpovidaty
  tr: yanitlama | yanitlamayin | cevaplamayin
`);

/** Programs of web sites and what notifies, as the first or the last word of the name of the mailbox. */
const machines = phrases(`
  programs: wordpress | wp | woocommerce | drupal | joomla | typo3 | magento | prestashop | shopware | php-?mailer | php
  programs: mailer | auto-?mailer | web-?mailer | form-?mailer | form-?mail | mail-?bot | auto-?responder | robot
  servers: www-data | www | apache2? | httpd | nginx | nobody | cgi | web-?server
  en: forms? | web-?forms? | contact-?forms? | form-?submissions? | web-?site | home-?page
  en: notifications? | notify | notifier | alerts? | automated | automatic
  de: formular | formulare | kontakt-?formular | kontakt-?form | web-?seite | benachrichtigung | benachrichtigungen
  fr: formulaire | site-?web
  es, pt: formulario | sitio-?web | notificacion | notificaciones | notificacoes
  it: modulo | sito-?web | notifiche | notifica
  nl: formulier | contact-?formulier | meldingen
  sv, da, no: formular | kontakt-?formular | formulär | kontakt-?skjema | skjema
  pl: formularz | powiadomienia
`);

/** Services that mail what people enter into forms, with the person in Reply-To; see their help pages. Also for what lies below. */
export const formServices = phrases(`
  forms: jotform.com | typeform.com | wufoo.com | formstack.com | cognitoforms.com | formspree.io | getform.io | formsubmit.co
  forms: formcarry.com | usebasin.com | web3forms.com | staticforms.xyz | tally.so | paperform.co | 123formbuilder.com
  forms: 123contactform.com | formsite.com | zohoforms.com | emailjs.com | formbold.com | powr.io | elfsight.com | fillout.com
  sites: squarespace.info | wix.com | wixforms.com | weebly.com | webflow.com | jimdo.com | netlify.com | shopify.com
  leads: hubspotemail.net | leadpages.net | unbounce.com | immobilienscout24.de | autoscout24.com | mobile.de | wlw.de
`);

const noAnswer = new RegExp(
  `(?:^|[._-])(?:${takesNoAnswer.map((phrase) => phrase.replaceAll('-', '[._-]?')).join('|')})(?:[._+-]|\\d|$)`,
  'u',
);
const machine = new RegExp(`^(?:${machines.join('|')})(?:[_+-]|\\d|$)|[._-](?:${machines.join('|')})$`, 'u');
const daemon = /^(?:bounces?|mailer-?daemon|postmaster)[._+=@-]/;

/**
 * Whether the name of an address says that a machine writes from it.
 *
 * @param address - in lower case.
 */
export function isMachineLike(address: string): boolean {
  const name = address.slice(0, address.lastIndexOf('@'));
  return noAnswer.test(name) || machine.test(name);
}

/** Whether a person may read what is written to an address. A person can also write as a postmaster, whose address this does not take for one. */
export function mayBePersons(address: string): boolean {
  return !isMachineLike(address) && !daemon.test(address);
}

/** Whether an address is of a service that passes on what people enter into forms. */
export function isOfFormService(address: string): boolean {
  return formServices.some((service) => isWithin(domainOf(address), service));
}

/** Whether a domain is another one or lies below it. */
export function isWithin(domain: string, other: string): boolean {
  return domain === other || domain.endsWith(`.${other}`);
}
