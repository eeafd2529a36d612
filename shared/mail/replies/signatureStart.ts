import {
  devices,
  disclaimerOpenings,
  disclaimerSubjects,
  noticeOpenings,
  sentFrom,
  sentFromAtEnd,
  writerHimself,
} from './signatureMarks.ts';

const openings = [...sentFrom].sort((one, other) => other.length - one.length);

/** A line that only draws: dashes, underscores, equal signs, stars. */
export function isRule(line: string): boolean {
  return /^\s{0,20}(?:[-–—_=*~#─]\s?){2,400}$/.test(line.slice(0, 500)) && line.length <= 500;
}

/** `-- ` as RFC 3676 (section 4.3) has it, and the dash that some programs put instead. Only these are sure. */
export function isSignatureDelimiter(line: string): boolean {
  return line.length <= 200 && /^\s{0,20}(?:--|—)\s*$/.test(line);
}

/** A line of dashes, underscores and the like, which people and list servers draw above a signature – or above a section. */
export function isDrawnLine(line: string): boolean {
  return line.length <= 200 && /^\s{0,20}(?:[-–—_=+~#*]{2,}|ᐧ)\s*$/.test(line);
}

/** "Sent from my iPhone" in the languages of the world; never a sentence that merely begins so. */
export function isProgramSignature(line: string): boolean {
  if (line.length > 250) {
    return false;
  }
  const written = withoutExcuse(
    line
      .replace(/[<([]?https?:\/\/[^\s>)\]]{1,200}[>)\]]?/gi, ' ')
      .replace(/[[\]]/g, '')
      .replace(/^[-–—_*|<(\s]+|[-–—_*|>)\s.]+$/g, ''),
  );
  const text = written.toLowerCase();
  if (text === '' || text.length > 110) {
    return false;
  }
  const opening = openings.find((words) => text.startsWith(words));
  if (opening !== undefined) {
    const words = written.slice(opening.length).trim().split(/\s+/).filter(Boolean);
    return words.length <= 7 && isDevice(text, opening, words);
  }
  return text.length <= 60 && sentFromAtEnd.some((words) => text.endsWith(words)) && devices.test(text);
}

function isDevice(text: string, opening: string, words: readonly string[]): boolean {
  const others = words.filter((word) => /^\p{Ll}/u.test(word) && !devices.test(word));
  if (opening === 'from my') {
    return others.length === 0 && !words.includes('I') && devices.test(text);
  }
  const isWayOfSending = /^(?:by|via|per|par|por|med|con|mit) (?:e-?)?mail/.test(
    `${opening.split(' ').at(-1)} ${words.join(' ').toLowerCase()}`,
  );
  if (isWayOfSending || others.filter((word) => !/^(?:ge|ver)\p{L}+t$/u.test(word)).length > 2) {
    return false;
  }
  return devices.test(text) || (opening === 'sent from' && isOwnDevice(words));
}

/** "my Example", or "my" with a name of several words: "my Example RIDGE 4G". */
function isOwnDevice(words: readonly string[]): boolean {
  const [own = '', ...device] = words;
  const isOwn = /^(?:my|meinem|mon|mi|meu|mijn|min|mit)$/i.test(own);
  const isName = device.every((word) => /^[\p{Lu}\d]/u.test(word));
  return isOwn && !words.some((word) => word.includes(',')) && (words.length <= 4 || isName);
}

/** "…, please excuse any typos" goes with what it excuses. */
function withoutExcuse(text: string): string {
  return text.replace(
    /[\s,.;:–-]{1,10}(?:please |pls |bitte |merci d['’]|veuillez )?(?:excuse[zr]?|forgive|pardon|entschuldigen|verzeihen)\s.{0,60}$/i,
    '',
  );
}

/** "-Ann Example" as the last line of a mail. */
export function isSignedName(line: string): boolean {
  return /^-\p{Lu}[\p{L}\p{M}.'’]{0,30}(?: \p{Lu}[\p{L}\p{M}.'’]{0,30}){0,2}$/u.test(line.trim());
}

/**
 * Whether a paragraph is a company's or a virus scanner's notice. Its opening alone does not tell: "This message is for the
 * recipient of the invoice" may be a customer's. A notice speaks of two of its three subjects – secrecy, the right reader,
 * what the wrong one has to do – and neither asks nor says "I".
 */
export function isDisclaimer(paragraph: string): boolean {
  const opening = paragraph.slice(0, 400).replace(/\s+/g, ' ');
  if (isPersonal(paragraph) || !isAboutOneThing(paragraph)) {
    return false;
  }
  return (
    noticeOpenings.some((pattern) => pattern.test(opening)) ||
    (disclaimerOpenings.some((pattern) => pattern.test(opening)) && subjectsOf(paragraph) >= 2)
  );
}

/** Whether every line that begins a sentence goes on about the same: a customer's next line may follow without a gap. */
function isAboutOneThing(paragraph: string): boolean {
  const [, ...following] = paragraph.split(/(?<=[.!。]['"”»]?\s{0,3})\n/);
  return following.every((part) => {
    const opening = part.slice(0, 400);
    return subjectsOf(part) > 0 || noticeOpenings.some((pattern) => pattern.test(opening));
  });
}

/** Whether a paragraph below a notice may be a part of it. */
export function mayGoOn(paragraph: string): boolean {
  return !isPersonal(paragraph) && subjectsOf(paragraph) >= 2;
}

function subjectsOf(paragraph: string): number {
  const text = paragraph.slice(0, 2_000);
  return disclaimerSubjects.filter((subject) => subject.test(text)).length;
}

function isPersonal(paragraph: string): boolean {
  const text = paragraph.slice(0, 2_000);
  return writerHimself.test(text) || /[?？؟](?:\s|$)/.test(text);
}
