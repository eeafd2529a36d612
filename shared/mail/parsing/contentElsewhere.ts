import { visibleText } from '#shared/mail/visible/safeHtml.ts';
import { withoutInvisibleCharacters } from '#shared/text/invisibleCharacters.ts';
import { calendarText } from './calendarText.ts';
import { decodedText } from './charsets.ts';
import { cmsContent } from './cmsContent.ts';
import type { ContentElsewhere } from './contentKinds.ts';
import {
  brokenEnvelopeLine,
  calendarOnlyLine,
  filesOnlyLine,
  inFile,
  notReadableLine,
} from './contentLines.ts';
import type { MailAttachment, ParsedMail } from './parsedMail.ts';

/** Signed mails in signed mails; real ones have two at most. */
const maxLayers = 3;
const maxMilliseconds = 2_000;
/** Bytes of a broken envelope that are looked through. */
const maxClear = 1_000_000;
/** Bytes of a text file that is shown as the text of its mail. */
const maxTextFile = 200_000;

/** How far a mail has been unwrapped. */
export interface Layers {
  readonly opened: number;
  /** of `performance.now()` */
  readonly until: number;
}

/** Reads the mail that an envelope holds. */
type ReadInner = (raw: Uint8Array, layers: Layers) => Promise<ParsedMail>;

/**
 * The mail with a text that says what it says, or where that lies: signed text (S/MIME) comes out of its envelope, an invitation becomes
 * text, and of all else a line says what it is. The files stay.
 *
 * @param layers null for a mail as it was received
 */
export async function withContentFromElsewhere(
  mail: ParsedMail,
  elsewhere: ContentElsewhere,
  layers: Layers | null,
  read: ReadInner,
): Promise<ParsedMail> {
  switch (elsewhere.kind) {
    case 'smime':
      return withSmime(mail, elsewhere.file, layers, read);
    case 'pgp':
      return withLine(mail, notReadableLine('is encrypted (PGP)', inFile(elsewhere.file.fileName)));
    case 'pgp-text':
      return withLine(mail, notReadableLine('is encrypted (PGP)', 'stands below'));
    case 'winmail':
      return withLine(
        mail,
        notReadableLine('is in a format of Outlook (TNEF)', inFile(elsewhere.file.fileName)),
      );
    case 'calendar':
      return withLine(mail, calendarLines(elsewhere.file));
    case 'files':
      return withLine(mail, filesLines(elsewhere.files));
  }
}

async function withSmime(
  mail: ParsedMail,
  file: MailAttachment,
  layers: Layers | null,
  read: ReadInner,
): Promise<ParsedMail> {
  const { opened, until } = layers ?? { opened: 0, until: performance.now() + maxMilliseconds };
  const held = cmsContent(file.content, () => performance.now() > until);
  if (held.kind === 'open' && opened < maxLayers && isMail(held.content)) {
    return withInner(mail, await read(held.content, { opened: opened + 1, until }));
  }
  if (held.kind === 'open' && !isMail(held.content)) {
    return withLine(mail, filesOnlyLine([file.fileName]));
  }
  const clear = held.kind === 'broken' ? clearMailIn(file.content) : null;
  if (clear !== null && opened < maxLayers) {
    const inner = await read(clear, { opened: opened + 1, until });
    return withInner(mail, {
      ...inner,
      text: joined(inner.text, brokenEnvelopeLine(file.fileName)),
      html: null,
    });
  }
  const what = held.kind === 'encrypted' ? 'is encrypted (S/MIME)' : 'is signed or encrypted (S/MIME)';
  return withLine(mail, notReadableLine(what, inFile(file.fileName)));
}

/** Of an envelope that was damaged on its way, what is signed still stands in clear, up to the first byte that no text has. */
function clearMailIn(envelope: Uint8Array): Uint8Array | null {
  const bytes = Buffer.from(envelope.buffer, envelope.byteOffset, Math.min(envelope.byteLength, maxClear));
  const start = /(?:content-type|mime-version):[ \t]*[\w"]/i.exec(bytes.toString('latin1'))?.index ?? -1;
  if (start < 0) {
    return null;
  }
  const end = bytes.indexOf(0, start);
  const clear = bytes.subarray(start, end < 0 ? bytes.byteLength : end);
  return isMail(clear) ? clear : null;
}

/** What is signed may be any document; a mail begins with the headers of a part. */
function isMail(content: Uint8Array): boolean {
  const start = Buffer.from(content.buffer, content.byteOffset, Math.min(content.byteLength, 10_000));
  return /^\s*(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,50}content-type:/i.test(start.toString('latin1'));
}

/** What stands beside the envelope, such as the line of a gateway, stays below what it held. */
function withInner(mail: ParsedMail, inner: ParsedMail): ParsedMail {
  const isAlone = mail.text.trim() === '';
  return {
    ...mail,
    html: isAlone ? inner.html : null,
    text: joined(inner.text, mail.text),
    charset: inner.charset,
    attachments: [...inner.attachments, ...mail.attachments],
  };
}

/** Some programs send the text itself as a file. */
function filesLines(files: readonly MailAttachment[]): string {
  const text = files
    .filter(
      ({ mimeType, content }) => /^text\/(?:plain|html)$/.test(mimeType) && content.byteLength <= maxTextFile,
    )
    .map(textOfFile)
    .find((written) => written !== '');
  return joined(filesOnlyLine(files.map(({ fileName }) => fileName)), text ?? '');
}

function textOfFile({ mimeType, content }: MailAttachment): string {
  const isHtml = mimeType === 'text/html';
  const text = decodedText(content, { declared: null, legacy: 'windows-1252', isHtml })?.text ?? '';
  return isHtml ? visibleText(text) : withoutInvisibleCharacters(text).trim();
}

function calendarLines(file: MailAttachment): string {
  const text = calendarText(Buffer.from(file.content).toString('utf8'));
  return joined(calendarOnlyLine(file.fileName), withoutInvisibleCharacters(text));
}

/** The HTML would hide the line, and says no more than the text. */
function withLine(mail: ParsedMail, line: string): ParsedMail {
  return { ...mail, html: null, text: joined(line, mail.text) };
}

function joined(above: string, below: string): string {
  return below.trim() === '' ? above : `${above}\n\n${below}`;
}
