import {
  hostOf,
  namesOtherHost,
  webAddressOf,
  withoutEndOfSentence,
} from '#shared/mail/visible/webAddresses.ts';
import { escapeText } from '#shared/text/escapedText.ts';

/** Markdown, which models write although they are told not to, and bare web addresses. The first alternative that fits counts. */
const inlinePattern = new RegExp(
  [
    String.raw`!\[(?<alt>[^\]\n]{0,300})\]\([^()\s]{1,2000}(?:\s"[^"\n]{0,200}")?\)`,
    String.raw`\[(?<label>[^\]\n]{1,300})\]\((?<target>[^()\s]{1,2000})(?:\s"[^"\n]{0,200}")?\)`,
    String.raw`\*\*(?<bold>\S(?:[^\n]{0,2000}?\S)?)\*\*`,
    String.raw`(?<![\w*])\*(?<italic>[^\s*](?:[^*\n]{0,500}?[^\s*])?)\*(?![\w*])`,
    '`(?<code>[^`\n]{1,500})`',
    String.raw`<?(?<address>\b(?:https?:\/\/|www\.)[^\s<>"'()[\]{}*]{1,2000})>?`,
  ].join('|'),
  'giu',
);

/**
 * One line of a model's text as HTML. Everything is escaped. Markdown emphasis becomes `<b>` and `<i>`. Of a picture its description
 * is kept. A link or web address becomes `<a>` when its host is allowed; otherwise of a link its words are kept, and an address stays
 * text.
 */
export function inlineHtml(text: string, allowedHosts: ReadonlySet<string>): string {
  const parts: string[] = [];
  let end = 0;
  for (const match of text.matchAll(inlinePattern)) {
    parts.push(escapeText(text.slice(end, match.index)));
    parts.push(markup(match, allowedHosts));
    end = match.index + match[0].length;
  }
  parts.push(escapeText(text.slice(end)));
  return parts.join('');
}

function markup(match: RegExpExecArray, allowedHosts: ReadonlySet<string>): string {
  const { alt, label, target, bold, italic, code, address } = match.groups ?? {};
  if (alt !== undefined) {
    return escapeText(alt);
  }
  if (label !== undefined && target !== undefined) {
    return link(target, label, allowedHosts);
  }
  if (bold !== undefined) {
    return `<b>${inlineHtml(bold, allowedHosts)}</b>`;
  }
  if (italic !== undefined) {
    return `<i>${inlineHtml(italic, allowedHosts)}</i>`;
  }
  if (code !== undefined) {
    return escapeText(code);
  }
  if (address !== undefined) {
    const bare = withoutEndOfSentence(address);
    return link(bare, bare, allowedHosts) + escapeText(address.slice(bare.length));
  }
  return escapeText(match[0]);
}

function link(target: string, words: string, allowedHosts: ReadonlySet<string>): string {
  const host = hostOf(target);
  const isAllowed = host !== null && (allowedHosts.has(host) || allowedHosts.has(`www.${host}`));
  // Words that show another address than the one the link leads to would deceive the reader.
  if (!isAllowed || namesOtherHost(words, host)) {
    return escapeText(words);
  }
  return `<a href="${escapeText(webAddressOf(target)?.href ?? '')}">${escapeText(words)}</a>`;
}
