import { phrases } from '#shared/text/phraseTable.ts';

/*
 * What non-standard bounces and complaints look like, in the words of the mail systems that send them. The tables hold
 * regular expressions, one language a line.
 */

/** Local parts that belong to mail systems. */
export const daemonLocalPart =
  /^"?(?:mailer-?daemon|mail-?daemon|mdaemon|po+st[._-]?master(?:[._-].*)?|mail[._-]?delivery(?:[._-](?:system|subsystem|service))?|bounces?|double-bounce|mailsys(?:tem)?|mail-?system|mail[._-]?administrator|mdn|dsn|delivery-?status|undeliverable|smtpd?-?daemon|daemon)$/i;

/** Local parts of list software, half a sign: people have such addresses too. */
export const listSoftwareLocalPart =
  /^(?:owner-.|.+-(?:admin|owner|request|bounces?)$|majordomo|listserv|mailman|sympa$)/i;

/** Display names of mail systems; the whole name, or a company that is called so would be one. */
export const daemonName = new RegExp(
  `^["'\\s]*(?:the |internet |e-?)?(?:${phrases(`
    en: mail(?:er)?[ -]?daemon | mail deliver(?:y|er)? ?(?:(?:sub-?)?system)? | postmaster | delivery subsystem
    en: mail (?:system )?administrator | system administrator | mail system | non-?delivery (?:report|notification)
    en: delivery (?:status )?notification | content[ -]filter
    de: systemadministrator | mailzustellung
    fr: administrateur système
    es: administrador del sistema
    it: amministratore di sistema
  `).join('|')})(?:["'\\s]*$|["'\\s]*[<(]| at )`,
  'i',
);

/** Subjects that mail systems give their reports. */
export const bounceSubject = new RegExp(
  phrases(`
    en: undeliver | non[- ]?deliver | loop alert | loop back warning | see transcript | postmaster notify
    en: deliver(?:y|ed|ing)?\\b.{0,30}\\b(?:fail|status|delay|problem|error|incomplete|notif|impossible|unsuccessful)
    en: (?:fail|unable|could not|cannot|can't|not)\\b.{0,30}\\bdeliver | mail system error
    en: fail(?:ed|ure)?\\b.{0,10}\\b(?:notice|deliver|mail|notification) | mail\\b.{0,20}\\b(?:fail|error|returned|problem)
    en: returned (?:e?-?mail|message|to sender) | return(?:ing|ed)\\b.{0,20}\\bsender | unsent message
    en: message (?:delayed|not sent|could not|undeliverable|rejected|you sent blocked)
    en: reject(?:ed)? (?:mail|message|e-?mail) | unknown (?:user|recipient|address) | user unknown | not member
    en: (?:could not|couldn.t|error|unable to?) (?:send|sending) | sending (?:your )?(?:mail|message)
    en: warning.{0,40}(?:could not|not|un)[ -]?(?:send|sent|deliver)
    de: unzustell | nicht zugestellt | zustell(?:ung|fehler|bericht) | fehlgeschlagen
    fr: non (?:remis|distribu) | échec de (?:la )?(?:remise|distribution|livraison)
    it: non recapita | mancat[ao] (?:consegna|recapito) | impossibile (?:consegnare|recapitare)
    es: no se (?:puede|pudo|ha podido) entregar | no entregad | error de entrega | devuelt
    pt: não (?:foi )?entregue | não é possível entregar | falha na entrega | devolvid
    nl: onbestelbaar | niet (?:afgeleverd|bezorgd|besteld)
    da, no: kunne ikke levere | ikke (?:levert|leveret) | kan ikke leveres
    sv: olevererbar | oleverans | kunde inte leverera | går inte att leverera
    fi: toimittaminen epäonnistui | ei voitu toimittaa
    pl: niedostarcz | nie (?:można|udało się) dostarczy
    cs, hu, ro: nedoruč | nelze doručit | kézbesíthetetlen | nelivrat
    ru, uk: недостав | не доставлен | не удалось доставить | невозможно доставить | не вдалося доставити
    tr, el: teslim edilemedi | iletilemedi | αδύνατη η παράδοση
    ja: 配信(?:不能|できません|エラー|失敗) | 送信(?:できません|エラー|失敗) | 配達(?:不能|できません) | エラーメール
    zh: 退信 | 退件 | 退回 | 无法(?:投递|送达|传递) | 無法(?:傳遞|投遞|送達) | 投递失败 | 发送失败 | 傳遞失敗
    ko: 반송 | 배달(?:되지 않음|할 수 없음|실패) | 전송 실패
    ar, he: تعذر (?:تسليم|التسليم) | فشل (?:تسليم|التسليم) | לא ניתן למסור | מסירה נכשלה
  `).join('|'),
  'i',
);

/** Sentences of reports that speak of a mail, and so not of a parcel, an account or an address for it. */
export const mailSystemSentences: readonly RegExp[] = [
  /this is (?:the (?:mail (?:system|delivery|agent)|postfix program)|an? (?:automatically[- ]generated|permanent error|delivery status)|the .{0,40}(?:qmail-send|mail delivery|smtp|mta|dragonfly))/i,
  /qmail-send|delivery agent|mail delivery (?:software|system|subsystem)|mail trans(?:port|fer) agent|dragonfly/i,
  /\b(?:message|e?-?mail|mail)\b.{0,80}\b(?:could not|can ?not|couldn't|can't|was not|not be|wasn't|has not|hasn't|did not|didn't|unable to) (?:be |been )?(?:deliver|reach|sent|relayed|transferred|accepted|process)/i,
];

/** Sentences of the reports themselves. Each is the wording of a mail system, not of a person. */
export const bouncePhrases: readonly RegExp[] = [
  ...mailSystemSentences,
  /(?:delivery|transmission|sending)\b.{0,60}\b(?:failed|failure|unsuccessful|delayed|was not successful|not possible|error)/i,
  /(?:following|these|this) (?:recipient|address|user|destination|e-?mail)\S{0,3}.{0,60}(?:fail|reject|error|undeliver|could not|not be|did not|unable|problem|unknown|invalid)/i,
  /(?:unable|failed|not able|tried|unsuccessful) (?:to|in) (?:deliver|send|relay|transfer|reach)/i,
  /(?:user|recipient|mailbox|address|account|host|domain)\b.{0,30}\b(?:unknown|not found|does not exist|doesn't exist|unavailable|disabled|is full|over quota|rejected|invalid|no longer|not listed|inactive|suspended)/i,
  /(?:unknown|invalid|no such|bad|unrouteable|unroutable|nonexistent) (?:local )?(?:user|recipient|mailbox|address|host|domain|destination|person)/i,
  /transcript of (?:the )?session|the original message (?:was|follows|is)|reason for (?:the )?failure|error (?:code|was|message|returned|text)|diagnostic(?:-code| information)?|remote[- ](?:host|server|mta)|reporting-mta|final-recipient/i,
  /(?:did not reach|was not delivered to|undeliverable to) ?(?:the following|:|\S{1,100}@)/i,
  /below (?:this line )?is (?:a|the) (?:copy|original)|original (?:mail|message) (?:as )?follows|(?:copy of|headers of|beginning of) (?:the|your) (?:original )?(?:message|mail)|original message (?:headers|header|follows|text)|returned (?:message|content)|message (?:headers|header) follow|unsent message/i,
  /(?:^|[^\d.])[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}|(?:^|[^\d.])[45]\.[0-7]\.\d{1,2}(?:[^\d.]|$)|\b(?:smtp|status|error|said|code|reply|response|rejected)\b.{0,30}[^\d]5\d\d[ -]/im,
  /\b(?:mailer-daemon|rcpt to|mail from)\b|smtp error|(?:host|server)\s+\S{1,200}\s+said/i,
  new RegExp(
    phrases(`
      de: (?:konnte|konnten|kann) nicht zugestellt
      fr: n['’]a pas pu être (?:remis|distribu|délivr)
      es: no se ha podido entregar | no pudo (?:ser )?entreg
      it: non (?:è stato possibile|può essere) (?:consegn|recapit)
      pt: não (?:pôde|foi possível) (?:ser )?entreg
      nl: kon niet worden (?:bezorgd|afgeleverd)
      sv, da, no: kunde inte levereras | kunne ikke leveres
      pl, cs: nie (?:mogła|można|została) .{0,20}dostarcz | nelze doručit
      ru, tr: не (?:может быть|было|удалось) доставл | teslim edilemedi
      ja: 配信(?:でき|不能|され) | 送信でき | 届(?:けられ|きませ) | 宛先 | あて先
      zh, ko: 無法(?:投遞|傳遞|送達) | 无法(?:投递|送达) | 退信 | 退回 | 배달(?:할 수|되지) | 전송(?:할 수|되지)
    `).join('|'),
    'i',
  ),
];

/** With one of these a report of a mail system begins, and no letter of a person. */
export const machineOpening =
  /^[\s*=-]*(?:the original message was received at|(?:the )?following (?:addresses|recipients?) had|transcript of session|hi\. this is the|this is (?:the mail|an? automatically|a permanent)|this message was created automatically by mail|your message (?:did not reach|to .{0,80} was (?:not|rejected)|was not delivered)|could not be delivered to|reporting-mta:|the following message (?:to|could not)|delivery to the following recipients?|sorry, (?:we were|i was|i wasn't)|i'm (?:afraid|sorry) (?:i|to have)|your mail .{0,60}could not be|failed to deliver to)/i;

/** Subjects and openings of complaints that do not follow RFC 5965 (Microsoft's among them). */
export const complaintSubject =
  /^(?:complaint about (?:message|mail|e-?mail)|(?:e-?mail )?(?:feedback|abuse|spam) (?:report|complaint))/i;
/** As Microsoft and AOL write it: no person names the address of a server so. */
export const complaintAboutServer = /^complaint about (?:message|mail|e-?mail) from \d{1,3}(?:\.\d{1,3}){3}/i;
export const complaintText =
  /^feedback-type:|(?:this is an|e-?mail) (?:e-?mail )?(?:abuse|feedback|spam) report|(?:reported|marked|flagged) (?:this|your|the following) (?:message|mail|e-?mail) as (?:spam|junk|abus)/im;
export const complaintLocalPart =
  /^(?:abuse|fbl|feedback|feedbackloop|complaints?|staff|scomp|postmaster|spam|arf)\b/i;

/** Lines that carry Message-IDs in the copy of a returned mail. */
export const returnedMessageId =
  /^[>\s]{0,10}(?:message-id|original-message-id|in-reply-to|references)\s*:\s*((?:<[^<>\s]{1,500}>\s*){1,50})/gim;
