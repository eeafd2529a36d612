import * as z from 'zod';
import { type FaultProxyContext, openFaultProxy, type RecordedCall } from '#infra/standins/faultProxy.ts';
import type { Faults } from '#infra/standins/faults.ts';
import { googleError, presentHistory, presentMessageList } from './googleAnswers.ts';
import { type KeptMail, type Mailboxes, openMailboxes } from './mailboxes.ts';
import { createOauth } from './oauth.ts';

export interface GmailStandInOptions {
  /** 0: any free port. */
  readonly port: number;
  /** Gmail addresses, at least one; the first is `me` for a caller without a token. */
  readonly accounts: readonly [string, ...string[]];
  /** Mails that are there already. */
  readonly mails?: readonly KeptMail[];
}

interface MailToInsert {
  readonly raw: Uint8Array;
  /** `INBOX` and `UNREAD` when absent. */
  readonly labelIds?: readonly string[];
  /** Gmail address; the first account when absent. */
  readonly account?: string;
  /** When Gmail took it in; now when absent. */
  readonly receivedAt?: Date;
}

export interface GmailStandIn {
  /** Address of the API without trailing slash. */
  readonly url: string;
  readonly tokenUrl: string;
  readonly refreshTokenOf: (address: string) => string;
  readonly insert: (mail: MailToInsert) => Promise<{ readonly id: string; readonly threadId: string }>;
  /** Somebody sends a mail in Gmail, as `POST messages/send` does: it lies under SENT in the thread of the mail it answers. */
  readonly send: (
    mail: Pick<MailToInsert, 'raw' | 'account'>,
  ) => Promise<{ readonly id: string; readonly threadId: string }>;
  /** Somebody changes labels in Gmail, as `POST messages/{id}/modify` does. Ids of labels. */
  readonly relabel: (change: {
    readonly id: string;
    readonly add?: readonly string[];
    readonly remove?: readonly string[];
    /** Gmail address; the first account when absent. */
    readonly account?: string;
  }) => Promise<void>;
  readonly faults: Faults;
  readonly calls: readonly RecordedCall[];
  /** Every history id given out so far is answered 404 from now on, as Gmail does after about a week. */
  readonly expireHistory: () => Promise<void>;
  /** While true, the token endpoint answers `invalid_grant`. */
  readonly setRevoked: (revoked: boolean) => void;
  /** Every access token given out so far is answered 401. */
  readonly expireTokens: () => void;
  readonly close: () => Promise<void>;
}

const arrived: readonly string[] = ['INBOX', 'UNREAD'];

/**
 * Starts the stand-in for Gmail: emulated mailboxes behind a fault proxy that adds what they lack – getProfile, expired history,
 * tokens that end, faults – and corrects where they differ from Gmail: the date a mail came in, threads, empty lists.
 *
 * Besides Gmail's own calls it takes `POST /control/expire-history`, `/control/expire-tokens`, `/control/revoked` (body `true`
 * or `false`) and what every fault proxy takes.
 *
 * @throws the error of `listen`, for example EADDRINUSE.
 */
export async function startGmailStandIn({
  port,
  accounts,
  mails = [],
}: GmailStandInOptions): Promise<GmailStandIn> {
  const [firstAccount] = accounts;
  const mailboxes = await openMailboxes(accounts, mails);
  const oauth = createOauth(accounts);

  const handle = async (context: FaultProxyContext): Promise<Response> => {
    const { path, method } = context.req;
    if (method === 'POST' && (path === '/token' || path === '/oauth2/token')) {
      const form = await context.req.text();
      return (
        oauth.answer(new URLSearchParams(form)) ??
        (await passOn(context, `${mailboxes.url}/oauth2/token`, form))
      );
    }
    if (method === 'GET' && path === '/o/oauth2/v2/auth') {
      return oauth.consent(new URL(context.req.url).searchParams);
    }
    const [, user, rest = ''] = /^\/gmail\/v1\/users\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    if (user === undefined) {
      return await passOn(context, `${mailboxes.url}${path}${new URL(context.req.url).search}`);
    }
    const token = /^Bearer (.+)$/.exec(context.req.header('authorization') ?? '')?.[1];
    const holder = token === undefined ? undefined : oauth.accountOf(token);
    if (holder === 'expired') {
      return googleError(401);
    }
    const named = decodeURIComponent(user);
    const account = named === 'me' ? (holder ?? firstAccount) : named;
    return accounts.includes(account) ? await gmailCall(context, mailboxes, account, rest) : googleError(404);
  };

  const proxy = await openFaultProxy({
    port,
    handle,
    errorAnswer: googleError,
    control: (app) => {
      app.post('/expire-history', async (context) => {
        await mailboxes.forgetHistory();
        return context.body(null, 204);
      });
      app.post('/expire-tokens', (context) => {
        oauth.expireTokens();
        return context.body(null, 204);
      });
      app.post('/revoked', async (context) => {
        oauth.setRevoked((await context.req.json()) === true);
        return context.body(null, 204);
      });
    },
  }).catch(async (error: unknown) => {
    await mailboxes.close();
    throw error;
  });

  return {
    url: proxy.url,
    tokenUrl: `${proxy.url}/token`,
    refreshTokenOf: oauth.refreshTokenOf,
    faults: proxy.faults,
    calls: proxy.calls,
    expireHistory: mailboxes.forgetHistory,
    setRevoked: oauth.setRevoked,
    expireTokens: oauth.expireTokens,
    insert: async ({ raw, labelIds = arrived, account = firstAccount, receivedAt = new Date() }) =>
      storedMail(await mailboxes.insert(account, { raw, labelIds, receivedAt, threadId: undefined })),
    send: async ({ raw, account = firstAccount }) =>
      storedMail(await mailboxes.send(account, { raw, threadId: undefined })),
    relabel: async ({ id, add = [], remove = [], account = firstAccount }) => {
      const answer = await mailboxes.call(account, `/messages/${id}/modify`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ addLabelIds: add, removeLabelIds: remove }),
      });
      if (!answer.ok) {
        throw new Error(`The Gmail stand-in did not relabel a mail: ${await answer.text()}`);
      }
    },
    close: async () => {
      await proxy.close();
      await mailboxes.close();
    },
  };
}

async function storedMail(answer: Response): Promise<{ readonly id: string; readonly threadId: string }> {
  if (!answer.ok) {
    throw new Error(`The Gmail stand-in did not take a mail: ${await answer.text()}`);
  }
  return z.object({ id: z.string(), threadId: z.string() }).parse(await answer.json());
}

const insertBody = z.object({
  raw: z.string().min(1),
  labelIds: z.array(z.string()).optional(),
  threadId: z.string().optional(),
});

async function gmailCall(
  context: FaultProxyContext,
  mailboxes: Mailboxes,
  account: string,
  rest: string,
): Promise<Response> {
  const call = `${context.req.method} ${rest}`;
  const { search, searchParams } = new URL(context.req.url);
  if (call === 'GET /profile') {
    return await profile(mailboxes, account);
  }
  if (call === 'POST /messages' || call === 'POST /messages/send') {
    const body = insertBody.safeParse(await context.req.json().catch(() => undefined));
    if (!body.success) {
      return googleError(400);
    }
    const { raw, labelIds = arrived, threadId } = body.data;
    if (call === 'POST /messages/send') {
      return await mailboxes.send(account, { raw: Buffer.from(raw, 'base64'), threadId });
    }
    return await mailboxes.insert(account, {
      raw: Buffer.from(raw, 'base64'),
      labelIds,
      receivedAt: new Date(),
      threadId,
    });
  }
  if (call === 'GET /history' && mailboxes.isForgotten(account, searchParams.get('startHistoryId') ?? '')) {
    return googleError(404);
  }
  const answer = await mailboxes.call(account, `${rest}${search}`, await sameRequest(context));
  if (answer.ok && call === 'GET /history') {
    const list = z.looseObject({ historyId: z.string() }).parse(await answer.json());
    return Response.json(
      presentHistory({ ...list, historyId: mailboxes.shownHistoryId(account, list.historyId) }),
    );
  }
  return answer.ok && call === 'GET /messages'
    ? Response.json(presentMessageList(z.looseObject({}).parse(await answer.json())))
    : answer;
}

async function profile(mailboxes: Mailboxes, account: string): Promise<Response> {
  const total = async (kind: string) => {
    const answer = await mailboxes.call(account, `/${kind}?maxResults=1&includeSpamTrash=true`);
    return z.object({ resultSizeEstimate: z.number() }).parse(await answer.json()).resultSizeEstimate;
  };
  return Response.json({
    emailAddress: account,
    messagesTotal: await total('messages'),
    threadsTotal: await total('threads'),
    historyId: await mailboxes.historyId(account),
  });
}

async function passOn(context: FaultProxyContext, url: string, body?: string): Promise<Response> {
  return await fetch(url, {
    ...(await sameRequest(context)),
    ...(body === undefined ? {} : { body }),
    redirect: 'manual',
  });
}

async function sameRequest(context: FaultProxyContext): Promise<RequestInit> {
  const { method } = context.req;
  return {
    method,
    headers: { 'content-type': context.req.header('content-type') ?? 'application/json' },
    ...(method === 'GET' || method === 'HEAD' ? {} : { body: await context.req.arrayBuffer() }),
  };
}
