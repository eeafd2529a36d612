import { createEmulator } from 'emulate';
import * as z from 'zod';
import { createThreading, recipientsOf } from './threading.ts';

interface IncomingMail {
  readonly raw: Uint8Array;
  readonly labelIds: readonly string[];
  /** When Gmail took it in. */
  readonly receivedAt: Date;
  /** Found by the mail's own headers when absent. */
  readonly threadId: string | undefined;
}

/** A mail that a mailbox holds from the beginning, under the ids that Gmail gave it. */
export interface KeptMail {
  readonly id: string;
  readonly threadId: string;
  /** Gmail address. */
  readonly account: string;
  /** RFC 822 text. */
  readonly raw: string;
  readonly labelIds: readonly string[];
  /** When Gmail took it in, ISO 8601. */
  readonly receivedAt: string;
}

/** The emulated mailboxes behind the stand-in, corrected where the emulation differs from Gmail. */
export interface Mailboxes {
  readonly url: string;
  /** A call to the emulated Gmail as the owner of a mailbox; `path` begins after `/users/me`. */
  readonly call: (account: string, path: string, init?: RequestInit) => Promise<Response>;
  readonly insert: (account: string, mail: IncomingMail) => Promise<Response>;
  /** As the owner of the mailbox does in Gmail. What goes to the account itself lies in its inbox, too. */
  readonly send: (account: string, mail: Pick<IncomingMail, 'raw' | 'threadId'>) => Promise<Response>;
  readonly historyId: (account: string) => Promise<string>;
  /** The history id to show for the one the emulation gives. */
  readonly shownHistoryId: (account: string, inner: string) => string;
  readonly isForgotten: (account: string, historyId: string) => boolean;
  readonly forgetHistory: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Beyond every history id there is: asks for the newest id alone. */
const endOfHistory = '9'.repeat(30);

export async function openMailboxes(
  accounts: readonly string[],
  keptMails: readonly KeptMail[],
): Promise<Mailboxes> {
  const tokenOf = (account: string) => `inner-${Buffer.from(account).toString('base64url')}`;
  const emulator = await createEmulator({
    service: 'google',
    port: 0,
    seed: {
      tokens: Object.fromEntries(accounts.map((login) => [tokenOf(login), { login, scopes: ['gmail'] }])),
      google: {
        users: accounts.map((email) => ({ email, name: email })),
        messages: keptMails.map(({ id, threadId, account, raw, labelIds, receivedAt }) => ({
          id,
          thread_id: threadId,
          user_email: account,
          raw: base64url(Buffer.from(raw)),
          label_ids: labelIds,
          internal_date: String(Date.parse(receivedAt)),
        })),
      },
    },
  });
  const threading = new Map(accounts.map((account) => [account, createThreading()]));
  const firstHistoryId = `${Date.now()}00000000`;
  const oldestHistory = new Map<string, bigint>();

  const call = (account: string, path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${emulator.url}/gmail/v1/users/me${path}`, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${tokenOf(account)}` },
    });

  const shownHistoryId = (account: string, inner: string): string => {
    const known = inner === '0' ? firstHistoryId : inner;
    const oldest = oldestHistory.get(account) ?? 0n;
    return BigInt(known) < oldest ? oldest.toString() : known;
  };

  const historyId = async (account: string): Promise<string> => {
    const answer = await call(account, `/history?startHistoryId=${endOfHistory}`);
    return shownHistoryId(account, z.object({ historyId: z.string() }).parse(await answer.json()).historyId);
  };

  const insert: Mailboxes['insert'] = async (account, { raw, labelIds, receivedAt, threadId }) => {
    const answer = await call(account, '/messages', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        raw: base64url(raw),
        labelIds,
        threadId: threadId ?? (await threading.get(account)?.threadOf(raw)),
        internalDate: String(receivedAt.getTime()),
      }),
    });
    if (!answer.ok) {
      return answer;
    }
    const stored = z.object({ id: z.string(), threadId: z.string(), labelIds: z.array(z.string()) });
    return Response.json(stored.parse(await answer.json()));
  };

  return {
    url: emulator.url,
    call,
    historyId,
    shownHistoryId,
    isForgotten: (account, id) => /^\d+$/.test(id) && BigInt(id) < (oldestHistory.get(account) ?? 0n),
    forgetHistory: async () => {
      for (const account of accounts) {
        oldestHistory.set(account, BigInt(await historyId(account)) + 1n);
      }
    },
    insert,
    send: async (account, { raw, threadId }) => {
      const isToItself = (await recipientsOf(raw)).includes(account);
      const labelIds = isToItself ? ['SENT', 'INBOX', 'UNREAD'] : ['SENT'];
      return await insert(account, { raw, labelIds, receivedAt: new Date(), threadId });
    },
    close: () => emulator.close(),
  };
}

/** Gmail pads its base64url. */
function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
