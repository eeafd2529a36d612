import { isMailAddress, type MailAddress, senderIn } from '#shared/mail/parsing/addresses.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { phrases } from '#shared/text/phraseTable.ts';
import { headerBlockAt, isForwardLine, labelOf } from './quoteStart.ts';

/** Lines that are searched: whoever forwards a mail writes little above it. */
const mostLines = 2_000;
/** Bytes of an attached mail that are searched for its sender. */
const mostHeaderBytes = 64 * 1024;

/** What mail programs put before the subject of what they forward. */
export const forwardSubject = new RegExp(
  `^\\s*(?:${phrases(`
    en: fwd? | fw
    de: wg
    fr: tr
    es: rv
    it: i
    pt: enc
    nl: doorst
    sv: vb
    fi: vl
    da, no: vs
    pl: pd
    hu: továbbítás | tov
    ru, uk: пересл | переслано
    tr: ilt
    el: πρθ
    ja: 転送
    zh: 转发 | 轉寄 | 转寄
    ko: 전달
    he: הועבר
  `).join('|')})(?:\\[\\d{1,3}\\])?\\s?[:：]`,
  'iu',
);

/**
 * Who wrote what a mail forwards, the newest first; null when it forwards nothing. Empty when no author with an address can be read.
 * Mail programs put the header of the forwarded mail into the text (Outlook, Apple Mail, Thunderbird and their kind), or attach
 * the mail whole. An answer quotes such a header too, so only a subject or a line that says "forwarded" makes it a forward.
 */
export function forwardedAuthors(mail: ParsedMail): readonly MailAddress[] | null {
  const attached = mail.attachments.filter(({ mimeType }) => mimeType === 'message/rfc822');
  const lines = mail.text.split('\n', mostLines);
  const mark = lines.findIndex((line) => isForwardLine(withoutQuoteMark(line)));
  if (attached.length === 0 && mark < 0 && !forwardSubject.test(mail.subject.slice(0, 100))) {
    return null;
  }
  const inText = authorsOfBlocks(lines.slice(Math.max(0, mark)));
  return [...inText, ...attached.flatMap(({ content }) => senderOfMail(content) ?? [])];
}

function authorsOfBlocks(lines: readonly string[]): readonly MailAddress[] {
  const authors: MailAddress[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const length = headerBlockAt(lines, at);
    const from = lines.slice(at, at + length).findIndex((line) => labelOf(line)?.kind === 'from');
    if (from >= 0) {
      // A long line is wrapped between the name and the address.
      const value = labelOf(lines[at + from] ?? '')?.value ?? '';
      const author = personIn(value) ?? personIn(`${value} ${unlabelled(lines[at + from + 1])}`);
      authors.push(...(author === null ? [] : [author]));
    }
    at += Math.max(0, length - 1);
  }
  return authors;
}

function unlabelled(line = ''): string {
  return labelOf(line) === null ? withoutQuoteMark(line) : '';
}

function withoutQuoteMark(line: string): string {
  return line.replace(/^[\s>]{1,6}/, '');
}

/** `Ann <ann@x>`, `Ann [mailto:ann@x]`, `Ann <ann@x<mailto:ann@x>>`, `"ann@x" <ann@x>` or the address alone. */
function personIn(value: string): MailAddress | null {
  const found =
    /[<[(]\s?(?:mailto:)?([^\s<>()[\]:,;"'*]{1,64}@[^\s<>()[\]:,;"'*]{1,190})/i.exec(value) ??
    /(?:mailto:)?([^\s<>()[\]:,;"'*]{1,64}@[^\s<>()[\]:,;"'*]{1,190})/i.exec(value);
  const address = (found?.[1] ?? '').replace(/\.$/, '').toLowerCase();
  if (found === null || !isMailAddress(address)) {
    return null;
  }
  const name = value
    .slice(0, found.index)
    .replace(/["'*<>[\]()]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return { address, name: name === '' || name.includes('@') ? null : name };
}

/** From of an attached mail, by its header alone. */
function senderOfMail(content: Uint8Array): MailAddress | null {
  const bytes = content.subarray(0, mostHeaderBytes);
  const [header = ''] = new TextDecoder().decode(bytes).split(/\r?\n\r?\n/, 1);
  const unfolded = header.replace(/\r?\n[ \t]+/g, ' ');
  const from = /^from:(.{0,2000})$/im.exec(unfolded)?.[1];
  return from === undefined ? null : senderIn([from]);
}
