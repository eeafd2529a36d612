import { describe, expect, it } from 'vitest';
import { shapeReply } from '#shared/drafts/shapeReply.ts';
import { escapeText } from '#shared/text/escapedText.ts';

/** What good replies say, with all that looks like an address, a gap, a list or a remark and is none. */
const sentences: Readonly<Record<string, readonly string[]>> = {
  en: [
    'Please open a modern browser, e.g. this one: Firefox 128.0.3, or update Node.js to 22.11.',
    'The file invoice.pdf is attached to our mail of 1.5.2026, and the price is $1,299.00 incl. VAT.',
    'Our partner Inc.Ltd delivers Mon.-Fr. from 9.00 to 17.30, i.e. not at the weekend.',
    'You can also write to billing@shop.example or call us at +44 20 7946 0958 (ext. 12).',
    'The steps are the same in v2.10.1 and in ASP.NET; only config.yml and package.json differ.',
  ],
  de: [
    'Bitte senden Sie uns ein Foto, z.B. als Anhang im Format JPG, d.h. unter 5 MB.',
    'Wir sind Mo.-Fr. von 9.00 Uhr bis 17.30 Uhr und am Sa. ab 10.00 Uhr für Sie da.',
    'Die Rechnung rechnung_2026.pdf vom 1.5.2026 über 1.299,00 € liegt dieser Antwort bei.',
    'Das gilt u.a. für die Größen S/M, L/XL und XXL sowie ggf. für Nr.12 im Katalog.',
    'Schreiben Sie bitte an rechnung@shop.example; die Frist endet am 3.10. um ca. 12 Uhr.',
  ],
  fr: [
    'Vous trouverez la facture n°2026-15 dans le fichier facture.pdf, soit 1 299,00 € TTC.',
    'Nous sommes ouverts du lun.-ven. de 9h00 à 17h30, p.ex. le 1.5.2026 est un jour férié.',
    'Écrivez-nous à facturation@shop.example ou appelez le 01.23.45.67.89, nous vous répondrons.',
    'Mme.Durand a bien reçu le colis ; M.Martin s’occupe de la suite, c.-à-d. du remboursement.',
    'La version 4.2.1 est disponible : ouvrez « Paramètres », puis cliquez sur « Mises à jour ».',
  ],
  es: [
    'La factura factura.pdf del 1.5.2026 asciende a 1.299,00 € e incluye el IVA del 21 %.',
    'Nuestro horario es de lun.-vie. de 9.00 a 17.30 h, p.ej. mañana estamos disponibles.',
    '¿Puede escribirnos a facturas@shop.example? La Sra.García le responderá en 24 h.',
    'EE.UU. y Canadá tienen gastos de envío de 12,50 $; el plazo es de 3-5 días hábiles.',
    'Instale la versión 3.0.2 de Node.js y abra el archivo config.json con un editor de texto.',
  ],
  it: [
    'La fattura fattura.pdf del 1.5.2026 è di 1.299,00 € e comprende l’IVA al 22%.',
    'Siamo aperti lun.-ven. dalle 9.00 alle 17.30, ad es. anche domani mattina.',
    'Può scriverci a fatture@shop.example oppure chiamare il numero 02.1234.5678 per la pratica.',
    'Il Sig.Rossi e la Dott.ssa Bianchi della S.p.A. hanno già ricevuto il pacco.',
    'Aggiorni l’app alla versione 5.1.0 (iOS 17.2) e riavvii il telefono, per favore.',
  ],
  pt: [
    'A fatura fatura.pdf de 1.5.2026 tem o valor de 1.299,00 € com IVA incluído.',
    'Estamos abertos de seg.-sex. das 9.00 às 17.30 h, p.ex. amanhã de manhã.',
    'Pode escrever para faturas@shop.example ou ligar para o n.º 21.234.5678, por favor.',
    'O Sr.Silva e a Sra.Costa já receberam a encomenda, ou seja, não falta mais nada.',
    'Atualize o aplicativo para a versão 5.1.0 e reinicie o telefone, por favor.',
  ],
  nl: [
    'De factuur factuur.pdf van 1.5.2026 bedraagt € 1.299,00 incl. btw en zit in de bijlage.',
    'Wij zijn ma.-vr. van 9.00 tot 17.30 uur bereikbaar, d.w.z. niet in het weekend.',
    'Stuur ons een foto, bijv. als JPG, naar facturen@shop.example en wij kijken ernaar.',
    'Dhr.Jansen en mevr.De Vries van Jansen B.V. hebben het pakket al ontvangen.',
    'Werk Node.js bij naar 22.11 en open daarna het bestand config.json opnieuw.',
  ],
  pl: [
    'Faktura faktura.pdf z dnia 1.5.2026 opiewa na 1.299,00 zł i jest w załączniku.',
    'Jesteśmy dostępni pn.-pt. w godz. 9.00-17.30, tzn. nie pracujemy w weekend.',
    'Proszę napisać na adres faktury@shop.example lub zadzwonić pod nr 22.123.45.67.',
    'Paczkę odebrał p.Kowalski z firmy Sp.z o.o. przy ul.Długiej 5, m.in. dwie lampy.',
    'Proszę zaktualizować aplikację do wersji 5.1.0, np. przez ustawienia telefonu.',
  ],
  sv: [
    'Fakturan faktura.pdf från 1.5.2026 är på 1.299,00 kr inkl. moms och är bifogad.',
    'Vi har öppet mån.-fre. kl. 9.00-17.30, dvs. inte på helgen.',
    'Skriv till oss på faktura@shop.example, t.ex. med en bild på lampan, så hjälper vi dig.',
    'Paketet är hos ombudet AB.Nord på Storg.12 och kan hämtas fr.o.m. i morgon.',
    'Uppdatera appen till version 5.1.0 och starta sedan om telefonen.',
  ],
  tr: [
    'Fatura fatura.pdf 1.5.2026 tarihli olup tutarı KDV dâhil 1.299,00 TL’dir.',
    'Pzt.-Cum. günleri saat 9.00 ile 17.30 arasında size yardımcı oluyoruz.',
    'Bize fatura@shop.example adresinden yazabilir, örn. bir fotoğraf gönderebilirsiniz.',
    'Paketiniz Atatürk Cad.No:5 adresine, vb. belgelerle birlikte teslim edildi.',
    'Lütfen uygulamayı 5.1.0 sürümüne güncelleyin ve telefonu yeniden başlatın.',
  ],
  ru: [
    'Счёт счет.pdf от 1.5.2026 на сумму 1.299,00 руб. приложен к этому письму.',
    'Мы работаем пн.-пт. с 9.00 до 17.30, т.е. в выходные нас нет.',
    'Напишите нам на schet@shop.example и приложите фото, т.к. без него мы не сможем помочь.',
    'Посылка доставлена по адресу ул.Ленина, д.5, кв.12 и др. документы тоже.',
    'Обновите приложение до версии 5.1.0 и перезапустите телефон, пожалуйста.',
  ],
  ja: [
    '請求書invoice.pdfを添付いたしました。金額は税込1,299円です。',
    '営業時間は月〜金の9:00〜17:30です。土日はお休みをいただいております。',
    'ご不明な点は billing@shop.example までお問い合わせください。',
    'Node.jsをバージョン22.11に更新してから、もう一度お試しください。',
    '商品は2026.5.1に発送済みです（追跡番号：1234-5678-9012）。',
  ],
  zh: [
    '发票invoice.pdf已随信附上，金额为1,299.00元（含税）。',
    '我们的工作时间是周一至周五9:00-17:30，节假日除外。',
    '如有疑问，请发邮件至 billing@shop.example，我们会尽快回复。',
    '请将Node.js更新到22.11版本，然后重新打开config.json文件。',
    '您的包裹已于2026.5.1发出，运单号为SF1234567890，请注意查收。',
  ],
};

const allSentences = Object.entries(sentences).flatMap(([language, texts]) =>
  texts.map((text) => [language, text] as const),
);

describe('a good reply', () => {
  it.each(allSentences)('(%s) is used as it is: %s', (language, text) => {
    const answer = { language, blocks: [{ kind: 'paragraph' as const, text }] };
    expect(shapeReply(answer, { expectedLanguage: language, allowedHosts: new Set() })).toEqual({
      outcome: 'usable',
      html: `<div>${escapeText(text)}</div>`,
    });
  });

  it.each(allSentences)('(%s) is used with a link: %s', (language, text) => {
    const address = 'https://shop.example/orders/2026?id=XX';
    const answer = { language, blocks: [{ kind: 'paragraph' as const, text: `${text}\n${address}` }] };
    expect(
      shapeReply(answer, { expectedLanguage: language, allowedHosts: new Set(['shop.example']) }),
    ).toEqual({
      outcome: 'usable',
      html: `<div>${escapeText(text)}</div><div><a href="${address}">${address}</a></div>`,
    });
  });
});

describe('words of a link', () => {
  it.each([
    'z.B. hier',
    'Mo.-Fr.',
    'e.g. this page',
    'Node.js',
    'invoice.pdf',
    'vom 1.5.2026',
    '9.00 Uhr',
    'billing@shop.example',
    'shop.example/orders',
    'https://www.shop.example',
    'config.json',
    '$1,299.00',
    'v2.10.1',
    'S.p.A.',
    'т.е. здесь',
    '請求書invoice.pdf',
    '5.1.0を入手。ここから',
  ])('are kept with it: %s', (words) => {
    const answer = {
      language: 'und',
      blocks: [{ kind: 'paragraph' as const, text: `[${words}](https://shop.example/x)` }],
    };
    expect(shapeReply(answer, { expectedLanguage: '', allowedHosts: new Set(['shop.example']) })).toEqual({
      outcome: 'usable',
      html: `<div><a href="https://shop.example/x">${escapeText(words)}</a></div>`,
    });
  });
});
