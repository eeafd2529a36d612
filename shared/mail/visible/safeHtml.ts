import sanitizeHtml from 'sanitize-html';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { escapeText, within } from '#shared/text/escapedText.ts';
import { firstCharacters } from '#shared/text/firstCharacters.ts';
import { withoutInvisibleCharacters } from '#shared/text/invisibleCharacters.ts';
import { FreeScoutHtmlWriter, writtenElements } from './freescoutHtmlWriter.ts';
import { tableStyles } from './tableLines.ts';
import { walkShownHtml, walkVisibleHtml } from './visibleHtml.ts';
import { VisibleTextWriter } from './visibleTextWriter.ts';

/**
 * Characters of HTML that one mail becomes in FreeScout, about; `&` alone becomes five. PHP takes 8 MB in one request
 * unless told otherwise, and a character has up to three bytes.
 */
const maxHtml = 2_000_000;

const cutOff = '[The rest of this mail is too long to be shown here. It is in the mailbox.]';

const styled = { name: 'style', multiple: false, values: [...tableStyles] };

/**
 * HTML of a mail as it may be written into FreeScout.
 *
 * Policy: an allow-list of text elements without class or event attributes, and of styles only those that set cells apart
 * and draw the lines of a table; links only to absolute http, https, mailto and tel addresses without a user name, with words
 * that a reader sees and that name no other host; no comments (so a mail cannot carry our own marker), scripts, forms, frames
 * or media. What the mail hides from its reader is removed, not revealed: once styles are gone it would show; only when it hides
 * everything, all is shown, because a ticket must not be empty. Pictures in the mail become `[image: name]` (the file itself is
 * an attachment), remote pictures vanish, because loading one tells its sender that the mail was read. A mail without HTML
 * becomes escaped `<div>` lines. What is too long is cut, and its end says so.
 * Never throws.
 */
export function safeHtmlForFreeScout(mail: ParsedMail): string {
  if (mail.html === null) {
    return textToHtml(mail.text);
  }
  const safe = sanitizeHtml(visibleMarkup(mail.html, imageNamesOf(mail)), {
    allowedTags: [...writtenElements],
    allowedAttributes: {
      a: ['href', 'rel', 'target'],
      table: [styled],
      tr: [styled],
      td: ['colspan', 'rowspan', styled],
      th: ['colspan', 'rowspan', styled],
    },
    allowedSchemes: ['http', 'https', 'mailto', 'tel'],
    allowProtocolRelative: false,
    parseStyleAttributes: false,
  }).trim();
  return safe.replace(/<[^>]*>|&nbsp;|\s/g, '') === '' ? textToHtml(mail.text) : safe;
}

/** Content-ID (without brackets, lower-case) → file name, for the marks that stand where pictures were. */
export function imageNamesOf(mail: Pick<ParsedMail, 'attachments'>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { contentId, fileName } of mail.attachments) {
    if (contentId !== null) {
      names.set(contentId.replace(/^<|>$/g, '').toLowerCase(), fileName);
    }
  }
  return names;
}

/**
 * Plain text as FreeScout's editor would have written it: one `<div>` a line, `<div><br></div>` for a blank one.
 * (FreeScout keeps `\n` and shows it as a space.) Leading spaces stay visible. What is too long is cut, and the last line
 * says so.
 */
export function textToHtml(text: string): string {
  const trimmed = text.trimEnd();
  const lines: string[] = [];
  let room = maxHtml;
  for (const line of firstCharacters(trimmed, maxHtml).split(/\r\n?|\n/)) {
    const html = line.trim() === '' ? '<div><br></div>' : `<div>${within(room, line, escapeHtml).html}</div>`;
    room -= html.length;
    lines.push(html);
    if (room <= 0) {
      break;
    }
  }
  if (room <= 0 || trimmed.length > maxHtml) {
    lines.push(`<div>${cutOff}</div>`);
  }
  return lines.join('');
}

/**
 * What a reader sees of an HTML mail, as text for the model and for comparisons: hidden text removed, a line per block,
 * `- ` for list items, `> ` for quotations, `[image: name]` for pictures sent along. A mail that hides all its text is
 * shown whole. Never throws.
 *
 * @param imageNames as from {@link imageNamesOf}; without it a picture is marked by its Content-ID.
 */
export function visibleText(html: string, imageNames: ReadonlyMap<string, string> = new Map()): string {
  const writer = new VisibleTextWriter();
  walkShownHtml(html, {
    open: (name, attributes) => {
      if (name === 'img') {
        writer.text(imageMark(attributes, imageNames));
      } else {
        writer.open(name, attributes);
      }
    },
    text: (text) => writer.text(text),
    close: (name) => writer.close(name),
  });
  return withoutInvisibleCharacters(writer.toString());
}

/**
 * The text an HTML mail hides from its reader, one string per hidden run; used to find it again in other parts. None when
 * it hides all, for then all is shown.
 */
export function hiddenRuns(html: string): string[] {
  const runs: string[] = [];
  let run = '';
  const finish = () => {
    const text = withoutInvisibleCharacters(run).replace(/\s+/g, ' ').trim();
    if (text !== '') {
      runs.push(text);
    }
    run = '';
  };
  const isAnythingSeen = walkVisibleHtml(html, {
    open: () => {},
    close: () => {},
    text: (text) => {
      if (text.trim() !== '') {
        finish();
      }
    },
    hidden: (text) => {
      run += text;
    },
  });
  finish();
  return isAnythingSeen ? runs : [];
}

function visibleMarkup(html: string, imageNames: ReadonlyMap<string, string>): string {
  const writer = new FreeScoutHtmlWriter(maxHtml, cutOff);
  /** Text since the last tag: the parser splits it at every entity, and a joiner works only between its neighbours. */
  let pending = '';
  const writePending = () => {
    if (pending !== '') {
      writer.text(pending);
    }
    pending = '';
  };
  walkShownHtml(html, {
    open: (name, attributes, style) => {
      writePending();
      if (name === 'img') {
        writer.text(imageMark(attributes, imageNames));
      } else {
        writer.open(name, attributes, style);
      }
    },
    text: (text) => {
      pending += text;
    },
    close: (name) => {
      writePending();
      if (name !== 'img') {
        writer.close(name);
      }
    },
  });
  writePending();
  return writer.toString();
}

function imageMark(attributes: Readonly<Record<string, string>>, names: ReadonlyMap<string, string>): string {
  const source = (attributes.src ?? '').trim();
  if (/^data:image\//i.test(source)) {
    return ` [image] `;
  }
  const contentId = /^cid:(.{1,200})/i.exec(source)?.[1];
  if (contentId === undefined) {
    return '';
  }
  const name = names.get(contentId.toLowerCase()) ?? names.get(decoded(contentId).toLowerCase());
  return ` [image: ${name ?? contentId.split('@')[0]}] `;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function escapeHtml(text: string): string {
  return escapeText(text).replace(/^ +| {2,}/g, (spaces) => '&nbsp;'.repeat(spaces.length));
}
