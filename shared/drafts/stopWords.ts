/**
 * The most frequent words of some languages. Nearly every sentence contains some, and they are no names. A word that several
 * languages have stands in the list of each.
 */
const wordLists: Readonly<Record<string, string>> = {
  en: 'the and of you your yours we our us for this that these those it its with is are be been have has had not was were will would can could should from if but my any which what when they there their about a i to in on as by at or please',
  de: 'der die das und ist sie ihr ihre ihren ihnen wir uns unser den dem ein eine einen einem zu zur zum in im für auf mit von nicht haben hat es ich an am auch wenn oder aber als werden wird bitte so bei dass sich',
  fr: 'le la les un une de du des et est vous votre vos nous notre nos je que qui à au aux en dans pour pas ne avec sur ce cette par ou mais si plus être avons avez a il elle se son sa',
  es: 'el la los las un una de del y es usted su sus le nos nuestro nuestra que en a al para por no con se lo si o pero está están ha hemos más como este esta mi tu te yo',
  it: 'il lo la i gli le un una di del della dei delle e è che per non con si in nel alla al da ci suo sua nostro nostra vi noi ho ha abbiamo o ma se come questo questa più sono mi',
  pt: 'o a os as um uma de do da dos das e é você seu sua nos nosso nossa que em no na para por não com se ao à ou mas está estão foi mais como este esta isso eu lhe',
  nl: 'de het een en van u uw je jouw wij we ons onze is zijn dat die in op te voor met niet aan er om ook als of maar bij door naar hebben heeft heb kunt wordt worden ik dit deze',
  sv: 'och att det är en ett som på för av med till den vi du din ditt dina vår vårt er inte om har kan i de så jag men eller från ska du vill denna detta här',
  da: 'og at det er en et som på for af med til den vi du din dit dine vores jer ikke om har kan i de så jeg men eller fra skal vil denne dette her blev',
  no: 'og at det er en et som på for av med til den vi du din ditt dine vår vårt dere ikke om har kan i de så jeg men eller fra skal vil denne dette her ble',
  fi: 'ja on ei että se me te olemme olet ovat oli kun jos tai mutta myös voit voimme teidän meidän tämä tämän sen mitä niin kuin ole sinun',
  hu: 'a az és hogy nem is van egy ez ön önnek meg ha vagy de mi kérjük már csak még lesz volt ezt azt önt mint',
  pl: 'i w z na do nie się jest to że o za od po dla jak lub ale czy są państwa pana pani nasz nasze my ten ta tego przez może już oraz aby prosimy',
  cs: 'a v z na do se je to že o za od po pro jak nebo ale jsou vás vám váš vaše náš naše ten ta by při již aby prosím jsme si s k',
  ro: 'și în de la cu nu este pe o un să că vă dumneavoastră pentru din sau dar ne noi mai care al ale am ați sunt dacă prin acest această',
  tr: 've bir bu için ile da de ne siz sizin size biz bizim çok olarak olan var değil mi gibi daha ama veya lütfen eğer en sonra',
  ru: 'и в во не на с что мы вы вас вам ваш ваше наш для по к от за из это как но или если будет был есть же то бы его при',
  uk: 'і й в у не на з що ми ви вас вам ваш ваше наш для по до від за із це як але або якщо буде був є ж то би його при та',
  bg: 'и в във не на с със че ние вие вас ви ваш вашата наш за по към от из това как но или ако ще беше е са то би му при да се',
};

const stopWords = new Map(
  Object.entries(wordLists).map(([language, words]) => [language, new Set(words.split(' '))] as const),
);

/** Without words as short as "a", "to", "is", which languages that are not listed have as well. */
const englishStopWords = new Set([...(stopWords.get('en') ?? [])].filter((word) => word.length > 2));

/** A text with fewer letters tells too little. */
const minLetters = 40;
/** A text is in another language when it has at least this many stop words of it. */
const minHits = 4;
/** And when at least this share of its words are stop words of it. In a text's own language the share is about two in five. */
const minShare = 0.25;
/** And when it has this many times as many of them as of the wanted language, which shares some with its neighbours. */
const confidence = 3;

/** Quotations, which may be in any language: error messages, names of buttons. */
const quotedPattern =
  /"[^"\n]{1,300}"|“[^”\n]{1,300}”|„[^“”\n]{1,300}[“”]|«[^»\n]{1,300}»|»[^«\n]{1,300}«|‘[^’\n]{1,300}’|`[^`\n]{1,300}`/gu;

/**
 * Whether a text certainly is in another language than the wanted one, by its stop words. False in doubt: for a short text, or between
 * neighbours such as Danish and Norwegian. A wanted language that is not listed is compared with English alone, to which models fall
 * back.
 *
 * @param wanted - primary subtag of the language, for example `de`.
 */
export function differsFromLanguage(text: string, wanted: string): boolean {
  const written = text.replace(quotedPattern, ' ').toLowerCase();
  // A script without capitals may be without spaces as well. Each of its letters counts as a word, or English terms would outweigh it.
  const words = written.match(/\p{Lo}|[\p{Lu}\p{Ll}\p{Lt}\p{Lm}\p{M}]+/gu) ?? [];
  if (words.join('').length < minLetters) {
    return false;
  }
  const hits = (known: ReadonlySet<string>) => words.filter((word) => known.has(word)).length;
  const own = stopWords.get(wanted);
  const others =
    own === undefined ? [englishStopWords] : [...stopWords.values()].filter((known) => known !== own);
  const most = Math.max(...others.map(hits));
  return (
    most >= minHits &&
    most >= words.length * minShare &&
    most >= confidence * (own === undefined ? 0 : hits(own))
  );
}
