import { phrases } from '#shared/text/phraseTable.ts';

/*
 * How mail programs announce the message they quote, by language: the wording of Google's web mail, Apple Mail, Thunderbird,
 * Outlook, Yahoo, Zoho, Yandex, mail.ru and Lotus Notes. All lower-case.
 */

/** "… wrote:", where the verb closes the line. */
export const wroteAtEnd = phrases(`
  en: wrote | writes | wrote the following | has written
  de: schrieb | schrieb folgendes | hat geschrieben
  fr: a écrit | écrit | ecrit
  es: escribió | escribio | ha escrito
  ca: va escriure | ha escrit
  it: ha scritto | scrive
  pt: escreveu
  nl: schreef | schreef het volgende | heeft geschreven
  sv: skrev | skrev följande
  da: skrev | skrev følgende
  is: skrifaði
  fi: kirjoitti
  et: kirjutas
  pl: napisał(a) | napisał | napisała | napisał/a | pisze
  cs: napsal(a) | napsal | napsala | píše
  sk: napísal(a) | napísal | napísala
  hr: napisao je | napisala je | je napisao/la | je napisao | je napisala | napisao | napisala
  sl: je napisal | je napisala | je napisal/a
  sr: је написао | је написала | је написао/ла
  ru: написал(а) | написал | написала | пишет | писал(а) | писал
  uk: написав(-ла) | написав | написала | пише
  bg: написа
  tr: yazdı | şunu yazdı | şunları yazdı
  el: έγραψε
  ro: a scris
  hu: írta | ezt írta
  lt: rašė
  lv: rakstīja
  vi: đã viết | viết
  id: menulis
  zh: 写道 | 寫道 | 的邮件 | 來信
  ja: のメール | のメッセージ | は書きました | が書きました | wrote
  ko: 작성 | 님이 작성 | 님이 씀 | 쓴 글 | 썼습니다
  th: เขียนว่า | เขียน
  ar: كتب | كتبت
  fa: نوشت
  he: כתב | כתבה | כתב/ה
  hi: ने लिखा
`);

/** The same followed by the writer ("schrieb Ann:"), by the date ("wrote on 04/02/2012:") or by both. */
export const wroteInside = phrases(`
  en: wrote on | wrote at | wrote in message | writes on
  de: schrieb
  fr: a écrit le
  es: escribió el
  it: ha scritto il
  pt: escreveu em
  nl: schreef
  sv, da, no: skrev
  fi: kirjoitti
  pl: napisał(a) w dniu | napisał w dniu | wiadomość napisana przez
  cs: odesílatel | napsal
  sk: odosielateľ | napísal
  sl: je oseba
  ru: написал | пользователь | от
  hu: ezt írta (időpont | írta (időpont | ezt írta | írta
  tr: şunları yazdı | şunu yazdı | tarihinde
  ar: يلي بواسطة | كتب
  he: כתב | ציטוט | מאת
`);

/** Words that open such a line. */
export const headerOpenings = phrases(`
  en: on | in reply to | in a message dated | at | quoting
  de: am
  fr: le
  es: el
  ca: el dia
  it: il | il giorno | in data
  pt: em | a | no dia
  nl: op
  sv, da, no: den | på | d. | fredag den
  fi: pe
  pl: dnia | w dniu | u | wiadomość napisana przez
  cs: dne
  sk: dňa
  hr, sl: dana | u
  ru, uk, bg: на | в
  el: στις
  ro: în | la | pe | în data de
  et: kuupäeval
  lv: plkst.
  vi: vào | ngày | lúc
  id: pada | pada tanggal
  th: เมื่อ
  zh: 在 | 于 | 於
  ar: في | بتاريخ
  fa: در
  he: בתאריך | ב-
`);

/** Weekdays in the forms that stand at the start of such a line. */
export const weekdays = phrases(`
  en: mon | tue | wed | thu | fri | sat | sun
  en: monday | tuesday | wednesday | thursday | friday | saturday | sunday
  de: mo | di | mi | do | fr | sa | so
  de: montag | dienstag | mittwoch | donnerstag | freitag | samstag | sonntag
  fr: lun | mar | mer | jeu | ven | sam | dim | lundi | mardi | mercredi | jeudi | vendredi | samedi | dimanche
  es: mié | jue | vie | sáb | dom | lunes | martes | miércoles | jueves | viernes | sábado | domingo
  it: gio | sab | lunedì | martedì | mercoledì | giovedì | venerdì | sabato | domenica
  pt: seg | ter | qua | qui | sex | segunda | terça | quarta | quinta | sexta
  pt: segunda-feira | terça-feira | quarta-feira | quinta-feira | sexta-feira
  nl: ma | wo | do | vr | za | zo | maandag | dinsdag | woensdag | donderdag | vrijdag | zaterdag | zondag
  sv: mån | tis | ons | tors | fre | lör | sön | måndag | tisdag | onsdag | torsdag | fredag | lördag | söndag
  da, no: man | tir | tor | lør | søn | mandag | tirsdag | lørdag | søndag
  fi: ti | ke | to | pe | la | su | maanantai | tiistai | keskiviikko | torstai | perjantai | lauantai | sunnuntai
  fi: maanantaina | tiistaina | keskiviikkona | torstaina | perjantaina | lauantaina | sunnuntaina
  pl: pon | wt | śr | czw | pt | sob | niedz | ndz | poniedziałek | wtorek | środa | czwartek | piątek | sobota | niedziela
  cs: po | út | st | čt | pá | ne | pondělí | úterý | středa | čtvrtek | pátek | neděle
  sk: ut | št | pi
  hr, sl: uto | sri | čet | pet | ned | sre | tor | sob
  ru: пн | вт | ср | чт | пт | сб | вс | понедельник | вторник | среда | четверг | пятница | суббота | воскресенье
  uk: нд | понеділок | вівторок | середа | четвер | пʼятниця | субота | неділя
  tr: pzt | sal | çar | per | cum | cmt | paz
  id: sen | sel | rab | kam | jum | min
`);

/** What the lines of a quoted header block speak of. */
export type HeaderLabel = 'from' | 'sent' | 'date' | 'to' | 'copy' | 'subject' | 'other';

export const headerLabels: Readonly<Record<HeaderLabel, readonly string[]>> = {
  from: phrases(`
    en: from | sender
    de: von | absender
    fr: de | expéditeur
    es, pt, ca: de | remitente | remetente
    it: da | mittente
    nl: van | afzender
    sv: från | avsändare
    da, no: fra | afsender | avsender
    is: frá
    fi: lähettäjä
    et: saatja
    pl: od | nadawca
    cs, sk: od | odesílatel | odosielateľ
    hr, sl, sr: od | šalje | pošiljatelj | od koga
    hu: feladó
    ro: de la
    ru: от | от кого | отправитель
    uk: від | від кого | відправник
    tr: kimden | gönderen
    el: από | αποστολέας
    lt, lv: nuo | no
    vi: từ | người gửi
    id: dari
    th: จาก
    ja: 差出人 | 送信者 | 送信元
    zh: 发件人 | 寄件者 | 寄件人 | 發件人
    ko: 보낸 사람 | 보낸사람 | 발신자 | 발신인
    ar: من | المرسل
    fa: از | فرستنده
    he: מאת | שולח
  `),
  sent: phrases(`
    en: sent | sent at | sent on
    de: gesendet | gesendet am
    fr: envoyé | envoyé le | envoyé à | date d’envoi | date d'envoi
    es: enviado | enviado el
    pt: enviado em | enviada em | enviada
    ca: enviat | enviat el
    it: inviato | inviato il
    nl: verzonden | verzonden op
    sv: skickat | skickades
    da, no: sendt
    fi: lähetetty
    et: saadetud
    pl: wysłano | wysłane | data wysłania
    cs, sk: odesláno | posláno | odoslané
    hr, sl: poslano
    hu: elküldve | küldve
    ro: trimis | trimis la
    ru: отправлено | дата отправки
    uk: надіслано | відправлено
    bg: изпратено
    tr: gönderildi | gönderme tarihi | gönderim tarihi | gönderilme tarihi
    el: στάλθηκε
    lt, lv: išsiųsta | nosūtīts
    vi: đã gửi | ngày gửi
    id: dikirim | terkirim
    th: ส่ง
    ja: 送信日時 | 送信日 | 受信日時
    zh: 发送时间 | 发送日期 | 傳送時間 | 寄件日期 | 發送時間 | 传送时间
    ko: 보낸 날짜 | 보낸날짜 | 보낸 시간 | 발신일
    ar: تاريخ الإرسال | تم الإرسال | أُرسلت | أرسلت
    fa: ارسال شده | ارسال‌شده
    he: נשלח
  `),
  date: phrases(`
    en, fr, de, es, it: date | datum | fecha | data | date et heure
    da, no, fi: dato | päivämäärä | päiväys | pvm
    hu, sk: dátum
    ru, uk, bg: дата
    tr, el, et, lv: tarih | ημερομηνία | kuupäev | datums
    vi, id, th: ngày | tanggal | วันที่
    ja, zh, ko: 日時 | 日付 | 日期 | 时间 | 時間 | 날짜
    ar, fa, he: التاريخ | تاریخ | תאריך
  `),
  to: phrases(`
    en: to
    de: an | empfänger
    fr: à | a | pour | destinataire
    es, pt, ca: para | destinatario | per a
    it: a
    nl: aan
    sv: till
    da, no, is: til
    fi: vastaanottaja
    et: adressaat
    pl: do
    cs, sk: komu | pro
    hr, sl: za | prima
    hu: címzett
    ro: către | catre
    ru: кому | получатель
    uk: кому | до
    bg: до
    tr: kime | alıcı
    el: προς
    lt, lv: kam
    vi: đến | tới | người nhận
    id: kepada | ke | untuk
    th: ถึง
    ja: 宛先
    zh: 收件人 | 收件者
    ko: 받는 사람 | 받는사람 | 수신자 | 수신인
    ar: إلى
    fa: به
    he: אל | נמען
  `),
  copy: phrases(`
    en: cc | bcc | cci
    de, nl, cs: kopie
    fr: copie à | copie
    es, it, pt: copia | cópia
    sv, no, fi: kopia | kopi | kopio
    pl: dw | udw | do wiadomości
    sk, hu: kópia | másolatot kap | másolat
    ru, uk: копия | копія
    tr, el: bilgi | κοιν | κοινοποίηση
    zh, ko, th: 抄送 | 副本 | 참조 | สำเนา
    ar, he: نسخة | עותק
  `),
  subject: phrases(`
    en: subject
    de: betreff
    fr: objet | sujet
    es: asunto
    pt: assunto
    ca: assumpte
    it: oggetto
    nl: onderwerp | betreft
    sv: ämne
    da, no: emne
    is: efni
    fi: aihe
    et: teema
    pl: temat
    cs, sk, hr: předmět | predmet
    sl: zadeva
    hu: tárgy
    ro: subiect
    ru, uk: тема
    bg: относно
    tr: konu
    el: θέμα
    lt, lv: tema | temats
    vi: chủ đề | tiêu đề
    id: subjek | perihal
    th: เรื่อง | หัวเรื่อง
    ja, zh: 件名 | 主题 | 主旨 | 主題
    ko: 제목
    ar, fa: الموضوع | موضوع
    he: נושא
  `),
  other: phrases(`
    en: reply-to | reply to | importance | priority | attachments | sent by | organization | newsgroups | message-id
    de: antwort an | wichtigkeit | priorität | anlagen | gesendet von | im auftrag von
    fr: répondre à | pièces jointes | importance
    es, it, pt: adjuntos | allegati | anexos | importancia | prioridad | importância
    nl: bijlagen | urgentie
  `),
};

/** "----- Original Message -----", without the dashes. */
export const originalMessage = phrases(`
  en: original message | original appointment | original e-mail | original email | original mail | reply message
  de: ursprüngliche nachricht | originalnachricht | original-nachricht | ursprüngliche e-mail | original-mail
  de: ursprünglicher termin | originalmeldung
  fr: message d'origine | message d’origine | message original | message initial | e-mail d’origine | courriel d'origine
  es: mensaje original | correo original
  it: messaggio originale
  pt: mensagem original
  ca: missatge original
  nl: oorspronkelijk bericht | oorspronkelijk e-mailbericht | origineel bericht
  sv: ursprungligt meddelande | originalmeddelande
  da: oprindelig meddelelse | original meddelelse | original besked | oprindelig besked
  no: opprinnelig melding | original melding
  fi: alkuperäinen viesti
  et: algne sõnum | algkiri
  pl: oryginalna wiadomość | wiadomość oryginalna | treść oryginalnej wiadomości
  cs: původní zpráva | původní e-mail
  sk: pôvodná správa
  hr, sr: izvorna poruka | originalna poruka
  sl: originalno sporočilo | izvirno sporočilo
  hu: eredeti üzenet
  ro: mesaj original | mesajul original
  ru: исходное сообщение | оригинальное сообщение | исходное письмо
  uk: оригінальне повідомлення | вихідне повідомлення | початкове повідомлення
  bg: оригинално съобщение
  tr: orijinal mesaj | orijinal ileti | özgün ileti | özgün mesaj | orjinal mesaj | asıl ileti | orijinal e-posta
  el: αρχικό μήνυμα
  lt, lv: pradinis pranešimas | sākotnējais ziņojums
  vi: thư gốc | tin nhắn gốc
  id: pesan asli
  th: ข้อความต้นฉบับ
  ja: 元のメッセージ | オリジナルメッセージ | オリジナル メッセージ
  zh: 原始邮件 | 原始郵件 | 原邮件 | 原始訊息 | 原始信件
  ko: 원본 메시지 | 원본 메일 | 원본메일
  ar: الرسالة الأصلية | رسالة أصلية
  fa: پیام اصلی
  he: הודעה מקורית | ההודעה המקורית
`);

/** "---------- Forwarded message ---------", "Begin forwarded message:" */
export const forwardedMessage = phrases(`
  en: forwarded message | forwarded by | begin forwarded message | forwarded mail | fwd message
  de: weitergeleitete nachricht | anfang der weitergeleiteten nachricht | weitergeleitet von
  fr: message transféré | début du message transféré | début du message réexpédié | message réexpédié
  es: mensaje reenviado | inicio del mensaje reenviado
  it: messaggio inoltrato | inizio messaggio inoltrato
  pt: mensagem encaminhada | mensagem reencaminhada | início da mensagem encaminhada | início da mensagem reencaminhada
  ca: missatge reenviat
  nl: doorgestuurd bericht | begin doorgestuurd bericht
  sv: vidarebefordrat meddelande | vidarebefordrat brev
  da: videresendt besked | videresendt meddelelse | start på videresendt besked
  no: videresendt melding | start på videresendt melding
  fi: välitetty viesti | välitetty viesti alkaa
  pl: wiadomość przekazana | przekazana wiadomość | początek przekazywanej wiadomości
  cs, sk: přeposlaná zpráva | začátek přeposílané zprávy | preposlaná správa
  hr: proslijeđena poruka
  hu: továbbított üzenet
  ro: mesaj redirecționat
  ru: пересылаемое сообщение | пересланное сообщение | переадресованное сообщение | начало переадресованного сообщения
  uk, bg: переслане повідомлення | препратено съобщение
  tr: yönlendirilen ileti | iletilen mesaj | iletilmiş mesaj | başlangıç iletilen mesaj
  el: προωθημένο μήνυμα
  vi, id: thư được chuyển tiếp | pesan terusan
  th: ข้อความที่ส่งต่อ
  ja: 転送メッセージ | 転送されたメッセージ
  zh: 转发的邮件 | 转发邮件 | 已转发邮件 | 下面是被转发的邮件 | 轉寄的郵件 | 轉寄郵件 | 以下是轉寄的郵件 | 已轉寄郵件
  ko: 전달된 메시지 | 전달된 메일 | 전달된 메시지 시작
  ar: رسالة معاد توجيهها | رسالة محولة
  he: הודעה שהועברה
`);

/** The separator that help desks put into their mails. Everything below it is the help desk's text. */
export const replyAbove = phrases(`
  en: reply above this line | reply above the line | type your reply above | write your reply above
  de: antworten sie über dieser | antworten sie oberhalb dieser | antwort über dieser zeile | oberhalb dieser zeile
  de: über dieser linie antworten | oberhalb dieser linie
  fr: répondre au-dessus de cette ligne | réponse au-dessus de cette ligne | répondre au dessus de cette ligne
  es: por encima de esta línea | encima de esta línea
  it: rispondi sopra questa | rispondere sopra questa | risposta sopra questa
  pt: responda acima desta linha | resposta acima desta linha | responder acima desta linha
  nl: antwoord boven deze | boven deze lijn te antwoorden | reageer boven deze
  sv: svara ovanför denna | svara ovanför den här | svar ovanför denna
  da, no: svar over denne linj | svar ovenfor denne linj | svar oven for denne linj
  fi: vastaa tämän rivin yläpuolelle
  pl: odpowiedz powyżej tej linii | odpowiedź powyżej tej linii | odpisz powyżej tej linii
  cs: odpovězte nad touto | odpovězte nad tímto | odpověď nad tut
  sk: odpovedzte nad týmto | odpovedzte nad touto
  hu: válaszoljon e vonal fölé
  ro: răspundeți deasupra acestei linii
  ru: выше этой линии | выше этой строки | над этой линией | над этой строкой
  uk: вище цієї лінії | вище цього рядка | над цією лінією
  tr: bu satırın üzerine | bu satırın üstüne | bu çizginin üzerine | bu çizginin üstüne
  el: πάνω από αυτή τη γραμμή
  ja: この線より上に | この行より上に | この線の上に
  zh: 请在此行上方回复 | 请在此线上方回复 | 請在此行上方回覆 | 請在此線上方回覆
  ko: 이 줄 위에 | 이 선 위에
  ar: أعلى هذا السطر | فوق هذا الخط
  he: מעל שורה זו | מעל לשורה זו
`);
