import {
  devices,
  disclaimerOpenings,
  disclaimerSubjects,
  noticeOpenings,
  sentFrom,
  sentFromAtEnd,
  writerHimself,
} from './signatureMarks.ts';

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
  const text = line
    .replace(/[<([]?https?:\/\/[^\s>)\]]{1,200}[>)\]]?/gi, ' ')
    .replace(/^[-–—_*|\s]+|[-–—_*|\s.]+$/g, '')
    .toLowerCase();
  if (text === '' || text.length > 110) {
    return false;
  }
  const opening = sentFrom.find((words) => text.startsWith(words));
  if (opening !== undefined) {
    const words = text.slice(opening.length).trim().split(/\s+/).filter(Boolean);
    const ownDevice =
      /^(?:my|meinem|mon|mi|meu|mijn|min|mit)$/.test(words[0] ?? '') &&
      words.length <= 4 &&
      !text.includes(',');
    return words.length <= 7 && (devices.test(text) || (opening === 'sent from' && ownDevice));
  }
  return text.length <= 60 && sentFromAtEnd.some((words) => text.endsWith(words)) && devices.test(text);
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
  if (isPersonal(paragraph)) {
    return false;
  }
  return (
    noticeOpenings.some((pattern) => pattern.test(opening)) ||
    (disclaimerOpenings.some((pattern) => pattern.test(opening)) && subjectsOf(paragraph) >= 2)
  );
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
