export const languages = ['en', 'de', 'fr', 'es', 'it', 'nl', 'pt'] as const;
export type Language = (typeof languages)[number];

/** Frequent short words; those that several languages share are left out or weigh on each of them. */
const words: Readonly<Record<Language, string>> = {
  en: 'the and you your is are have has please with for this that not what when would could thanks hello dear my our been we can',
  de: 'der die das und ist nicht ich sie wir mit für auf bitte haben habe wurde eine einen guten tag hallo danke vielen dank mein unsere können leider noch sehr',
  fr: 'le les des est une pas vous nous je pour avec bonjour merci votre notre sur dans mais ce cette avez suis être très commande',
  es: 'el los las una por para con que hola gracias pero muy está usted ustedes mi su sus tengo pedido buenos días quiero no se del',
  it: 'il gli una per con che sono non grazie buongiorno ciao vostro vorrei ho della dei mio ordine molto anche questo alla',
  nl: 'het een van ik niet met voor zijn jullie bedankt hallo graag mijn deze maar heb kan bestelling wij zeer goede dag nog',
  pt: 'o os uma por para com que não obrigado obrigada olá bom dia meu minha seu muito está pedido vocês quero mas dos das',
};

const vocabulary = languages.map((language) => [language, new Set(words[language].split(' '))] as const);

/** The language of a text by its frequent words; English when nothing tells. */
export function detectLanguage(text: string): Language {
  const tokens = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  let best: Language = 'en';
  let most = 0;
  for (const [language, known] of vocabulary) {
    const count = tokens.filter((token) => known.has(token)).length + specialLetters(language, text);
    if (count > most) {
      most = count;
      best = language;
    }
  }
  return best;
}

function specialLetters(language: Language, text: string): number {
  const patterns: Partial<Record<Language, RegExp>> = {
    de: /[äöüß]/gi,
    es: /[ñ¿¡]/gi,
    pt: /[ãõ]|ção/gi,
    fr: /[èêçù]/gi,
    it: /\b\p{L}+(zione|tà)\b/giu,
    nl: /\b\p{L}*ij\p{L}*\b/giu,
  };
  const pattern = patterns[language];
  return pattern === undefined ? 0 : (text.match(pattern)?.length ?? 0) * 0.6;
}
