import { type LedgerKey, parseLedgerKey } from '#shared/store/keys.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import { firstCharacters } from '#shared/text/firstCharacters.ts';
import { oneLine } from '#shared/text/invisibleCharacters.ts';
import { type MessageSource, sourceOf } from './messageSource.ts';

/** What tells an operator which mail a row is about. The product stores neither. */
export interface MailHeading {
  readonly sender: string;
  readonly subject: string;
}

/** Mails that are read at the same time. */
const readAtOnce = 5;

const mostCharacters = 60;

/** Reads sender and subject of the messages that rows are about, where their source still has them. */
export async function readMails(
  sources: readonly Pick<MessageSource, 'kind' | 'alias' | 'mailOf'>[],
  rows: readonly Pick<LedgerRow, 'key'>[],
): Promise<ReadonlyMap<LedgerKey, MailHeading>> {
  const headings = new Map<LedgerKey, MailHeading>();
  for (let start = 0; start < rows.length; start += readAtOnce) {
    const read = rows
      .slice(start, start + readAtOnce)
      .map(async ({ key }) => [key, await headingOf(sources, key)] as const);
    for (const [key, heading] of await Promise.all(read)) {
      if (heading !== null) {
        headings.set(key, heading);
      }
    }
  }
  return headings;
}

async function headingOf(
  sources: readonly Pick<MessageSource, 'kind' | 'alias' | 'mailOf'>[],
  key: LedgerKey,
): Promise<MailHeading | null> {
  const parsed = parseLedgerKey(key);
  const source = parsed?.kind === 'message' ? sourceOf(sources, parsed) : undefined;
  if (parsed?.kind !== 'message' || source === undefined) {
    return null;
  }
  try {
    const mail = await source.mailOf(parsed.messageId);
    return mail === null
      ? { sender: '', subject: '(no longer there)' }
      : { sender: shown(mail.from?.address ?? ''), subject: shown(mail.subject) };
  } catch {
    // The list is worth more than this column: a source that cannot be asked hides no row.
    return { sender: '', subject: '(cannot be read now)' };
  }
}

function shown(text: string): string {
  return firstCharacters(oneLine(text), mostCharacters);
}
