import { describe, expect, it } from 'vitest';
import { replyPhrases } from '#infra/standins/openai/replyPhrases.ts';
import { answersInLanguage } from '#shared/drafts/replyLanguage.ts';

const replies = {
  en: 'Hello Nina, we are looking into your order and will come back to you soon.',
  de: 'Hallo Nina, wir prüfen Ihre Bestellung und melden uns bald wieder bei Ihnen.',
  fr: 'Bonjour Nina, nous vérifions votre commande et nous revenons vers vous très vite.',
  es: 'Hola Nina: estamos revisando su pedido y le responderemos lo antes posible.',
  it: 'Buongiorno Nina, stiamo verificando il suo ordine e la ricontatteremo al più presto con una risposta.',
  pt: 'Olá Nina, estamos a verificar a sua encomenda e voltaremos a contactá-la o mais depressa possível.',
  nl: 'Hallo Nina, we kijken naar uw bestelling en komen er zo snel mogelijk bij u op terug.',
  sv: 'Hej Nina, vi tittar på din beställning och återkommer till dig så snart som möjligt.',
  da: 'Hej Nina, vi ser på din bestilling og vender tilbage til dig hurtigst muligt med et svar.',
  no: 'Hei Nina, vi ser på bestillingen din og kommer tilbake til deg så snart som mulig.',
  fi: 'Hei Nina, tarkistamme tilauksesi tilanteen ja palaamme asiaan niin pian kuin mahdollista.',
  pl: 'Dzień dobry, sprawdzamy Pani zamówienie i odpowiemy, jak tylko będzie to możliwe.',
  cs: 'Dobrý den, prověřujeme vaši objednávku a ozveme se vám, jakmile to bude možné.',
  hu: 'Kedves Nina, ellenőrizzük a rendelését, és hamarosan jelentkezünk a válasszal, amint tudunk valamit.',
  ro: 'Bună ziua Nina, verificăm comanda dumneavoastră și vă vom răspunde cât mai curând posibil.',
  tr: 'Merhaba Nina, siparişinizi kontrol ediyoruz ve en kısa sürede size bir yanıt vereceğiz.',
  ru: 'Здравствуйте, Нина! Мы проверяем ваш заказ и ответим вам, как только это будет возможно.',
  uk: 'Вітаємо, Ніно! Ми перевіряємо ваше замовлення і відповімо вам, як тільки це буде можливо.',
  bg: 'Здравейте, Нина! Проверяваме вашата поръчка и ще ви отговорим, когато това е възможно.',
};

/** Languages whose most frequent words say nothing to us. */
const otherReplies = {
  af: 'Hallo Nina, ons kyk na jou bestelling en sal so gou as moontlik na jou terugkom met die antwoord.',
  am: 'ሰላም ኒና፣ ትዕዛዝዎን እያጣራን ነው፣ በቅርቡ መልስ እንሰጥዎታለን። ስለ ትዕግስትዎ እናመሰግናለን።',
  ca: 'Bon dia Nina, estem revisant la seva comanda i li respondrem tan aviat com ens sigui possible.',
  fil: 'Kumusta Nina, sinusuri namin ang iyong order at babalikan ka namin sa lalong madaling panahon.',
  ga: 'Dia duit a Nina, is féidir linn a rá go bhfuil an t-ordú i do chuid sonraí agus as an stór anois.',
  gu: 'નમસ્તે નીના, અમે તમારા ઓર્ડરની તપાસ કરી રહ્યા છીએ અને ટૂંક સમયમાં તમને જવાબ આપીશું.',
  kk: 'Сәлеметсіз бе, Нина! Біз сіздің тапсырысыңызды тексеріп жатырмыз, жақын арада жауап береміз.',
  km: 'សួស្តី នីណា យើងកំពុងពិនិត្យមើលការបញ្ជាទិញរបស់អ្នក ហើយនឹងឆ្លើយតបក្នុងពេលឆាប់ៗនេះ។',
  kn: 'ನಮಸ್ಕಾರ ನೀನಾ, ನಾವು ನಿಮ್ಮ ಆರ್ಡರ್ ಅನ್ನು ಪರಿಶೀಲಿಸುತ್ತಿದ್ದೇವೆ ಮತ್ತು ಶೀಘ್ರದಲ್ಲೇ ಉತ್ತರಿಸುತ್ತೇವೆ.',
  ky: 'Саламатсызбы, Нина! Биз сиздин буйрутмаңызды текшерип жатабыз, жакында жооп беребиз.',
  lo: 'ສະບາຍດີ ນີນາ ພວກເຮົາກຳລັງກວດສອບຄຳສັ່ງຊື້ຂອງທ່ານ ແລະ ຈະຕອບກັບໃນໄວໆນີ້.',
  ml: 'നമസ്കാരം നീന, ഞങ്ങൾ നിങ്ങളുടെ ഓർഡർ പരിശോധിക്കുകയാണ്, ഉടൻ മറുപടി നൽകും.',
  mn: 'Сайн байна уу, Нина! Бид таны захиалгыг шалгаж байна, удахгүй хариу өгөх болно.',
  my: 'မင်္ဂလာပါ နီနာ၊ သင့်အော်ဒါကို စစ်ဆေးနေပါသည်၊ မကြာမီ ပြန်လည်ဖြေကြားပါမည်။',
  pa: 'ਸਤ ਸ੍ਰੀ ਅਕਾਲ ਨੀਨਾ, ਅਸੀਂ ਤੁਹਾਡੇ ਆਰਡਰ ਦੀ ਜਾਂਚ ਕਰ ਰਹੇ ਹਾਂ ਅਤੇ ਜਲਦੀ ਜਵਾਬ ਦੇਵਾਂਗੇ।',
  ps: 'سلام نینا، موږ ستاسو فرمایش ګورو او ډېر ژر به تاسو ته ځواب درکړو.',
  si: 'ආයුබෝවන් නීනා, අපි ඔබගේ ඇණවුම පරීක්ෂා කරමින් සිටිමු, ඉක්මනින් පිළිතුරු දෙන්නෙමු.',
  sw: 'Habari Nina, tunaangalia agizo lako na tutakujibu haraka iwezekanavyo, asante kwa subira yako.',
  tg: 'Салом Нина, мо фармоиши шуморо тафтиш карда истодаем ва ба зудӣ ҷавоб медиҳем.',
  th: 'สวัสดีค่ะคุณนีนา เรากำลังตรวจสอบคำสั่งซื้อของคุณ และจะแจ้งให้ทราบโดยเร็วที่สุด',
};

/** Each of them understands the others' most frequent words. */
const neighbours = [
  ['sv', 'da', 'no'],
  ['ru', 'uk', 'bg'],
  ['cs', 'pl'],
  ['es', 'pt', 'it', 'fr', 'ro'],
];

const pairs = ['en', 'de', 'fr', 'es', 'it', 'nl', 'sv', 'ru'].flatMap((written) =>
  Object.keys(replies)
    .filter((wanted) => wanted !== written)
    .filter((wanted) => !neighbours.some((group) => group.includes(written) && group.includes(wanted)))
    .map((wanted) => [written, wanted] as const),
);

describe('a reply whose language the model names rightly', () => {
  it.each(Object.entries({ ...replies, ...otherReplies }))('%s', (language, text) => {
    expect(answersInLanguage(language, text, language)).toBe(true);
  });

  it.each(Object.keys(replyPhrases))('whatever the simulated model says in %s', (language) => {
    const said = JSON.stringify(Object.entries(replyPhrases).find(([each]) => each === language)?.[1]);
    for (const [text] of said.matchAll(/"(?:[^"\\]|\\.)*"/g)) {
      expect(answersInLanguage(language, text.slice(1, -1), language), text).toBe(true);
    }
  });

  it.each([
    ['de', 'Hallo Nina, bitte klicken Sie dort auf „Save the file to your computer and restart it“.'],
    ['de', 'Die Meldung lautet: "The file is in use by you or another user and can not be opened."'],
    ['de', 'Terms of Service, Data Processing Agreement, Cloud Sync Pro Plus, Enterprise Edition: alles da.'],
    ['ja', 'Sign in with Google から the Billing page を開き、プランの変更をお願いいたします。'],
    ['en', 'Ihre Bestellung ist da.'],
  ])('%s with words of another language, or too short to tell: %s', (language, text) => {
    expect(answersInLanguage(language, text, language)).toBe(true);
  });
});

describe('a reply in another language than the model says', () => {
  it.each(pairs)('%s for %s', (written, wanted) => {
    const text = Object.entries(replies).find(([each]) => each === written)?.[1] ?? '';
    expect(answersInLanguage(wanted, text, wanted)).toBe(false);
  });

  it.each(['ca', 'sw', 'mn', 'gu', 'fil'])('English for %s', (wanted) => {
    expect(answersInLanguage(wanted, replies.en, wanted)).toBe(false);
  });
});
