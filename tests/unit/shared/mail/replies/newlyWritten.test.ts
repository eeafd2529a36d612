import { describe, expect, it } from 'vitest';
import { splitReply } from '#shared/mail/replies/newlyWritten.ts';

const squeezed = (text: string) => text.replace(/\s+/g, ' ').trim();

/** Attribution lines as Gmail, Apple Mail, Thunderbird, Yahoo and others write them. */
const attributions: readonly (readonly [language: string, line: string])[] = [
  ['en Gmail', 'On Mon, Nov 2, 2026 at 6:26 PM Ann Example <ann@shop.example> wrote:'],
  [
    'en Gmail wrapped',
    'On Mon, Nov 2, 2026 at 6:26 PM Ann Example\n<ann.example.with.a.long.address@shop.example>\nwrote:',
  ],
  ['en Gmail wrapped before wrote', 'On Mon, Nov 2, 2026 at 6:26 PM Ann Example <ann@shop.example>\nwrote:'],
  ['en Apple', 'On Nov 2, 2026, at 6:26 PM, Ann Example <ann@shop.example> wrote:'],
  ['en Apple without address', 'On 2 Nov 2026, at 18:26, Ann Example wrote:'],
  ['en Thunderbird', 'On 11/2/26 18:26, Ann Example wrote:'],
  ['en Yahoo', 'On Monday, November 2, 2026 at 06:26:00 PM GMT+1, Ann Example <ann@shop.example> wrote:'],
  ['en Zoho', '---- On Mon, 02 Nov 2026 18:26:00 +0100 Ann Example <ann@shop.example> wrote ----'],
  ['en Notes', 'Ann Example <ann@shop.example> wrote on 11/02/2026 06:26:26 PM:'],
  ['en bold', '*On Mon, Nov 2, 2026 at 6:26 PM Ann Example <ann@shop.example> wrote:*'],
  ['en ProtonMail', 'On Monday, November 2nd, 2026 at 6:26 PM, Ann Example <ann@shop.example> wrote:'],
  ['de Gmail', 'Am Mo., 2. Nov. 2026 um 18:26 Uhr schrieb Ann Example <ann@shop.example>:'],
  ['de Gmail wrapped', 'Am Mo., 2. Nov. 2026 um 18:26 Uhr schrieb Ann Example <\nann@shop.example>:'],
  ['de Apple', 'Am 02.11.2026 um 18:26 schrieb Ann Example <ann@shop.example>:'],
  ['de Thunderbird', 'Am 02.11.26 um 18:26 schrieb Ann Example:'],
  ['de Notes', 'Ann Example <ann@shop.example> schrieb am 02.11.2026 18:26:00:'],
  [
    'de GMX',
    'Gesendet: Montag, 02. November 2026 um 18:26 Uhr\nVon: "Ann Example" <ann@shop.example>\nAn: bob@customer.example\nBetreff: Ihre Bestellung',
  ],
  ['fr Gmail', 'Le lun. 2 nov. 2026 à 18:26, Ann Example <ann@shop.example> a écrit :'],
  ['fr Gmail wrapped', 'Le lun. 2 nov. 2026 à 18:26, Ann Example <ann@shop.example> a\nécrit :'],
  ['fr Apple', 'Le 2 nov. 2026 à 18:26, Ann Example <ann@shop.example> a écrit :'],
  ['fr Thunderbird', 'Le 02/11/2026 à 18:26, Ann Example a écrit :'],
  ['es Gmail', 'El lun, 2 nov 2026 a las 18:26, Ann Example (<ann@shop.example>) escribió:'],
  ['es Thunderbird', 'El 02/11/2026 a las 18:26, Ann Example escribió:'],
  ['es Yahoo', 'El lunes, 2 de noviembre de 2026, 18:26:00 CET, Ann Example <ann@shop.example> escribió:'],
  ['ca Gmail', 'El dl., 2 de nov. 2026, 18:26, Ann Example <ann@shop.example> va escriure:'],
  ['it Gmail', 'Il giorno lun 2 nov 2026 alle ore 18:26 Ann Example <ann@shop.example> ha scritto:'],
  ['it Apple', 'Il giorno 2 nov 2026, alle ore 18:26, Ann Example <ann@shop.example> ha scritto:'],
  ['it Thunderbird', 'Il 02/11/2026 18:26, Ann Example ha scritto:'],
  ['pt Gmail', 'Em seg., 2 de nov. de 2026 às 18:26, Ann Example <ann@shop.example> escreveu:'],
  ['pt Portugal', 'Ann Example <ann@shop.example> escreveu (segunda, 2/11/2026 à(s) 18:26):'],
  ['nl Gmail', 'Op ma 2 nov 2026 om 18:26 schreef Ann Example <ann@shop.example>:'],
  ['nl Apple', 'Op 2 nov. 2026, om 18:26 heeft Ann Example <ann@shop.example> het volgende geschreven:'],
  ['nl Thunderbird', 'Op 02-11-2026 om 18:26 schreef Ann Example:'],
  ['sv Gmail', 'Den mån 2 nov. 2026 kl 18:26 skrev Ann Example <ann@shop.example>:'],
  ['sv Apple', '2 nov. 2026 kl. 18:26 skrev Ann Example <ann@shop.example>:'],
  ['sv Thunderbird', 'Den 2026-11-02 kl. 18:26, skrev Ann Example:'],
  ['da Gmail', 'Den man. 2. nov. 2026 kl. 18.26 skrev Ann Example <ann@shop.example>:'],
  ['da Apple', 'Den 2. nov. 2026 kl. 18.26 skrev Ann Example <ann@shop.example>:'],
  ['no Gmail', 'man. 2. nov. 2026 kl. 18:26 skrev Ann Example <ann@shop.example>:'],
  ['no Apple', '2. nov. 2026 kl. 18:26 skrev Ann Example <ann@shop.example>:'],
  ['fi Gmail', 'ma 2. marrask. 2026 klo 18.26 Ann Example (ann@shop.example) kirjoitti:'],
  ['fi Apple', 'Ann Example <ann@shop.example> kirjoitti 2.11.2026 kello 18.26:'],
  ['pl Gmail', 'pon., 2 lis 2026 o 18:26 Ann Example <ann@shop.example> napisał(a):'],
  ['pl Thunderbird', 'W dniu 02.11.2026 o 18:26, Ann Example pisze:'],
  ['pl Apple', 'Wiadomość napisana przez Ann Example <ann@shop.example> w dniu 2 lis 2026, o godz. 18:26:'],
  ['cs Gmail', 'po 2. 11. 2026 v 18:26 odesílatel Ann Example <ann@shop.example> napsal:'],
  ['cs Apple', '2. 11. 2026 v 18:26, Ann Example <ann@shop.example>:'],
  ['cs Thunderbird', 'Dne 02. 11. 26 v 18:26 Ann Example napsal(a):'],
  ['sk Gmail', 'po 2. 11. 2026 o 18:26 Ann Example <ann@shop.example> napísal(a):'],
  ['hu Gmail', 'Ann Example <ann@shop.example> ezt írta (időpont: 2026. nov. 2., H, 18:26):'],
  ['ro Gmail', 'În lun., 2 nov. 2026 la 18:26, Ann Example <ann@shop.example> a scris:'],
  ['hr Gmail', 'pon, 2. stu 2026. u 18:26 Ann Example <ann@shop.example> napisao je:'],
  ['sl Gmail', 'V V pon., 2. nov. 2026 ob 18:26 je oseba Ann Example <ann@shop.example> napisala:'],
  ['bg Gmail', 'На пн, 2.11.2026 г. в 18:26 Ann Example <ann@shop.example> написа:'],
  ['ru Gmail', 'пн, 2 нояб. 2026 г. в 18:26, Ann Example <ann@shop.example>:'],
  ['ru Gmail old', '2 ноября 2026 г., 18:26 пользователь Ann Example <ann@shop.example> написал:'],
  ['ru Thunderbird', '02.11.2026 18:26, Ann Example пишет:'],
  ['ru Apple', '2 нояб. 2026 г., в 18:26, Ann Example <ann@shop.example> написал(а):'],
  ['ru Yandex', '02.11.2026, 18:26, "Ann Example" <ann@shop.example>:'],
  ['ru mail.ru', 'Понедельник, 2 ноября 2026, 18:26 +03:00 от Ann Example <ann@shop.example>:'],
  ['uk Gmail', 'пн, 2 лист. 2026 р. о 18:26 Ann Example <ann@shop.example> пише:'],
  ['tr Gmail', 'Ann Example <ann@shop.example>, 2 Kas 2026 Pzt, 18:26 tarihinde şunu yazdı:'],
  ['tr Apple', 'Ann Example <ann@shop.example> şunları yazdı (2 Kas 2026 18:26):'],
  ['tr Thunderbird', '2.11.2026 18:26 tarihinde Ann Example yazdı:'],
  ['el Gmail', 'Στις Δευ 2 Νοε 2026 στις 6:26 μ.μ., ο χρήστης Ann Example <ann@shop.example> έγραψε:'],
  ['ja Gmail', '2026年11月2日(月) 18:26 Ann Example <ann@shop.example>:'],
  ['ja Apple', '2026/11/02 18:26、Ann Example <ann@shop.example>のメール:'],
  ['ja Thunderbird', '(2026/11/02 18:26), Ann Example wrote:'],
  ['ja written', '2026年11月2日 18:26 Ann Example さんは書きました:'],
  ['zh Gmail', 'Ann Example <ann@shop.example> 于2026年11月2日周一 18:26写道：'],
  ['zh Apple', '在 2026年11月2日，18:26，Ann Example <ann@shop.example> 写道：'],
  ['zh Gmail Taiwan', 'Ann Example <ann@shop.example> 於 2026年11月2日 週一 下午6:26寫道：'],
  ['zh Thunderbird', '于 2026/11/2 18:26, Ann Example 写道:'],
  ['ko Gmail', '2026년 11월 2일 (월) 오후 6:26, Ann Example <ann@shop.example>님이 작성:'],
  ['ko Apple', '2026. 11. 2. 오후 6:26, Ann Example <ann@shop.example> 작성:'],
  ['ar Gmail', 'في الاثنين، 2 نوفمبر 2026 في 6:26 م تمت كتابة ما يلي بواسطة Ann Example <ann@shop.example>:'],
  ['he Gmail', 'בתאריך יום ב׳, 2 בנוב׳ 2026 ב-18:26 מאת Ann Example <ann@shop.example>:'],
  ['fa Gmail', 'در تاریخ دوشنبه ۲ نوامبر ۲۰۲۶،‏ ۱۸:۲۶ Ann Example <ann@shop.example> نوشت:'],
  ['vi Gmail', 'Vào Th 2, 2 thg 11, 2026 vào lúc 18:26 Ann Example <ann@shop.example> đã viết:'],
  ['id Gmail', 'Pada tanggal Sen, 2 Nov 2026 pukul 18.26 Ann Example <ann@shop.example> menulis:'],
  ['th Gmail', 'เมื่อ จ. 2 พ.ย. 2026 เวลา 18:26 Ann Example <ann@shop.example> เขียนว่า:'],
  ['lt Gmail', '2026-11-02, pr, 18:26 Ann Example <ann@shop.example> rašė:'],
  [
    'lv Gmail',
    'pirmd., 2026. g. 2. nov., plkst. 18:26 — lietotājs Ann Example (<ann@shop.example>) rakstīja:',
  ],
  ['et Gmail', 'Kuupäeval E, 2. november 2026 kell 18:26 kirjutas Ann Example <ann@shop.example>:'],
];

/** The same as Google's web mail breaks them when they are long. */
const brokenAttributions = attributions
  .filter(([, line]) => /@[^<>\s]+>/.test(line))
  .map(([language, line]) => [language, line.replace(/(@[^<>\s]+)>/, '$1\n>')] as const);

/** Header blocks of Outlook and of programs that imitate it. */
const headerBlocks: readonly (readonly [language: string, block: string])[] = [
  [
    'en',
    'From: Ann Example <ann@shop.example>\nSent: Monday, November 2, 2026 6:26 PM\nTo: Bob\nSubject: Your order',
  ],
  [
    'en mobile',
    '________________________________\nFrom: Ann Example <ann@shop.example>\nSent: Monday, November 2, 2026 6:26:00 PM\nTo: Bob <bob@customer.example>\nSubject: Your order',
  ],
  [
    'en in one line',
    'From: Ann Example <ann@shop.example> Sent: Monday, November 2, 2026 6:26 PM To: Bob Subject: Your order',
  ],
  [
    'fr in one line',
    'De : Ann <ann@shop.example> Envoyé : lundi 2 novembre 2026 18:26 À : Bob Objet : RE: Commande',
  ],
  [
    'en bold',
    '*From:* Ann Example [mailto:ann@shop.example]\n*Sent:* Monday\n*To:* Bob\n*Subject:* Your order',
  ],
  [
    'en Hotmail',
    'Date: Mon, 2 Nov 2026 18:26:00 +0100\nSubject: Your order\nFrom: ann@shop.example\nTo: bob@customer.example',
  ],
  [
    'de',
    'Von: Ann Example <ann@shop.example>\nGesendet: Montag, 2. November 2026 18:26\nAn: Bob\nBetreff: Ihre Bestellung',
  ],
  [
    'fr',
    'De : Ann Example <ann@shop.example>\nEnvoyé : lundi 2 novembre 2026 18:26\nÀ : Bob\nObjet : Votre commande',
  ],
  [
    'es',
    'De: Ann Example <ann@shop.example>\nEnviado: lunes, 2 de noviembre de 2026 18:26\nPara: Bob\nAsunto: Su pedido',
  ],
  [
    'it',
    'Da: Ann Example <ann@shop.example>\nInviato: lunedì 2 novembre 2026 18:26\nA: Bob\nOggetto: Il suo ordine',
  ],
  [
    'pt',
    'De: Ann Example <ann@shop.example>\nEnviado: segunda-feira, 2 de novembro de 2026 18:26\nPara: Bob\nAssunto: Pedido',
  ],
  [
    'nl',
    'Van: Ann Example <ann@shop.example>\nVerzonden: maandag 2 november 2026 18:26\nAan: Bob\nOnderwerp: Uw bestelling',
  ],
  [
    'sv',
    'Från: Ann Example <ann@shop.example>\nSkickat: den 2 november 2026 18:26\nTill: Bob\nÄmne: Din beställning',
  ],
  ['da', 'Fra: Ann Example <ann@shop.example>\nSendt: 2. november 2026 18:26\nTil: Bob\nEmne: Din ordre'],
  [
    'no',
    'Fra: Ann Example <ann@shop.example>\nSendt: mandag 2. november 2026 18:26\nTil: Bob\nEmne: Bestillingen din',
  ],
  [
    'fi',
    'Lähettäjä: Ann Example <ann@shop.example>\nLähetetty: maanantai 2. marraskuuta 2026 18.26\nVastaanottaja: Bob\nAihe: Tilaus',
  ],
  [
    'pl',
    'Od: Ann Example <ann@shop.example>\nWysłano: poniedziałek, 2 listopada 2026 18:26\nDo: Bob\nTemat: Zamówienie',
  ],
  [
    'cs',
    'Od: Ann Example <ann@shop.example>\nOdesláno: pondělí 2. listopadu 2026 18:26\nKomu: Bob\nPředmět: Objednávka',
  ],
  [
    'hu',
    'Feladó: Ann Example <ann@shop.example>\nElküldve: 2026. november 2. 18:26\nCímzett: Bob\nTárgy: Rendelés',
  ],
  [
    'ro',
    'De la: Ann Example <ann@shop.example>\nTrimis: luni, 2 noiembrie 2026 18:26\nCătre: Bob\nSubiect: Comanda',
  ],
  ['ru', 'От: Ann Example <ann@shop.example>\nОтправлено: 2 ноября 2026 г. 18:26\nКому: Bob\nТема: Заказ'],
  [
    'uk',
    'Від: Ann Example <ann@shop.example>\nНадіслано: 2 листопада 2026 р. 18:26\nКому: Bob\nТема: Замовлення',
  ],
  [
    'tr',
    'Gönderen: Ann Example <ann@shop.example>\nGönderildi: 2 Kasım 2026 Pazartesi 18:26\nKime: Bob\nKonu: Sipariş',
  ],
  [
    'el',
    'Από: Ann Example <ann@shop.example>\nΣτάλθηκε: Δευτέρα, 2 Νοεμβρίου 2026 6:26 μμ\nΠρος: Bob\nΘέμα: Παραγγελία',
  ],
  ['ja', '差出人: Ann Example <ann@shop.example>\n送信日時: 2026年11月2日 18:26\n宛先: Bob\n件名: ご注文'],
  ['zh', '发件人: Ann Example <ann@shop.example>\n发送时间: 2026年11月2日 18:26\n收件人: Bob\n主题: 订单'],
  [
    'zh Taiwan',
    '寄件者： Ann Example <ann@shop.example>\n寄件日期： 2026年11月2日 18:26\n收件者： Bob\n主旨： 訂單',
  ],
  [
    'ko',
    '보낸 사람: Ann Example <ann@shop.example>\n보낸 날짜: 2026년 11월 2일 월요일 18:26\n받는 사람: Bob\n제목: 주문',
  ],
  ['ar', 'من: Ann Example <ann@shop.example>\nتم الإرسال: 2 نوفمبر 2026 18:26\nإلى: Bob\nالموضوع: الطلب'],
  ['he', 'מאת: Ann Example <ann@shop.example>\nנשלח: יום שני 2 נובמבר 2026 18:26\nאל: Bob\nנושא: הזמנה'],
];

const marks: readonly string[] = [
  '-----Original Message-----',
  '----- Original Message -----',
  '-----Ursprüngliche Nachricht-----',
  '-------- Message d’origine --------',
  '-----Mensaje original-----',
  '-----Messaggio originale-----',
  '-----Mensagem original-----',
  '-----Oorspronkelijk bericht-----',
  '-----Ursprungligt meddelande-----',
  '-----Oprindelig meddelelse-----',
  '-----Opprinnelig melding-----',
  '-----Alkuperäinen viesti-----',
  '-----Oryginalna wiadomość-----',
  '-----Původní zpráva-----',
  '-----Исходное сообщение-----',
  '-----Оригінальне повідомлення-----',
  '-----Özgün İleti-----',
  '-----元のメッセージ-----',
  '-----原始邮件-----',
  '------------------ 原始邮件 ------------------',
  '-----원본 메시지-----',
  '-----الرسالة الأصلية-----',
  '-----הודעה מקורית-----',
  '---------- Forwarded message ---------',
  '---------- Weitergeleitete Nachricht ----------',
  'Begin forwarded message:',
  '-- Please reply above this line --',
  '## - Bitte antworten Sie oberhalb dieser Zeile - ##',
  '-- Veuillez répondre au-dessus de cette ligne --',
];

const programSignatures: readonly string[] = [
  'Sent from my iPhone',
  'Sent from my Verizon, Samsung Galaxy smartphone',
  'Sent from Mail for Windows 10',
  'Sent from Yahoo Mail on Android',
  'Sent with Proton Mail secure email.',
  'Get Outlook for iOS<https://aka.ms/o0ukef>',
  'Von meinem iPhone gesendet',
  'Von meinem Mobilgerät gesendet',
  'Von meinem Smartphone gesendet',
  'From my iPhone 15',
  'Sent from my Wiko RIDGE FAB 4G',
  'Sent from Mailbox',
  '(Sent from mobile device)',
  '<<sent by galaxy>>',
  'Get [Outlook for Android](https://aka.ms/ghei36)',
  'Sent from my cell, please excuse any typos.',
  'Gesendet von meinem Handy, bitte entschuldigen Sie Tippfehler',
  'Envoyé depuis mon téléphone portable',
  'Enviado desde mi dispositivo móvil',
  'Enviado do meu telemóvel',
  'Inviato dal mio dispositivo mobile',
  'Verzonden vanaf mijn mobiele telefoon',
  'Skickat från min mobil',
  'Sendt fra min mobiltelefon',
  'Wysłane z urządzenia mobilnego',
  'Odesláno z mobilního telefonu',
  'Отправлено с мобильного устройства',
  'Telefonumdan gönderildi',
  'スマホから送信',
  '휴대폰에서 보냄',
  'נשלח מהנייד שלי',
  'Gesendet mit der GMX Mail App',
  'Diese Nachricht wurde von meinem Android-Mobiltelefon mit WEB.DE Mail gesendet.',
  'Envoyé de mon iPhone',
  'Envoyé à partir de Outlook pour Android',
  'Télécharger Outlook pour Android',
  'Enviado desde mi iPhone',
  'Enviado do meu iPhone',
  'Inviato da iPhone',
  'Inviato da Posta per Windows',
  'Verstuurd vanaf mijn iPhone',
  'Skickat från min iPhone',
  'Sendt fra min iPhone',
  'Lähetetty iPhonesta',
  'Wysłane z iPhone’a',
  'Odesláno z iPhonu',
  'Отправлено с iPhone',
  'Отправлено из мобильной Почты Mail.ru',
  'Надіслано з iPhone',
  "iPhone'umdan gönderildi",
  'Στάλθηκε από το iPhone μου',
  'iPhoneから送信',
  '发自我的iPhone',
  '從我的iPhone傳送',
  '나의 iPhone에서 보냄',
  'أُرسلت من الـ iPhone الخاص بي',
  'נשלח מה-iPhone שלי',
];

const answer = 'Thanks, that worked!\n\nOne more question: can I pay by invoice?\n\nBest,\nBob';
const quoted = '> Dear Bob,\n>\n> please try to restart it.\n>\n> Ann';
const unmarked = 'Dear Bob,\n\nplease try to restart it.\n\nAnn';

describe('what is newly written', () => {
  describe.each(attributions)('%s', (_, line) => {
    it('ends at the line above the quotation', () => {
      expect(squeezed(splitReply(`${answer}\n\n${line}\n\n${quoted}\n`).newText)).toBe(squeezed(answer));
    });
    it('ends there also without quotation marks', () => {
      expect(squeezed(splitReply(`${answer}\n\n${line}\n\n${unmarked}\n`).newText)).toBe(squeezed(answer));
    });
    it('ends there also without a blank line above', () => {
      expect(squeezed(splitReply(`${answer}\n${line}\n${quoted}`).newText)).toBe(squeezed(answer));
    });
    it('ends there also above a quotation that is marked with bars', () => {
      const barred = quoted.replaceAll('>', '|');
      expect(squeezed(splitReply(`${answer}\n\n${line}\n\n${barred}\n`).newText)).toBe(squeezed(answer));
      expect(squeezed(splitReply(`${line}\n${barred}\n\n${answer}\n`).newText)).toBe(squeezed(answer));
    });
    it('is found below the quotation too', () => {
      expect(squeezed(splitReply(`${line}\n${quoted}\n\n${answer}\n`).newText)).toBe(squeezed(answer));
    });
  });

  it.each(brokenAttributions)('ends at the line above the quotation, broken before ">" (%s)', (_, line) => {
    expect(squeezed(splitReply(`${answer}\n\n${line}\n\n${quoted}\n`).newText)).toBe(squeezed(answer));
    expect(squeezed(splitReply(`${answer}\n\n${line}\n\n${unmarked}\n`).newText)).toBe(squeezed(answer));
  });

  it.each(headerBlocks)('ends at a header block (%s)', (_, block) => {
    expect(squeezed(splitReply(`${answer}\n\n${block}\n\n${unmarked}\n`).newText)).toBe(squeezed(answer));
    expect(squeezed(splitReply(`${answer}\n${block}\n${quoted}\n`).newText)).toBe(squeezed(answer));
  });

  it.each(marks)('ends at %s', (mark) => {
    expect(squeezed(splitReply(`${answer}\n\n${mark}\n\n${unmarked}\n`).newText)).toBe(squeezed(answer));
  });

  it.each(programSignatures)('ends above %s', (signature) => {
    expect(squeezed(splitReply(`${answer}\n\n${signature}`).newText)).toBe(squeezed(answer));
    const [, line] = attributions[0] ?? ['', ''];
    expect(squeezed(splitReply(`${answer}\n\n${signature}\n\n${line}\n${quoted}`).newText)).toBe(
      squeezed(answer),
    );
  });

  it.each([
    ['-- \nBob Example\nExample Ltd.'],
    ['--\nBob Example\nTel. +1 555 0100'],
    ['____________________\nBob Example | CEO'],
    ['-Bob Example'],
    ['CONFIDENTIALITY NOTICE: This message is for the named person only.'],
    ['This e-mail and any files transmitted with it are confidential and intended solely for the addressee.'],
    [
      'Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind, löschen Sie sie.',
    ],
    ['Ce message et ses pièces jointes sont confidentiels et destinés exclusivement à leur destinataire.'],
    ['Este mensaje y sus archivos adjuntos son confidenciales y van dirigidos a su destinatario.'],
    ['Questo messaggio e i suoi allegati sono riservati e destinati al solo destinatario.'],
    ['Please consider the environment before printing this e-mail.'],
    ['Virus-free. www.avast.com'],
  ])('does not hold the closing %j', (closing) => {
    expect(squeezed(splitReply(`${answer}\n\n${closing}\n`).newText)).toBe(squeezed(answer));
  });

  it.each([
    [
      'a sentence that begins with On',
      'Hello,\n\nOn your web site it says 20 Euro. On 5 May I paid 25:\n\n25 Euro is too much.',
    ],
    ['a writer who quotes himself', 'On 12 March 2026 I wrote:\n\nPlease cancel.\n\nNobody answered.'],
    [
      'a German who quotes himself',
      'Am 12.03.2026 um 10:00 schrieb ich:\n\nBitte kündigen.\n\nKeine Antwort!',
    ],
    [
      'a sentence that begins with From:',
      'From: Berlin\nTo: Munich\nDate: 5 May\n\nPlease book this for two.',
    ],
    ['a single label', 'Subject: I have no idea what to write here.\nCan you call me?'],
    ['a sentence about a desk', 'Works now.\n\nSent from my desk, is much easier then my mobile phone.'],
    ['a sentence about a telephone', 'No.\n\nFrom my phone I cannot order.'],
    ['a sentence about a telephone in German', 'Nein.\n\nVon meinem Telefon kann ich nicht bestellen'],
    ['a sentence about a mail', 'Yes.\n\nSent by mail on Monday'],
    ['a sentence about a mail in German', 'Ja.\n\nGesendet mit Mail am Montag'],
    ['a sentence about an app', 'Yes.\n\nSent from my phone but it does not arrive'],
    ['a dash in a sentence', 'The red one -- not the blue one -- is broken.\n\nBob'],
    ['parts set off by a line', 'First, where is my order?\n\n---\n\nSecond, can I have a receipt?'],
    ['a list', 'I need:\n\n- two chairs\n- one table\n\n* and a lamp'],
    ['a greeting', 'Sounds good.\n\nBest regards,\nAnn'],
    ['a greeting in German', 'Danke!\n\nMit freundlichen Grüßen\nBob Beispiel'],
    [
      'a time with a colon',
      'We can meet on Monday at 10:30 or on Tuesday at 11:30:\nwhich one do you prefer?',
    ],
    ['an address with a colon', 'Please send it to this address: bob@customer.example\nThank you'],
    ['Japanese', 'お世話になっております。\n\n注文番号は12345です。\n\nよろしくお願いいたします。'],
    ['Arabic', 'مرحبا،\n\nأين طلبي رقم 12345؟\n\nشكرا'],
  ])('keeps the whole of %s', (_, text) => {
    expect(splitReply(text)).toEqual({ newText: text, rest: '' });
  });

  it('keeps answers between quoted lines, with what they answer', () => {
    const text =
      'Hi Ann,\n\nOn Mon, Nov 2, 2026 at 6:26 PM Ann <ann@shop.example> wrote:\n> Which size?\n\nLarge.\n\n> Which colour?\n\nRed.\n\n> Thanks, Ann\n';
    expect(splitReply(text).newText).toBe('Hi Ann,\n\n> Which size?\n\nLarge.\n\n> Which colour?\n\nRed.');
  });

  it('sees through direction marks and leaves them where they are', () => {
    const text = `שלום\n\n\u202bבתאריך יום ב׳, 2 בנוב׳ 2026 ב-18:26 מאת \u202aAnn\u202c <ann@shop.example\u202c>:\u202c\n\n${quoted}`;
    expect(splitReply(text).newText).toBe('שלום');
    expect(splitReply('\u202bשלום').newText).toBe('\u202bשלום');
  });

  it('takes the wrapped end of a quoted line for a quotation, not for an answer', () => {
    const text =
      'Fine.\n\nOn 2 Nov 2026, at 18:26, Ann wrote:\n> please try to restart the machine and tell us whether it works\nagain\n> afterwards.';
    expect(splitReply(text).newText).toBe('Fine.');
  });

  it.each([
    ['a mailto link of its own', '<\nmailto:Ann Example <ann@shop.example>\n> wrote:'],
    ['an address of its own', '<ann@shop.example\n> wrote:'],
  ])('sees an attribution that a blank line breaks before %s', (_, end) => {
    const text = `Fine.\n\nOn Mon, 2 Nov 2026 at 18:26 Ann Example\n\n${end}\n\n${unmarked}`;
    expect(splitReply(text).newText).toBe('Fine.');
  });

  it.each([
    ['a comparison', 'It works for a < b, see ann@shop.example,\nbut not for:\n> 5 kg\n> 7 kg\nWhy?'],
    ['a table', 'Ann Example wrote:\n\n| Article | Number |\n| Lamp | 2 |\n\nPlease deliver it.'],
    ['lines with a bar and no attribution', 'My sizes:\n\n| 40\n| 42\n\nPlease exchange them.'],
    ['the closing mark of an address', 'Write to Ann <ann@shop.example\n> and to Bob. Thank you!'],
  ])('keeps the words around %s', (_, text) => {
    expect(splitReply(text)).toEqual({ newText: text, rest: '' });
  });

  it('takes what is between the lines of a marketplace', () => {
    const text =
      'You have a message.\n\n------------- Begin message -------------\n\nIs it new?\n\n------------- End message -------------\n\nLegal text';
    expect(splitReply(text).newText).toBe('Is it new?');
  });

  it.each([
    ['with a block', `---------- Forwarded message ---------\n${headerBlocks[0]?.[1]}`],
    ['with a block below a blank line', `Begin forwarded message:\n\n${headerBlocks[0]?.[1]}`],
    ['in German', `-------- Weitergeleitete Nachricht --------\n${headerBlocks[6]?.[1]}`],
    ['with its mark alone', '-----Original Message-----'],
  ])('is all below the announcement when a mail only forwards another, %s', (_, announcement) => {
    expect(splitReply(`${announcement}\n\n${unmarked}`)).toEqual({ newText: unmarked, rest: announcement });
    expect(splitReply(announcement)).toEqual({ newText: announcement, rest: '' });
  });

  it('is all when all is quoted', () => {
    expect(splitReply(quoted)).toEqual({ newText: quoted, rest: '' });
    expect(splitReply('').newText).toBe('');
  });

  it('loses no line', () => {
    const [, line] = attributions[0] ?? ['', ''];
    const text = `${answer}\n\nSent from my iPhone\n\n${line}\n${quoted}`;
    const { newText, rest } = splitReply(text);
    const wordsOf = (one: string) => one.split(/\s+/).filter(Boolean).sort();
    expect(wordsOf(`${newText} ${rest}`)).toEqual(wordsOf(text));
  });
});
