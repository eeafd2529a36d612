import { devices, disclaimerOpenings, sentFrom, sentFromAtEnd } from './signatureMarks.ts';

/** A line that only draws: dashes, underscores, equal signs, stars. */
export function isRule(line: string): boolean {
  return /^\s{0,20}(?:[-–—_=*~#─]\s?){2,400}$/.test(line.slice(0, 500)) && line.length <= 500;
}

/** `-- ` as RFC 3676 has it, and the dashes and underscores people and list servers use instead. */
export function isSignatureDelimiter(line: string): boolean {
  return line.length <= 200 && /^\s{0,20}(?:[-–—_=+~#*]{2,}|—|ᐧ)\s*$/.test(line);
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

/** Whether a paragraph is a company's or a virus scanner's notice. */
export function isDisclaimer(paragraph: string): boolean {
  const opening = paragraph.slice(0, 400).replace(/\s+/g, ' ');
  return disclaimerOpenings.some((pattern) => pattern.test(opening));
}
