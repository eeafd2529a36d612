import { phrases } from '#shared/text/phraseTable.ts';

/*
 * What programs and companies put under a mail by themselves, by language. A person's own greeting and name
 * ("Best, Ann") are not listed: the customer wrote them. All lower-case.
 */

/** How "Sent from my iPhone" begins; a device or a program follows, a few words and no sentence. */
export const sentFrom = phrases(`
  en: sent from | sent via | sent with | sent using | sent by | sent on | sent securely from | get outlook for | written from
  en: download outlook for | posted from | emailed from | mailed from | dictated on | typed on | yahoo mail: | from my
  de: von meinem | von meiner | gesendet von | gesendet mit | gesendet über | gesendet aus | diese nachricht wurde von
  de: holen sie sich outlook für | outlook für | outlook-app für
  fr: envoyé de mon | envoyé de | envoyé depuis | envoyé à partir de | envoyé à partir d | envoyé via | envoyé avec
  fr: envoyé par | obtenir outlook pour | obtenez outlook pour | télécharger outlook pour | provenance
  es: enviado desde | enviado con | enviado via | enviado vía | enviado a través de | obtener outlook para
  pt: enviado do meu | enviado do | enviado a partir | enviado pelo | enviado de | enviada do meu | obter o outlook para
  pt: baixe o outlook para | enviado através
  it: inviato da | inviato dal | inviato con | inviato tramite | scarica outlook per | ottieni outlook per
  nl: verzonden vanaf | verstuurd vanaf | verzonden via | verstuurd via | verzonden met | verstuurd met | outlook voor
  nl: download outlook voor
  sv: skickat från | skickat fran | skickat med | skickat via | skickades från | hämta outlook för
  da, no: sendt fra | sendt via | sendt med | hent outlook til | hent outlook for | få outlook til | få outlook for
  fi: lähetetty | hanki outlook
  pl: wysłane z | wysłano z | wysłane za | wysłano za | pobierz outlook dla | pobierz program outlook | pobierz outlook
  cs: odesláno z | odesláno ze | odesláno pomocí | posláno z | získat outlook pro | získejte outlook pro
  sk: odoslané z | odoslané zo
  hr, sl: poslano s | poslano sa | poslano iz | poslano z
  hu: elküldve | küldve | az outlook
  ro: trimis de pe | trimis din
  ru: отправлено с | отправлено из | отправлено через | скачать outlook для | получить outlook для | скачайте outlook для
  uk: надіслано з | надіслано із | надіслано через | відправлено з | отримати outlook для
  bg: изпратено от
  tr: android için outlook | ios için outlook
  el: στάλθηκε από | αποστολή από
  et, lt, lv: saadetud | išsiųsta iš | nosūtīts no
  vi, id: gửi từ | được gửi từ | dikirim dari
  ca: enviat des
  zh: 发自我的 | 发自 | 來自我的 | 從我的 | 从我的 | 傳送自 | 寄自我的 | 取得 outlook | 获取 outlook | 获取outlook
  th: ส่งจาก
  ar: أرسلت من | أُرسلت من | تم الإرسال من
  fa: ارسال شده از
  he: נשלח מה | נשלח מ | קבל את outlook
`);

/** Languages that put the device first: "iPhoneから送信", "iPhone'umdan gönderildi". */
export const sentFromAtEnd = phrases(`
  ja: から送信 | から送信されました | からの送信 | を入手
  ko: 에서 보냄 | 에서 보낸 메일 | 에서 발송 | 에서 전송 | 에서 보냈습니다 | 받기
  zh: 发送 | 發送 | 傳送
  tr: dan gönderildi | den gönderildi | tan gönderildi | ten gönderildi | ile gönderildi | edinin
  de, nl, hu, fi: gesendet | verzonden | küldve | lähetetty
`);

/** Letters that end a device's name before or behind it; Chinese or Japanese text may touch it. */
const alphabetic = '[\\p{Script=Latin}\\p{Script=Cyrillic}\\p{Script=Greek}]';
const withEndings = phrases(`
  all: iphon | ipad | ipod | macbook | imac | ios | android | samsung | galaxy | huawei | xiaomi | blackberry
  all: outlook | windows | gmail | yahoo | hotmail
`);
const wholeWords = phrases(`
  all: apple watch | mac | redmi | poco | oppo | vivo | oneplus | pixel | nokia | lumia | htc | motorola | moto | lg
  all: sony | xperia | aol | gmx | web\\.de | t-online | freenet | mail\\.ru | yandex | proton | protonmail | tutanota
  all: spark | thunderbird | mailspring | airmail | bluemail | k-9 | fairemail | edison | newton | zoho | superhuman
  all: sparrow | phone | smartphone | handy | mobiltelefon | mobile | mobil | mobiel | móvil | movil | celular
  all: telefon | téléphone | teléfono | telefone | telefono | telefoon | puhelimesta | telefonu | telefonom
  all: tablet | tablette | device | gerät | mobilgerät | endgerät | appareil | dispositivo | dispositivos | urządzenia
  all: zařízení | zariadenia | apparaat | toestel | surfplatta | padda | cell | cellphone | cell phone | laptop | notebook
  all: poczty | почты | пошти | mail | mailbox | email | e-mail | telemóvel
`);
const wordParts = phrases(`
  ja, zh, ko: スマホ | 手机 | 手機 | 電話 | スマートフォン | 携帯 | 휴대 | 아이폰
  ru, uk: айфон | смартфон | телефон | планшет | мобильн | мобільн
  tr: telefonum | cihazım | tabletim
  ar, he: آيفون | هاتف | הנייד | אייפון
`);

/** How programs begin the quotation that they put under an answer in HTML. */
export const quotationInHtml = /<blockquote|gmail_quote|divRplyFwdMsg|moz-cite-prefix/i;

/** Devices and programs that make such a line certain. */
export const devices = new RegExp(
  `(?<!${alphabetic})(?:(?:${withEndings.join('|')})${alphabetic}{0,6}|${wholeWords.join('|')})(?!${alphabetic})|${wordParts.join('|')}`,
  'iu',
);

/** Openings that nobody but a company or a scanner writes. Tested at the start of a paragraph. */
export const noticeOpenings: readonly RegExp[] = [
  /^[^\p{L}]*(?:confidentiality|privacy|privileged)[\w &/]{0,40}(?:notice|note|statement|disclaimer)\s*[:\-–]|^[^\p{L}]*disclaimer\s*[:\-–]/iu,
  /^[^\p{L}]*(?:please consider the environment|think before (?:you )?print|save (?:paper|trees))/iu,
  /^[^\p{L}]*(?:virus[- ]free|this e-?mail has been (?:checked|scanned)|scanned by|checked by avg|no virus found)/iu,
  /^[^\p{L}]*(?:vertraulichkeitshinweis|haftungsausschluss|bitte denken sie an die umwelt|bitte prüfen sie.{0,60}ausdruck)/iu,
  /^[^\p{L}]*(?:avis de confidentialité|pensez à l.environnement|avant d.imprimer|garanti sans virus)/iu,
  /^[^\p{L}]*(?:aviso de confidencialidad|antes de imprimir|libre de virus)/iu,
];

/** Openings of the legal paragraphs that companies hang under every mail, which a person may write, too. */
export const disclaimerOpenings: readonly RegExp[] = [
  /^[^\p{L}]*(?:legal|important)[\w &/]{0,40}(?:notice|note|statement|disclaimer)\s*[:\-–]/iu,
  /^[^\p{L}]*(?:rechtlicher hinweis|mentions légales|aviso legal|avviso legale|juridische kennisgeving)(?!\p{L})/iu,
  /^[^\p{L}]*(?:this|the information (?:contained )?in this)\s+(?:e-?mail|message|communication|transmission|electronic)\b.{0,200}\b(?:confidential|intended|privileged|virus|addressee|recipient)/iu,
  /^[^\p{L}]*if you (?:are not|have received) (?:the intended|this (?:e-?mail|message))/iu,
  /^[^\p{L}]*(?:diese|die in dieser)\s+(?:e-?mail|nachricht|information|mail)\b.{0,200}(?:vertraulich|bestimmt|empfänger|adressat|virenfrei|avast)/iu,
  /^[^\p{L}]*(?:ce (?:message|courriel|mail|courrier)|cet e-?mail|les informations contenues)(?!\p{L}).{0,200}(?:confidentiel|destinataire|destiné|virus)/iu,
  /^[^\p{L}]*(?:este|el presente|la información contenida en este)\s+(?:mensaje|correo|e-?mail)(?!\p{L}).{0,200}(?:confidencial|destinatari|virus)/iu,
  /^[^\p{L}]*(?:questo|il presente|le informazioni contenute in questo)\s+(?:messaggio|e-?mail)(?!\p{L}).{0,200}(?:riservat|confidenzial|destinatari|virus)/iu,
  /^[^\p{L}]*(?:esta|a presente|este|as informações contidas)(?!\p{L}).{0,40}(?:mensagem|e-?mail|correio)(?!\p{L}).{0,200}(?:confidencia|destinatári|vírus)/iu,
  /^[^\p{L}]*(?:dit (?:e-?mail)?bericht|deze e-?mail|de informatie in d)(?!\p{L}).{0,200}(?:vertrouwelijk|bestemd|geadresseerde|virus)/iu,
  /^[^\p{L}]*(?:detta (?:e-post)?meddelande|detta mejl|den här e-posten|denne (?:e-?mail|e-?post|meddelelse|meldingen?))(?!\p{L}).{0,200}(?:konfidenti|avsed|mottagare|fortrolig|modtager|mottaker|virus)/iu,
  /^[^\p{L}]*tämä (?:viesti|sähköposti)(?!\p{L}).{0,200}(?:luottamuksellin|vastaanottaja)/iu,
  /^[^\p{L}]*(?:ta wiadomość|niniejsza wiadomość|informacje zawarte w)(?!\p{L}).{0,200}(?:poufn|adresat|wirus)/iu,
  /^[^\p{L}]*(?:tato zpráva|tento e-?mail|informace obsažené)(?!\p{L}).{0,200}(?:důvěrn|určen|adresát|virus)/iu,
  /^[^\p{L}]*(?:это (?:сообщение|письмо)|данное (?:сообщение|письмо)|информация, содержащаяся|це повідомлення).{0,200}(?:конфиденциальн|предназначен|конфіденційн|вирус)/iu,
  /^[^\p{L}]*bu (?:e-?posta|mesaj|ileti)(?!\p{L}).{0,200}(?:gizli|alıcı|virüs)/iu,
  /^[^\p{L}]*(?:本邮件|此邮件|本郵件|本電子郵件|このメール|本メール|이 메일|본 메일|이 이메일).{0,200}(?:机密|保密|機密|秘密|宛先|기밀|비밀)/iu,
  /^[^\p{L}]*(?:הודעה זו|דואר זה|هذه الرسالة|هذا البريد).{0,200}(?:סודי|חסוי|سري|خصوصية)/iu,
];

/** What such a paragraph speaks of: secrecy, the reader it is meant for, what any other reader has to do. */
export const disclaimerSubjects: readonly RegExp[] = [
  /confiden[ct]i|vertraulich|privileged|riservat|vertrouwelijk|konfidenti|fortrolig|luottamuksellin|poufn|důvěrn|конфиденц|конфіденц|gizli|机密|保密|機密|秘密|기밀|비밀|סודי|חסוי|سري|خصوصية/iu,
  /intended|recipient|addressee|empfänger|adressat|bestimmt|destinat|destiné|dirigid|bestemd|geadresseerde|avsed|mottagare|modtager|mottaker|vastaanottaja|adresát|určen|предназначен|получател|отримувач|alıcı|宛先|受信者|收件人|수신/iu,
  /in error|by mistake|delet|destroy|unauthori[sz]ed|disclos|disseminat|prohibit|virus|irrtümlich|versehentlich|lösch|unbefugt|vernicht|erreur|supprim|interdi|détrui|por error|elimin|prohibid|errore|cancell|vietat|por engano|por erro|apag|abusievelijk|per vergissing|verwijder|av misstag|raderas|ved en fejl|ved en feil|slett|vahingossa|omyłk|usuni|omyl|smaž|ошибк|удал|помилк|yanlış|silin|誤|误|削除|删除|刪除|삭제|בטעות|بالخطأ/iu,
];

/** "I", "my" and "me": a notice has none of them. The small "i" is an Italian article. */
export const writerHimself =
  /(?<![\p{L}’'-])(?:I|[Mm](?:y|e|ine|ich|ir|ein(?:e[mnrs]?)?|on|es|oi|is|io|ia|eu|inha|ijn|ig|inä|inun|oja|nie)|[Ii](?:ch|k)|[Jj](?:e|ag|eg|['’])|[Yy]o|[Ii]o|[Ee]u|[Mm]ój|[Jj]á|[Mm]ůj|[Яя]|[Мм](?:ой|оя|не|еня|ій|ені)|[Bb]enim|我|私|저는|제가)(?![\p{L}-])|(?<!\p{L})[Jj]['’]\p{L}/u;

const beginMessage = phrases(`
  en: begin message | start of message
  de: anfang der nachricht | beginn der nachricht
  fr: début du message
  es: inicio del mensaje
  it: inizio del messaggio | inizio messaggio
  pt: início da mensagem
  nl: begin bericht
  ja, zh: メッセージここから | 消息开始
`);
const endMessage = phrases(`
  en: end message | end of message
  de: ende der nachricht
  fr: fin du message
  es: fin del mensaje
  it: fine del messaggio | fine messaggio
  pt: fim da mensagem
  nl: einde bericht
  ja, zh: メッセージここまで | 消息结束
`);

/** Marketplaces wrap what the buyer wrote between two such lines. */
export const wrappedBegin = betweenDashes(beginMessage);
export const wrappedEnd = betweenDashes(endMessage);

function betweenDashes(words: readonly string[]): RegExp {
  return new RegExp(`^[-–—=*\\s]{3,60}(?:${words.join('|')}):?[-–—=*\\s]{3,60}$`, 'iu');
}
