import { phrases } from '#shared/text/phraseTable.ts';

/** By language, as regular expressions. People write about their holidays and absences, too. */
const subjects = phrases(`
  en: auto(?:mat(?:ic|ed))?[ -]?(?:reply|response|respond|answer) | autoresponse
  en: out of (?:the )?office | out of town | ooo\\b | away from (?:the |my )?(?:office|mail|desk) | i am (?:away|out)
  en: on vacation | vacation (?:reply|message) | on (?:annual )?leave | away (?:until|from)
  de: autom(?:atische|\\.)? ?(?:antwort|abwesenheit) | abwesen(?:d|heit) | nicht im (?:büro|haus) | urlaub | außer haus
  fr: réponse automatique | message automatique | absence du bureau | absen(?:t|ce) | en congés
  es: respuesta automática | fuera de la oficina | ausen(?:te|cia) | de vacaciones
  it: risposta automatica | fuori (?:sede|ufficio) | assen(?:te|za) | in ferie
  pt: resposta automática | fora do escritório | ausência | de férias
  nl: automatische? antwoord | afwezig | niet op kantoor | buiten kantoor | met vakantie
  sv: autosvar | automatiskt svar | frånvar | inte på kontoret | semester
  da, no: automatisk svar | fravær | ikke til ?stede | ikke på kontoret | på ferie
  fi: automaattinen vastaus | automaattivastaus | poissa | lomalla
  pl: automatyczna odpowiedź | odpowiedź automatyczna | poza biurem | nieobecno | na urlopie
  cs, sk: automatická odpov | mimo kancelář | nepřítom | dovolen
  hu: automatikus válasz | házon kívül | szabadság
  ro: răspuns automat | în afara biroului | concediu
  ru: автоматический ответ | автоответ | вне офиса | нет на месте | в отпуске | отсутств
  uk: автоматична відповідь | автовідповідь | поза офісом | у відпустці | відсутн
  bg, hr, sl: автоматичен отговор | извън офиса | automatski odgovor | izvan ureda | samodejni odgovor
  et, lv, lt: automaatvastus | automātiska atbilde | automatinis atsakymas
  tr: otomatik (?:yanıt|cevap) | ofis dışında | izinde
  el: αυτόματη απάντηση | εκτός γραφείου
  ja: 自動(?:応答|返信) | 不在 | 休暇
  zh: 自動回覆 | 自动(?:回复|答复|應答) | 外出 | 休假
  ko: 자동 ?(?:회신|응답|답장) | 부재 | 휴가
  ar: رد تلقائي | خارج المكتب | في إجازة
  fa, he: پاسخ خودکار | תשובה אוטומטית | מענה אוטומטי | מחוץ למשרד | בחופשה
  th, vi, id: ตอบกลับอัตโนมัติ | ไม่อยู่ที่สำนักงาน | trả lời tự động | vắng mặt | balasan otomatis | di luar kantor
`);

/**
 * Words of automatic replies, anywhere in a subject. They prove nothing: "Absent lors de la livraison" is a customer who missed a parcel.
 */
export const automaticSubjects = new RegExp(`(?:^|[\\s:;,\\[(*"'“«-])(?:${subjects.join('|')})`, 'iu');

/** With what the mail systems begin the subject of an automatic reply, by language, as regular expressions. */
const prefixes = phrases(`
  en: auto(?:mat(?:ic|ed))?[ -]?(?:reply|response|answer) | out of (?:the )?office(?: autoreply| auto-reply)?
  de: autom(?:atische|\\.)? ?antwort | abwesenheits(?:notiz|assistent|meldung|nachricht)
  fr: réponse automatique | absence du bureau
  es, it: respuesta automática | fuera de la oficina | risposta automatica | fuori sede
  pt, nl: resposta automática | automatisch antwoord | niet op kantoor
  sv, da, no: autosvar | automatiskt svar | automatisk svar | ikke til ?stede
  fi, et: automaattinen vastaus | automaattivastaus | automaatvastus
  pl, cs, sk: automatyczna odpowiedź | odpowiedź automatyczna | automatická odpoveď | automatická odpověď
  hu, ro: automatikus válasz | răspuns automat
  ru, uk, bg: автоматический ответ | автоответ | автоматична відповідь | автовідповідь | автоматичен отговор
  hr, sl, lv, lt: automatski odgovor | samodejni odgovor | automātiska atbilde | automatinis atsakymas
  tr, el: otomatik (?:yanıt|cevap) | αυτόματη απάντηση
  ja, zh, ko: 自動(?:応答|返信|回覆|答覆) | 自动(?:回复|答复) | 자동 ?(?:회신|응답|답장)
  ar, fa, he: رد تلقائي | پاسخ خودکار | תשובה אוטומטית | מענה אוטומטי
  th, vi, id: ตอบกลับอัตโนมัติ | trả lời tự động | balasan otomatis
`);

/** Subjects that begin as mail systems begin them. Together with a header that a machine sets they are an automatic reply. */
export const automaticReplyPrefix = new RegExp(
  `^\\s*(?:\\[[^\\]]{1,60}\\]\\s*){0,3}(?:${prefixes.join('|')})\\s*(?:[:：]|$)`,
  'iu',
);

/** With what mail programs begin the subject of an answer to a mail, or of one that is passed on. */
export const answersOrForwards =
  /^[\s"'“«]*(?:\[[^\]]{1,60}\]\s*){0,3}(?:re|aw|antw|ant|sv|vs|vá|odp|ynt|ilt|r|rif|res|resp|bls|отв|на|fwd?|wg|tr|rv|i|enc|doorst|vb|pd|továbbítás|пер|回[复覆]|答[复覆]|轉寄|转发|返信|転送|회신|전달)\s?(?:\[\d{1,3}\]|\(\d{1,3}\))?\s?[:：]/iu;
