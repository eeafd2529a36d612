import type { MessageFile } from '#shared/channels/incomingMessage.ts';
import type { Thread } from '#shared/freescout/model.ts';
import { textToHtml } from '#shared/mail/visible/safeHtml.ts';

/** Nobody looks through more, and each is a file and a row that FreeScout stores within the one call. */
const mostAttachments = 50;

/** What stands in front of the name of an attachment that was left out; messages in FreeScout are read for them. */
const leftOutMarks = {
  tooLarge: '[Attachment left in the mailbox, too large: ',
  tooMany: `[Attachment left in the mailbox, more than ${mostAttachments}: `,
};

/** Attachments that go on, up to the limit for all of them together, and HTML that names the others, empty when there are none. */
export function withinLimits(
  attachments: readonly MessageFile[],
  limitMegabytes: number,
): { readonly passedOn: readonly MessageFile[]; readonly othersNamed: string } {
  const passedOn: MessageFile[] = [];
  const tooLarge: MessageFile[] = [];
  const tooMany: MessageFile[] = [];
  let room = limitMegabytes * 1_000_000;
  for (const attachment of attachments) {
    if (attachment.content.byteLength > room) {
      tooLarge.push(attachment);
    } else if (passedOn.length === mostAttachments) {
      tooMany.push(attachment);
    } else {
      room -= attachment.content.byteLength;
      passedOn.push(attachment);
    }
  }
  return { passedOn, othersNamed: linesFor(tooLarge, tooMany) };
}

/** HTML that names attachments as too large, for a message that goes in without any; empty when there are none. */
export function namedAsTooLarge(attachments: readonly MessageFile[]): string {
  return linesFor(attachments, []);
}

/**
 * Names of the attachments that FreeScout was given and may not have stored.
 *
 * @param attachments - of the message as it came.
 * @param stored - the entry in FreeScout that it became.
 * @returns all that were given when fewer are there than came, because names may be changed there; empty when none is missing.
 */
export function namesOfUnstored(
  attachments: readonly MessageFile[],
  stored: Pick<Thread, 'attachmentNames' | 'body'>,
  limitMegabytes: number,
): readonly string[] {
  const expected = attachments.filter(({ content }) => content.byteLength > 0).length;
  const found = stored.attachmentNames.length + namedAsLeft(stored.body);
  return found < expected
    ? withinLimits(attachments, limitMegabytes).passedOn.map(({ fileName }) => fileName)
    : [];
}

/** How many attachments a message that we wrote names as left out. */
function namedAsLeft(html: string): number {
  return Object.values(leftOutMarks).reduce((count, mark) => count + html.split(mark).length - 1, 0);
}

function linesFor(tooLarge: readonly MessageFile[], tooMany: readonly MessageFile[]): string {
  const lineFor =
    (mark: string) =>
    ({ fileName, content }: MessageFile) =>
      `${mark}${fileName}, ${sizeOf(content.byteLength)}]`;
  const lines = [
    ...tooLarge.map(lineFor(leftOutMarks.tooLarge)),
    ...tooMany.map(lineFor(leftOutMarks.tooMany)),
  ];
  return lines.length === 0 ? '' : `<div><br></div>${textToHtml(lines.join('\n'))}`;
}

function sizeOf(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
