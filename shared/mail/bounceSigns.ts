/** What non-standard bounces say, in the words of the mail systems that send them. */

/** Local parts that belong to mail systems. */
export const DAEMON_LOCAL_PART =
  /^(?:"?)(?:mailer-?daemon|mail-?daemon|mdaemon|po+st[._-]?master(?:[._-].*)?|mail[._-]?delivery(?:[._-](?:system|subsystem|service))?|bounces?|double-bounce|mailsys(?:tem)?|mail-?system|mail[._-]?administrator|maildelivery|mdn|dsn|delivery-?status|undeliverable|smtpd?-?daemon|daemon|mailerdaemon)$/i;

/** Local parts of list software, half a sign: people have such addresses too. */
export const LIST_SOFTWARE_LOCAL_PART =
  /^(?:owner-.|.+-(?:admin|owner|request|bounces?)$|majordomo|listserv|mailman|sympa$)/i;

/** Display names of mail systems. */
export const DAEMON_NAME =
  /mail(?:er)?[ -]?daemon|mail deliver(?:y|er)? ?(?:sub-?)?system|postmaster|mail delivery|delivery subsystem|mail (?:system )?administrator|system administrator|mail ?system|e-?mail interconnect|content[ -]filter|mailzustell|non-?delivery|delivery (?:status )?notification|systemadministrator|administrateur système/i;

/** Subjects that mail systems give their reports. */
export const BOUNCE_SUBJECT =
  /undeliver|non[- ]?deliver|deliver(?:y|ed|ing)?\b.{0,30}\b(?:fail|status|delay|problem|error|incomplete|notif|impossible|unsuccessful)|(?:fail|unable|could not|cannot|can't|not)\b.{0,30}\bdeliver|fail(?:ed|ure)?\b.{0,10}\b(?:notice|deliver|mail|notification)|mail\b.{0,20}\b(?:fail|error|returned|problem)|returned (?:e?-?mail|message|to sender)|return(?:ing|ed)\b.{0,20}\bsender|message (?:delayed|not sent|could not|undeliverable|rejected|you sent blocked)|rejected (?:mail|message|e-?mail)|unknown (?:user|recipient|address)|user unknown|(?:could not|couldn.t|error|unable to?) (?:send|sending)|sending (?:your )?(?:mail|message)|see transcript|mail system error|postmaster notify|warning.{0,40}(?:could not|not|un)[ -]?(?:send|sent|deliver)|loop alert|feedback report|abuse report|complaint (?:about|notification)|unzustellbar|unzustell|nicht zugestellt|zustell(?:ung|fehler|bericht)|fehlgeschlagen|non (?:remis|distribu)|échec de (?:la )?(?:remise|distribution|livraison)|non recapita|mancat[ao] (?:consegna|recapito)|impossibile (?:consegnare|recapitare)|no se (?:puede|pudo|ha podido) entregar|no entregad|error de entrega|devuelt|não (?:foi )?entregue|não é possível entregar|falha na entrega|devolvid|onbestelbaar|niet (?:afgeleverd|bezorgd|besteld)|kunne ikke levere|ikke (?:levert|leveret)|kan ikke leveres|olevererbar|oleverans|kunde inte leverera|går inte att leverera|toimittaminen epäonnistui|ei voitu toimittaa|niedostarcz|nie (?:można|udało się) dostarczy|nedoruč|nelze doručit|kézbesíthetetlen|nelivrat|недостав|не доставлен|не удалось доставить|невозможно доставить|не вдалося доставити|teslim edilemedi|iletilemedi|αδύνατη η παράδοση|配信(?:不能|できません|エラー|失敗)|送信(?:できません|エラー|失敗)|配達(?:不能|できません)|エラーメール|退信|退件|退回|无法(?:投递|送达|传递)|無法(?:傳遞|投遞|送達)|投递失败|发送失败|傳遞失敗|반송|배달(?:되지 않음|할 수 없음|실패)|전송 실패|تعذر (?:تسليم|التسليم)|فشل (?:تسليم|التسليم)|לא ניתן למסור|מסירה נכשלה/i;

/** Sentences of the reports themselves. Each is the wording of a mail system, not of a person. */
export const BOUNCE_PHRASES: readonly RegExp[] = [
  /this is (?:the mail (?:system|delivery|agent)|an? (?:automatically[- ]generated|permanent error|delivery status)|the .{0,40}(?:qmail-send|mail delivery|smtp|mta|dragonfly))/i,
  /(?:qmail-send|delivery agent|mail delivery (?:software|system|subsystem)|mail transport agent|mail transfer agent|dragonfly)/i,
  /\b(?:message|e?-?mail|mail)\b.{0,80}\b(?:could not|can ?not|couldn't|can't|cannot|was not|not be|wasn't|has not|hasn't|did not|didn't|unable to) (?:be |been )?(?:deliver|reach|sent|relayed|transferred|accepted|process)/i,
  /(?:delivery|transmission|sending)\b.{0,60}\b(?:failed|has failed|failure|unsuccessful|delayed|was not successful|not possible|error)/i,
  /(?:following|these|this) (?:recipient|address|user|destination|e-?mail)\S{0,3}.{0,60}(?:fail|reject|error|undeliver|could not|not be|did not|unable|problem|unknown|invalid)/i,
  /(?:unable|failed|not able|tried|unsuccessful) (?:to|in) (?:deliver|send|relay|transfer|reach)/i,
  /(?:user|recipient|mailbox|address|account|host|domain)\b.{0,30}\b(?:unknown|not found|does not exist|doesn't exist|unavailable|disabled|is full|over quota|rejected|invalid|no longer|not listed|inactive|suspended)/i,
  /(?:unknown|invalid|no such|bad|unrouteable|unroutable|nonexistent) (?:local )?(?:user|recipient|mailbox|address|host|domain|destination|person)/i,
  /transcript of (?:the )?session|the original message (?:was|follows|is)|reason for (?:the )?failure|error (?:code|was|message|returned|text)|diagnostic(?:-code| information)?|remote[- ](?:host|server|mta)|reporting-mta|final-recipient/i,
  /below (?:this line )?is (?:a|the) (?:copy|original)|original (?:mail|message) (?:as )?follows|(?:copy of|headers of|beginning of) (?:the|your) (?:original )?(?:message|mail)|original message (?:headers|header|follows|text)|returned (?:message|content)|message (?:headers|header) follow|unsent message/i,
  /(?:^|[^\d.])[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}|(?:^|[^\d.])[45]\.[0-7]\.\d{1,2}(?:[^\d.]|$)|\b(?:smtp|status|error|said|code|reply|response|rejected)\b.{0,30}[^\d]5\d\d[ -]/im,
  /\b(?:mailer-daemon|rcpt to|mail from)\b|smtp error|(?:host|server)\s+\S{1,200}\s+said/i,
  /(?:konnte|konnten|kann) nicht zugestellt|n['’]a pas pu être (?:remis|distribu|délivr)|no se ha podido entregar|no pudo (?:ser )?entreg|non (?:è stato possibile|può essere) (?:consegn|recapit)|não (?:pôde|foi possível) (?:ser )?entreg|kon niet worden (?:bezorgd|afgeleverd)|kunde inte levereras|kunne ikke leveres|nie (?:mogła|można|została) .{0,20}dostarcz|nelze doručit|не (?:может быть|было|удалось) доставл|teslim edilemedi/i,
  /配信(?:でき|不能|され)|送信でき|届(?:けられ|きませ)|宛先|あて先|無法(?:投遞|傳遞|送達)|无法(?:投递|送达)|退信|退回|배달(?:할 수|되지)|전송(?:할 수|되지)/,
];

/** A line of these in the text of a bounce starts the copy of the returned mail. */
export const RETURNED_MESSAGE_ID =
  /^[>\s]{0,10}(?:message-id|original-message-id|in-reply-to|references)\s*:\s*((?:<[^<>\s]{1,500}>\s*){1,50})/gim;
