import { phrases } from '#shared/text/phraseTable.ts';

/** By language, as regular expressions. */
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

/** Subjects of automatic replies. They prove nothing without a header that says the same. */
export const automaticSubjects = new RegExp(`(?:^|[\\s:;,\\[(*"'“«-])(?:${subjects.join('|')})`, 'iu');
