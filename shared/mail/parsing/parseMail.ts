import PostalMime, { type Attachment, type Email } from 'postal-mime';
import { splitReply } from '#shared/mail/replies/newlyWritten.ts';
import { hiddenRuns, imageNamesOf, visibleText } from '#shared/mail/visible/safeHtml.ts';
import { firstCharacters } from '#shared/text/firstCharacters.ts';
import { oneLine, withoutInvisibleCharacters } from '#shared/text/invisibleCharacters.ts';
import { addressesIn, senderIn } from './addresses.ts';
import { safeFileName } from './attachmentNames.ts';
import type { Layers } from './contentElsewhere.ts';
import { contentElsewhere } from './contentKinds.ts';
import { unreadableNotice } from './contentLines.ts';
import { withoutDataImages } from './dataImages.ts';
import { withReadableHeaders } from './encodedWords.ts';
import { unflowed, withoutFlowedFormat } from './flowedText.ts';
import { boundedHtml, boundedLines, boundedText, textOfCutMail } from './longMails.ts';
import type { MailAttachment, ParsedMail } from './parsedMail.ts';
import { withIndentedBoundaries } from './partHeaders.ts';
import { legacyCharset, mainTextPart, withReadableTexts } from './textParts.ts';

/** Message-IDs kept of one header; a thread that needs more is not a thread. */
const maxIds = 100;
const maxSubject = 2_000;
const headersTriedAlone = 256 * 1024;
const maxRawBody = 256 * 1024;

/** A mail inside the mail stays a file: its text is not what the sender wrote now. */
const options = { forceRfc822Attachments: true };

/**
 * Reads a raw mail. Never throws: what cannot be parsed comes back with `parsed: false`, with as many of its headers as
 * could be read and the raw bytes as an attachment. What is too long is cut and its text says so. Bytes are kept as bytes until each part's own charset is known.
 *
 * @param raw the whole mail as received, in bytes
 */
export function parseMail(raw: Uint8Array): Promise<ParsedMail> {
  return parseLayer(raw, null);
}

/** @param layers null for a mail as it was received; else the mail came out of another one */
async function parseLayer(raw: Uint8Array, layers: Layers | null): Promise<ParsedMail> {
  try {
    const { mail: readable, isCut } = boundedLines(withLineFeeds(raw));
    const mail = toParsedMail(readable, await readMail(readable));
    if (isCut) {
      return { ...mail, html: null, text: textOfCutMail(mail.text), attachments: [originalOf(raw)] };
    }
    if (isEmptyDespiteBody(raw, mail)) {
      return { ...mail, text: rawBody(raw), attachments: [originalOf(raw)] };
    }
    const elsewhere = contentElsewhere(mail);
    if (elsewhere === null) {
      return mail;
    }
    // Loaded only for the few mails that need it.
    const { withContentFromElsewhere } = await import('./contentElsewhere.ts');
    return await withContentFromElsewhere(mail, elsewhere, layers, parseLayer);
  } catch {
    return unreadable(raw);
  }
}

async function readMail(raw: Uint8Array): Promise<Email> {
  const legacy = legacyCharset(raw);
  const structured = withoutFlowedFormat(withIndentedBoundaries(withReadableHeaders(raw, legacy)));
  const readable = withReadableTexts(structured, legacy);
  const read = await PostalMime.parse(readable, options);
  const wrapsOneMail = isBlank(read.text) && isBlank(read.html) && read.attachments.some(isMail);
  if (!wrapsOneMail) {
    return read;
  }
  const { text, html } = await PostalMime.parse(readable);
  return { ...read, text, html };
}

/** Old Macintosh systems end lines with a carriage return alone, which the parser takes for one long line. */
function withLineFeeds(raw: Uint8Array): Uint8Array {
  if (raw.includes(0x0a) || !raw.includes(0x0d)) {
    return raw;
  }
  return raw.map((byte) => (byte === 0x0d ? 0x0a : byte));
}

function isBlank(text: string | undefined): boolean {
  return text === undefined || text.replaceAll('\0', '').trim() === '';
}

function isMail(attachment: Attachment): boolean {
  return attachment.mimeType === 'message/rfc822';
}

function originalOf(raw: Uint8Array): MailAttachment {
  return {
    fileName: 'message.eml',
    mimeType: 'message/rfc822',
    content: raw,
    inline: false,
    contentId: null,
  };
}

async function unreadable(raw: Uint8Array): Promise<ParsedMail> {
  const nothing: Email = { headers: [], headerLines: [], attachments: [] };
  const email = await PostalMime.parse(headerBlock(raw), options).catch(() => nothing);
  return {
    ...toParsedMail(raw, email),
    parsed: false,
    html: null,
    text: unreadableNotice,
    attachments: [originalOf(raw)],
  };
}

/** A broken structure can swallow the whole body; then its raw text is better than nothing. */
function isEmptyDespiteBody(raw: Uint8Array, mail: ParsedMail): boolean {
  return mail.text === '' && mail.html === null && mail.attachments.length === 0 && rawBody(raw) !== '';
}

function rawBody(raw: Uint8Array): string {
  const body = Buffer.from(raw.subarray(headerBlock(raw).byteLength)).subarray(0, maxRawBody);
  return withoutInvisibleCharacters(body.toString('utf8')).trim();
}

function headerBlock(raw: Uint8Array): Uint8Array {
  const start = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, headersTriedAlone));
  const end = ['\r\n\r\n', '\n\n'].map((gap) => start.indexOf(gap, 0, 'latin1')).filter((at) => at >= 0);
  const lastLine = start.lastIndexOf('\n');
  const block = start.subarray(0, end.length > 0 ? Math.min(...end) : lastLine + 1);
  return withReadableHeaders(block, legacyCharset(block));
}

function toParsedMail(raw: Uint8Array, email: Email): ParsedMail {
  const headers = new Map<string, string[]>();
  for (const { key, value } of email.headers) {
    const values = headers.get(key);
    if (values === undefined) {
      headers.set(key, [value]);
    } else {
      values.push(value);
    }
  }
  const sent = withoutDataImages((email.html ?? '').replaceAll('\0', ''));
  const html = isBlank(sent.html) ? null : boundedHtml(sent.html);
  const parts = email.attachments.map((attachment, at) => toAttachment(attachment, at, html));
  const attachments = [...parts, ...sent.images];
  const { charset, flowed, delSp } = mainTextPart(raw);
  const written = boundedText(email.text ?? '');
  const plain = flowed ? unflowed(written, delSp) : written;
  return {
    parsed: true,
    messageId: idsIn(headers.get('message-id')).at(0) ?? null,
    inReplyTo: idsIn(headers.get('in-reply-to')),
    references: idsIn(headers.get('references')),
    from: senderIn(headers.get('from')) ?? senderIn(headers.get('sender')),
    fromIsClaimed: false,
    replyTo: addressesIn(email.replyTo),
    to: addressesIn(email.to),
    cc: addressesIn(email.cc),
    subject: firstCharacters(oneLine(email.subject ?? ''), maxSubject),
    headers,
    html,
    text: withImageMarks(textOf(plain, html, attachments), html, attachments),
    attachments,
    charset,
  };
}

function textOf(textPart: string, html: string | null, attachments: readonly MailAttachment[]): string {
  const text = withoutInvisibleCharacters(textPart).trimEnd();
  if (html === null) {
    return text;
  }
  const shown = () => visibleText(html, imageNamesOf({ attachments }));
  if (text.trim() === '' || isOnlyHint(text) || repeatsHiddenText(text, html)) {
    return shown();
  }
  return text;
}

/** "Your program cannot show HTML mail" is not what the sender wrote. */
function isOnlyHint(text: string): boolean {
  return (
    text.length < 400 && /html/i.test(text) && /\b(view|display|support|anzeigen|afficher|client)/i.test(text)
  );
}

/** Some senders' text part carries what their HTML hides: then only the HTML tells what a reader sees. */
function repeatsHiddenText(text: string, html: string): boolean {
  const hidden = hiddenRuns(html).filter((run) => run.length >= 12);
  if (hidden.length === 0) {
    return false;
  }
  const plain = text.replace(/\s+/g, ' ');
  return hidden.slice(0, 200).some((run) => plain.includes(run.slice(0, 500)));
}

/** Puts a mark for every inline picture the text does not mention behind what the sender newly wrote. */
function withImageMarks(text: string, html: string | null, attachments: readonly MailAttachment[]): string {
  let marked = text;
  const names = imageNamesOf({ attachments });
  if (marked.includes('cid:')) {
    marked = marked.replace(/\[cid:([^\]\s]{1,200})\]/gi, (mark, id: string) => {
      const name = names.get(id.toLowerCase());
      return name === undefined ? mark : `[image: ${name}]`;
    });
  }
  const missing = attachments
    .filter(
      ({ inline, mimeType, fileName }) =>
        inline && mimeType.startsWith('image/') && !marked.includes(fileName),
    )
    .map(({ fileName }) => `[image: ${fileName}]`);
  if (missing.length === 0) {
    return marked;
  }
  const marks = missing.join('\n');
  const { newText } = splitReply(marked);
  const at = marked.startsWith(newText) && html !== null ? newText.length : marked.length;
  return [marked.slice(0, at), marks, marked.slice(at)].filter((part) => part.trim() !== '').join('\n');
}

function toAttachment(attachment: Attachment, at: number, html: string | null): MailAttachment {
  const { mimeType, disposition, related, content } = attachment;
  const contentId = attachment.contentId?.trim() || null;
  const cid = contentId?.replace(/^<|>$/g, '') ?? '';
  const shownInHtml = cid !== '' && html !== null && html.includes(`cid:${cid}`);
  return {
    fileName: safeFileName(attachment.filename, mimeType, at),
    mimeType: mimeType.toLowerCase(),
    content: typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content),
    inline: mimeType.startsWith('image/') && (shownInHtml || (disposition === 'inline' && !related)),
    contentId,
  };
}

function idsIn(values: readonly string[] | undefined): string[] {
  const ids = (values ?? []).flatMap((value) => {
    const bracketed = value.match(/<[^<>\s]{1,990}>/g);
    if (bracketed !== null) {
      return bracketed;
    }
    return value
      .split(/[\s,;<>]+/)
      .filter((word) => word.includes('@'))
      .map((word) => `<${word.slice(0, 990)}>`);
  });
  const distinct = [...new Set(ids)];
  return distinct.length <= maxIds ? distinct : [...distinct.slice(0, 1), ...distinct.slice(1 - maxIds)];
}
