/**
 * Lines that stand in a text for what cannot be read here. They say what it is and where the content lies; agents and the model read
 * them, and {@link saysContentIsElsewhere} finds them again.
 */

const maxNames = 10;

/** @param what such as `is encrypted (PGP)` */
export function notReadableLine(what: string, where: string): string {
  return `[This mail ${what} and cannot be read here. Its content ${where}.]`;
}

export function inFile(fileName: string): string {
  return `is in the attached file ${fileName}`;
}

export function filesOnlyLine(fileNames: readonly string[]): string {
  const [first = ''] = fileNames;
  const more = fileNames.length - maxNames;
  const names = `${fileNames.slice(0, maxNames).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `[This mail has no text. Its content ${fileNames.length === 1 ? inFile(first) : `is in the attached files ${names}`}.]`;
}

export function calendarOnlyLine(fileName: string): string {
  return `[This mail has no text but a calendar entry, which is in the attached file ${fileName}.]`;
}

export function brokenEnvelopeLine(fileName: string): string {
  return `[The envelope of this mail (S/MIME) is broken: there may be more in the attached file ${fileName}.]`;
}

/** What a mail says that no parser could read. */
export const unreadableNotice = 'This mail could not be read. The original is attached as message.eml.';

/** Whether a text says of its mail that the content could not be read here: then nobody can know that it asks for nothing. */
export function saysContentIsElsewhere(text: string): boolean {
  return (
    /\[This mail (?:is [^\]\n]{1,80} cannot be read here\. Its content|has no text(?:\. Its content| but a calendar entry))/.test(
      text,
    ) || text.includes(unreadableNotice)
  );
}
