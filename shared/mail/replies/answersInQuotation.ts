/*
 * How people say above a quotation that they wrote their answers into it. Only then is the quotation theirs, too: colours
 * and capitals do not tell in plain text which of its words are new.
 */

/** By language: what was written into the quotation, and where in it or how it looks. Beginnings of words. */
const wordings: readonly (readonly [language: string, answers: string, places: string])[] = [
  [
    'en',
    'answer|repl(?:y|ies)|respon[sd]|comment|remark|correction|notes?(?!\\p{L})|see|text',
    '(?:in-?line|in line|interspersed|between the lines|in(?: the)? (?:red|blue|green|yellow|bold|italics?|capitals?|caps|upper ?case|colou?r))(?!\\p{L})|(?:underneath|in between|highlighted)(?!\\p{L})',
  ],
  ['en', 'answer(?:s|ed)|replies|replied|responses|comments|remarks|corrections', 'below(?!\\p{L})'],
  [
    'de',
    'antwort|kommentar|anmerkung|bemerkung|ergänzung|korrektur|geantwortet|beantwortet|siehe|meine texte',
    'unten(?! links| rechts)|im (?:text|original)|in ihrer mail|zwischen den zeilen|in (?:rot|blau|grün|großbuchstaben|grossbuchstaben|fett|farbe)|rot(?!\\p{L})|farbig|darunter',
  ],
  [
    'fr',
    'répon[sd]|commentaire|remarque|annotation|correction|voir',
    'dans le texte|dans votre (?:mail|message|texte)|en (?:rouge|bleu|vert|majuscules?|gras|couleur)|entre les lignes',
  ],
  ['fr', 'mes réponses|mes commentaires|mes remarques|répondu', 'ci-dessous|ci-après'],
  [
    'es',
    'respuestas|respond|contest|comentarios|observaciones|correcci|ver|vea',
    'en el texto|en su correo|en (?:rojo|azul|verde|mayúsculas?|negrita|color)|entre líneas',
  ],
  ['es', 'mis respuestas|mis comentarios|he respondido|respondo', 'abajo|a continuación|más abajo'],
  [
    'it',
    'rispost|rispond|comment|osservazion|annotazion|correzion|vedi',
    'nel testo|in (?:rosso|blu|verde|maiuscol[oe]|grassetto)|a colori|tra le righe',
  ],
  ['it', 'le mie risposte|i miei commenti|ho risposto|rispondo', 'sotto|di seguito'],
  [
    'pt',
    'respostas|respond|comentários|observações|correções|ver|veja',
    'no texto|(?:em|a) (?:vermelho|azul|verde|maiúsculas?|negrito|cores)|entre as linhas',
  ],
  ['pt', 'minhas respostas|meus comentários|respondi|respondo', 'abaixo|a seguir'],
  [
    'nl',
    'antwoord|reacties?|opmerking|commentaar|beantwoord|zie',
    'in de tekst|in (?:het )?(?:rood|blauw|groen|hoofdletters|vet|kleur)|vetgedrukt|tussen de regels',
  ],
  ['nl', 'mijn antwoord|mijn reacties|mijn opmerkingen|beantwoord', 'hieronder|onderstaand'],
  [
    'sv',
    'svar|kommentar|besvarat|se',
    'i texten|i (?:rött|blått|grönt|fetstil|färg)|med (?:rött|versaler)|mellan raderna',
  ],
  ['sv', 'mina svar|mina kommentarer|har svarat|svarar', 'nedan|här under'],
  [
    'da, no',
    'svar|kommentar|besvaret|se',
    'i teksten|(?:i|med) (?:rødt|blåt|blått|grønt|fed|fet|farver?)|med store bogstaver|med store bokstaver|mellem linjerne|mellom linjene',
  ],
  ['da, no', 'mine svar|mine kommentarer|har svaret|har svart|svarer', 'nedenfor|herunder|under'],
  [
    'fi',
    'vastau|vastas|komment',
    'alla(?!\\p{L})|alempana|tekstin seassa|punaisella|sinisellä|vihreällä|isoilla kirjaimilla|lihavoitu',
  ],
  [
    'pl',
    'odpowied|odpisał|komentarz|uwagi',
    'poniżej|w tekście|na (?:czerwono|niebiesko|zielono)|wielkimi literami|drukowanymi|pogrubion',
  ],
  [
    'cs, sk',
    'odpověd|odpoved|komentář|poznámk',
    'níže|nižšie|v textu|v texte|červen|modř|modr|zelen|velkými písmeny|veľkými písmenami|tučn',
  ],
  [
    'ru, uk',
    'ответ|комментари|замечани|відповід|відповів|коментар',
    'ниже|в тексте|красным|синим|зел[её]ным|заглавными|прописными|жирным|нижче|в тексті|червоним|великими літерами',
  ],
  ['tr', 'cevap|yanıt|yorum', 'aşağıda|metin içinde|kırmızı|mavi|yeşil|büyük harf|kalın'],
  ['ja', '回答|返信|返答|コメント', '以下|下記|文中|本文中|赤字|赤色|青字|太字'],
  ['zh', '回复|回覆|答复|答覆|回答|批注', '下面|下方|如下|[红紅]字|[红紅]色|[蓝藍]色|大[写寫]|行间'],
  ['ko', '답변|답장|회신|코멘트', '아래|본문|빨간|붉은|파란|대문자|굵은'],
  ['ar', 'إجابات|ردود|أجبت|جوابي', 'أدناه|بالأحمر|بالأزرق|داخل النص'],
  ['he', 'תשובות|תשובתי|הערות|עניתי', 'למטה|באדום|בכחול|בגוף|מודגש'],
];

const spaced = '(?<![\\p{Script=Latin}\\p{Script=Cyrillic}])';
const patterns = wordings.map(
  ([, answers, places]) =>
    [new RegExp(`${spaced}(?:${answers})`, 'iu'), new RegExp(`${spaced}(?:${places})`, 'iu')] as const,
);

/** A longer line is a paragraph about something else. */
const maxLine = 300;

/** Whether a line says that answers stand in the quotation below it. */
export function saysThatAnswersStandBelow(line: string): boolean {
  return (
    line.length <= maxLine && patterns.some(([answers, places]) => answers.test(line) && places.test(line))
  );
}
