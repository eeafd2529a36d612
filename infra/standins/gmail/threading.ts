import { randomBytes } from 'node:crypto';
import PostalMime from 'postal-mime';

/** Finds the Gmail thread of every mail of one mailbox. */
export interface Threading {
  /** The thread a mail belongs to; also remembers the mail for later answers. */
  readonly threadOf: (raw: Uint8Array) => Promise<string>;
}

/**
 * Gmail's rule for mail that comes in: it joins the thread of a mail it names in In-Reply-To or References, if the subject,
 * prefixes aside, is the same; otherwise it starts its own.
 * Source: https://support.google.com/mail/answer/5900 and the description of `threadId` in the Gmail API's guide to threads.
 */
export function createThreading(): Threading {
  const known = new Map<string, { readonly threadId: string; readonly subject: string }>();
  return {
    threadOf: async (raw) => {
      const { messageId, inReplyTo, references, subject } = await PostalMime.parse(headersOf(raw));
      const plain = withoutPrefixes(subject ?? '');
      const named = `${inReplyTo ?? ''} ${references ?? ''}`.match(/<[^<>\s]+>/g) ?? [];
      const thread = named
        .toReversed()
        .map((id) => known.get(id))
        .find((candidate) => candidate?.subject === plain);
      const threadId = thread?.threadId ?? randomBytes(8).toString('hex');
      if (messageId !== undefined) {
        known.set(messageId, { threadId, subject: plain });
      }
      return threadId;
    },
  };
}

/** Addresses in To and Cc, in lower case. */
export async function recipientsOf(raw: Uint8Array): Promise<readonly string[]> {
  const { to = [], cc = [] } = await PostalMime.parse(headersOf(raw));
  return [...to, ...cc].flatMap(({ address }) => address?.toLowerCase() ?? []);
}

function headersOf(raw: Uint8Array): Uint8Array {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const ends = ['\r\n\r\n', '\n\n'].map((end) => bytes.indexOf(end)).filter((index) => index >= 0);
  return ends.length === 0 ? bytes : bytes.subarray(0, Math.min(...ends) + 2);
}

function withoutPrefixes(subject: string): string {
  return subject
    .replace(/^(\s*(re|fwd?|aw|wg|antw|sv|vs|rv|res|enc|tr|r|i)\s*(\[\d+\])?:\s*)+/i, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
}
