import { decodeWords } from 'postal-mime';
import { decodedText } from './charsets.ts';
import { withRewrittenHeaders } from './partHeaders.ts';
import { fromBase64, fromQuotedPrintable } from './transferEncodings.ts';

/**
 * Headers as they are sent: encoded words (RFC 2047) that hold parts of one character, raw bytes, or the name of another charset, and
 * raw bytes beside them. The MIME parser reads each word alone and takes raw bytes for UTF-8.
 */

const field = /^[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*/gm;
const word = /=\?([^?\s]{1,75})\?([QqBb])\?([^?]*)\?=/g;
const adjacentWords = /=\?[^?\s]{1,75}\?[QqBb]\?[^?]*\?=(?:[ \t\r\n]*=\?[^?\s]{1,75}\?[QqBb]\?[^?]*\?=)*/g;

interface EncodedWord {
  readonly charset: string;
  readonly bytes: Buffer;
}

/**
 * The same mail with headers that the parser reads right, those of its parts too. What it reads right already is kept as sent.
 *
 * @param legacy charset of raw bytes that are not UTF-8
 */
export function withReadableHeaders(raw: Uint8Array, legacy: string): Uint8Array {
  return withRewrittenHeaders(raw, (block) =>
    needsWork(block)
      ? block.replace(field, (one) => (needsWork(one) ? readableField(one, legacy) : one))
      : block,
  );
}

function needsWork(header: string): boolean {
  return header.includes('=?') || hasRawBytes(header);
}

/** Of any charset: an escape begins Japanese in seven bits. */
function hasRawBytes(header: string): boolean {
  return /[\x80-\xff]/.test(header) || header.includes('\u001b');
}

function readableField(sent: string, legacy: string): string {
  const words = sent.includes('=?') ? sent.replace(adjacentWords, (run) => readableWords(run, legacy)) : sent;
  if (!hasRawBytes(words)) {
    return words;
  }
  const bytes = Buffer.from(words, 'latin1');
  const text = decodedText(bytes, { declared: null, legacy, isHtml: false })?.text ?? words;
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Adjacent words are joined as bytes where their charset is the same: a character may begin in one and end in the next. */
function readableWords(run: string, legacy: string): string {
  const joined: EncodedWord[][] = [];
  for (const [, label = '', encoding = '', content = ''] of run.matchAll(word)) {
    const charset = label.replace(/\*.*$/, '').toLowerCase();
    const bytes = /q/i.test(encoding) ? fromQ(content) : fromBase64(content);
    const last = joined.at(-1);
    if (last?.[0]?.charset === charset) {
      last.push({ charset, bytes });
    } else {
      joined.push([{ charset, bytes }]);
    }
  }
  const texts = joined.map((words) => textOfWords(words, legacy));
  if (texts.includes(null)) {
    return run;
  }
  const text = texts.join('');
  const asRead = decodeWords(
    Buffer.from(run, 'latin1')
      .toString('utf8')
      .replace(/[\r\n]+/g, ''),
  );
  return text === asRead ? run : `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
}

/** Bytes that make no sense together are read word by word: their sender encoded each word alone, and a word is damaged. */
function textOfWords(words: readonly EncodedWord[], legacy: string): string | null {
  const declared = words[0]?.charset ?? '';
  const read = (bytes: Uint8Array) => decodedText(bytes, { declared, legacy, isHtml: false })?.text ?? null;
  const together = read(Buffer.concat(words.map(({ bytes }) => bytes)));
  if (together === null || !together.includes('\ufffd')) {
    return together;
  }
  const apart = words.map(({ bytes }) => read(bytes) ?? '').join('');
  return lostIn(apart) < lostIn(together) ? apart : together;
}

function lostIn(text: string): number {
  return text.split('\ufffd').length;
}

/** Line ends and blanks do not belong into a word; folded lines bring them there. */
function fromQ(content: string): Buffer {
  return fromQuotedPrintable(content.replace(/=\s+(?=[0-9a-f])/gi, '=').replace(/[_\s]/g, ' '));
}
