import type { OAuth2Client } from 'google-auth-library';
import type { gmail_v1 } from 'googleapis/build/src/apis/gmail/index.js';
import * as z from 'zod';
import { retryable } from '#shared/failure/failure.ts';
import { boundedFetch } from '#shared/http/boundedFetch.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import type { Measure } from '#shared/observability/metrics.ts';
import { backOffMilliseconds, longestWaitSeconds, retryAfterSecondsOf } from '#shared/time/backOff.ts';
import type { Clock } from '#shared/time/clock.ts';
import type {
  GmailLabel,
  GmailMessageRef,
  HistoryPage,
  RelabelledMessage,
  SearchableGmail,
} from './gmailClient.ts';
import type { GmailCredentials } from './gmailCredentials.ts';
import {
  credentialsRefused,
  failureOfCall,
  failureOfForeignAnswer,
  type GmailFault,
  gmailFaultOf,
  mostBytesOfGmail,
  passesByItself,
} from './gmailFailures.ts';

export interface GmailClientOptions {
  /** Alias of the account; for logs and messages. */
  readonly account: string;
  /** Gmail address of the account; a service account acts for it. */
  readonly address: string;
  /** What a service account asks for; a person's consent names its scopes itself. */
  readonly scope: string;
  readonly credentials: (options?: { readonly refresh: boolean }) => Promise<GmailCredentials>;
  /** Origin of the API (a path is not kept); null = Google. */
  readonly rootUrl: string | null;
  /** Token endpoint; null = Google. */
  readonly tokenUrl: string | null;
  readonly clock: Clock;
  /** Of one attempt. */
  readonly timeoutMilliseconds: number;
  /** Attempts per call, with back-off. */
  readonly attempts: number;
  readonly log: Log;
  readonly measure: Measure;
}

/**
 * Quota units per call. A project made since May 2026 has 6,000 units per user and minute.
 *
 * @see https://developers.google.com/workspace/gmail/api/reference/quota (messages.get costs 20 since 2026)
 */
const units = {
  getProfile: 1,
  'history.list': 2,
  'messages.list': 5,
  'messages.get': 20,
  'messages.modify': 5,
  'labels.list': 1,
  'labels.create': 5,
} as const;

/** The most Gmail gives in one page of history or of a list. */
const pageSize = 500;

const id = z.string().min(1);
const historyId = z.union([z.string().min(1), z.number()]).transform(String);
const labelIds = z.array(z.string()).nullish();
const nextPageToken = z
  .string()
  .nullish()
  .transform((token) => token || null);

const profileSchema = z.object({ historyId });
const refSchema = z.object({ id, threadId: id, labelIds }).transform(
  (message): GmailMessageRef => ({
    messageId: message.id,
    gmailThreadId: message.threadId,
    labelIds: message.labelIds ?? null,
  }),
);
const namedMessages = z.array(z.object({ message: refSchema })).nullish();
const historySchema = z.object({
  history: z
    .array(
      z.object({
        id: historyId,
        messagesAdded: namedMessages,
        labelsAdded: namedMessages,
        labelsRemoved: namedMessages,
      }),
    )
    .nullish(),
  nextPageToken,
  historyId,
});
const listSchema = z.object({ messages: z.array(refSchema).nullish(), nextPageToken });
const internalDate = z
  .union([z.string().regex(/^\d+$/), z.number()])
  .transform((value) => new Date(Number(value)));
const minimalSchema = z.object({ labelIds, internalDate });
const rawSchema = minimalSchema.extend({ id, threadId: id, raw: z.string() });
const labelSchema = z.object({ id, name: z.string() });
const labelListSchema = z.object({ labels: z.array(labelSchema).nullish() });

/** Named in place of a method where the token is asked for. */
const tokenEndpoint = 'token endpoint';

/** One attempt's answer, as the generated client gives it. */
type Call = (
  api: gmail_v1.Gmail,
  options: { readonly timeout: number; readonly retry: false },
) => PromiseLike<{
  readonly status: number;
  readonly data: unknown;
}>;

interface Session {
  readonly credentials: GmailCredentials;
  readonly auth: OAuth2Client;
  readonly api: gmail_v1.Gmail;
}

/** Gmail through Google's own client. Of its API only reading and labels are used. */
export function createGmailClient(options: GmailClientOptions): SearchableGmail {
  const { account, clock, log, measure } = options;
  let session: Session | null = null;
  let spent = 0;
  let labelId: { readonly name: string; readonly id: string } | null = null;

  async function openSession(refresh: boolean): Promise<Session> {
    const google = await loadGoogle();
    const credentials = await (refresh ? options.credentials({ refresh }) : options.credentials());
    if (session === null || !isSame(session.credentials, credentials)) {
      const auth = authWith(google, credentials, options);
      const api = google.gmail({
        version: 'v1',
        auth,
        ...(options.rootUrl === null ? {} : { rootUrl: options.rootUrl }),
      });
      session = { credentials, auth, api };
    }
    return session;
  }

  async function tokenFault({ auth }: Session): Promise<GmailFault | null> {
    try {
      await auth.getAccessToken();
      return null;
    } catch (error) {
      const foreign = failureOfForeignAnswer(account, tokenEndpoint, error);
      if (foreign !== null) {
        throw foreign;
      }
      return gmailFaultOf(error);
    }
  }

  /** A session with a valid access token; the library repeats the token call itself when it gets no answer. */
  async function authorize(): Promise<Session> {
    const opened = await openSession(false);
    const fault = await tokenFault(opened);
    if (fault === null) {
      return opened;
    }
    if (passesByItself(fault)) {
      throw failureOfCall(account, tokenEndpoint, fault, null);
    }
    const reopened = await openSession(true);
    log.write('SECRET_REFRESHED', { module: 'gmail', account });
    const faultAgain = reopened === opened ? fault : await tokenFault(reopened);
    if (faultAgain !== null) {
      throw credentialsRefused(account, faultAgain);
    }
    return reopened;
  }

  async function attempt(method: keyof typeof units, run: Call, number: number): Promise<unknown> {
    const { api } = await authorize();
    const started = clock.now().getTime();
    spent += units[method];
    measure('GmailUnits', units[method]);
    const record = (status: number | null) =>
      log.write('GMAIL_CALL', {
        account,
        method,
        status,
        attempt: number,
        units: units[method],
        durationMs: clock.now().getTime() - started,
      });
    try {
      const answer = await run(api, { timeout: options.timeoutMilliseconds, retry: false });
      record(answer.status);
      return answer.data;
    } catch (error) {
      const fault = gmailFaultOf(error);
      record(fault.status);
      const foreign = failureOfForeignAnswer(account, method, error);
      if (foreign !== null) {
        throw foreign;
      }
      if (fault.status === 401) {
        // An access token that ended before its time; the next attempt asks for a new one.
        session = null;
      }
      throw new RefusedCall(fault);
    }
  }

  /** @returns what `schema` makes of the answer, or null for a 404. */
  async function callOrNull<Schema extends z.ZodType>(
    method: keyof typeof units,
    schema: Schema,
    run: Call,
  ): Promise<z.output<Schema> | null> {
    let isTokenRenewed = false;
    for (let number = 1; ; number += 1) {
      try {
        return parse(method, schema, await attempt(method, run, number));
      } catch (error) {
        if (!(error instanceof RefusedCall)) {
          throw error;
        }
        const { fault } = error;
        if (fault.status === 404) {
          return null;
        }
        if (fault.status !== 401) {
          await waitForNextAttempt(method, fault, number);
          continue;
        }
        if (isTokenRenewed) {
          throw credentialsRefused(account, fault);
        }
        isTokenRenewed = true;
      }
    }
  }

  /** @throws the failure of the call when a further attempt cannot help, or would have to wait too long. */
  async function waitForNextAttempt(
    method: keyof typeof units,
    fault: GmailFault,
    number: number,
  ): Promise<void> {
    const retryAfter = retryAfterSecondsOf(fault.retryAfter, clock.now());
    if (!passesByItself(fault) || number >= options.attempts || (retryAfter ?? 0) > longestWaitSeconds) {
      throw failureOfCall(account, method, fault, retryAfter);
    }
    await clock.sleep(backOffMilliseconds(number, retryAfter, clock));
  }

  async function call<Schema extends z.ZodType>(
    method: keyof typeof units,
    schema: Schema,
    run: Call,
  ): Promise<z.output<Schema>> {
    const answer = await callOrNull(method, schema, run);
    if (answer === null) {
      throw failureOfCall(account, method, { status: 404, reason: '', retryAfter: null }, null);
    }
    return answer;
  }

  function parse<Schema extends z.ZodType>(method: string, schema: Schema, data: unknown): z.output<Schema> {
    const parsed = schema.safeParse(data);
    if (!parsed.success) {
      throw retryable(
        'gmail-unreachable',
        `Gmail's ${method} for account "${account}" was answered with something else than its documentation says. Nothing is lost; it is tried again.`,
      );
    }
    return parsed.data;
  }

  async function allLabels(): Promise<readonly GmailLabel[]> {
    const list = await call('labels.list', labelListSchema, (api, opts) =>
      api.users.labels.list({ userId: 'me' }, opts),
    );
    return list.labels ?? [];
  }

  async function idOfLabel(name: string): Promise<string> {
    if (labelId?.name === name) {
      return labelId.id;
    }
    const labels = await allLabels();
    const label =
      labels.find((candidate) => candidate.name === name) ??
      (await call('labels.create', labelSchema, (api, opts) =>
        api.users.labels.create({ userId: 'me', requestBody: { name } }, opts),
      ));
    labelId = { name, id: label.id };
    return label.id;
  }

  return {
    async currentHistoryId() {
      const profile = await call('getProfile', profileSchema, (api, opts) =>
        api.users.getProfile({ userId: 'me' }, opts),
      );
      return profile.historyId;
    },

    async history(startHistoryId, pageToken): Promise<HistoryPage> {
      const page = await callOrNull('history.list', historySchema, (api, opts) =>
        api.users.history.list(
          {
            userId: 'me',
            startHistoryId,
            // One call, whatever it asks for; Google charges by the call.
            historyTypes: ['messageAdded', 'labelAdded', 'labelRemoved'],
            maxResults: pageSize,
            ...(pageToken === null ? {} : { pageToken }),
          },
          opts,
        ),
      );
      if (page === null) {
        return { outcome: 'expired' };
      }
      const records = page.history ?? [];
      return {
        outcome: 'page',
        added: once(records.flatMap((record) => (record.messagesAdded ?? []).map(({ message }) => message))),
        relabelled: newestOfEach(
          records.flatMap(({ id: recordId, labelsAdded, labelsRemoved }) =>
            [...(labelsAdded ?? []), ...(labelsRemoved ?? [])].map(({ message }) => ({
              ...message,
              recordId,
            })),
          ),
        ),
        nextPageToken: page.nextPageToken,
        historyId: page.historyId,
        lastRecordId: records.at(-1)?.id ?? null,
      };
    },

    async listSince(since, pageToken, labelId) {
      const page = await call('messages.list', listSchema, (api, opts) =>
        api.users.messages.list(
          {
            userId: 'me',
            q: `after:${Math.floor(since.getTime() / 1000)}`,
            maxResults: pageSize,
            ...(labelId === undefined ? {} : { labelIds: [labelId] }),
            ...(pageToken === null ? {} : { pageToken }),
          },
          opts,
        ),
      );
      return { messages: once(page.messages ?? []), nextPageToken: page.nextPageToken };
    },

    labels: allLabels,

    async getLabels(messageId) {
      const message = await callOrNull('messages.get', minimalSchema, (api, opts) =>
        api.users.messages.get({ userId: 'me', id: messageId, format: 'minimal' }, opts),
      );
      return message && { labelIds: message.labelIds ?? [], internalDate: message.internalDate };
    },

    async getRaw(messageId) {
      const message = await callOrNull('messages.get', rawSchema, (api, opts) =>
        api.users.messages.get({ userId: 'me', id: messageId, format: 'raw' }, opts),
      );
      return (
        message && {
          messageId: message.id,
          gmailThreadId: message.threadId,
          labelIds: message.labelIds ?? [],
          internalDate: message.internalDate,
          raw: new Uint8Array(Buffer.from(message.raw, 'base64url')),
        }
      );
    },

    async addLabel(messageId, labelName) {
      const addLabelIds = [await idOfLabel(labelName)];
      // A 404 means that the mail is gone for good: then there is nothing to label.
      await callOrNull('messages.modify', z.unknown(), (api, opts) =>
        api.users.messages.modify({ userId: 'me', id: messageId, requestBody: { addLabelIds } }, opts),
      );
    },

    async messageIdsFrom(address) {
      const ids: string[] = [];
      let pageToken: string | null = null;
      do {
        const page: z.output<typeof listSchema> = await call('messages.list', listSchema, (api, opts) =>
          api.users.messages.list(
            {
              userId: 'me',
              q: `from:${address}`,
              includeSpamTrash: true,
              maxResults: pageSize,
              ...(pageToken === null ? {} : { pageToken }),
            },
            opts,
          ),
        );
        ids.push(...(page.messages ?? []).map(({ messageId }) => messageId));
        pageToken = page.nextPageToken;
      } while (pageToken !== null);
      return ids;
    },

    unitsSpent: () => spent,
  };
}

/** An attempt that Gmail refused or left unanswered; never leaves this file. */
class RefusedCall extends Error {
  readonly fault: GmailFault;

  constructor(fault: GmailFault) {
    super(`Gmail answered ${fault.status}`);
    this.fault = fault;
  }
}

function isSame(a: GmailCredentials, b: GmailCredentials): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Where the library asks for tokens of a service account; unlike for a person's, it has no option for it. */
const googleTokenUrl = 'https://oauth2.googleapis.com/token';

/** Google's client is loaded by the first call: many jobs of a worker make none. */
async function loadGoogle() {
  // By their default: in a file of its own a bundle gives a CommonJS module no other name.
  const { gmail } = (await import('googleapis/build/src/apis/gmail/index.js')).default;
  const { JWT, OAuth2Client } = (await import('google-auth-library')).default;
  return { gmail, JWT, OAuth2Client };
}

function authWith(
  { JWT, OAuth2Client }: Awaited<ReturnType<typeof loadGoogle>>,
  credentials: GmailCredentials,
  { address, scope, tokenUrl, timeoutMilliseconds }: GmailClientOptions,
): OAuth2Client {
  const transporterOptions = {
    timeout: timeoutMilliseconds,
    fetchImplementation: boundedFetch(mostBytesOfGmail),
  };
  if ('refreshToken' in credentials) {
    const auth = new OAuth2Client({
      clientId: credentials.clientId,
      clientSecret: credentials.clientSecret,
      transporterOptions,
      ...(tokenUrl === null ? {} : { endpoints: { oauth2TokenUrl: tokenUrl } }),
    });
    auth.setCredentials({ refresh_token: credentials.refreshToken });
    return auth;
  }
  const auth = new JWT({
    email: credentials.serviceAccountEmail,
    key: credentials.serviceAccountPrivateKey,
    scopes: [scope],
    subject: address,
    transporterOptions,
  });
  if (tokenUrl !== null) {
    auth.transporter.interceptors.request.add({
      resolved: async (request) =>
        request.url.href === googleTokenUrl ? { ...request, url: new URL(tokenUrl) } : request,
    });
  }
  return auth;
}

/** Every message once, with the labels it was named with last. */
function once(messages: readonly GmailMessageRef[]): readonly GmailMessageRef[] {
  const byId = new Map<string, GmailMessageRef>();
  for (const message of messages) {
    const earlier = byId.get(message.messageId);
    byId.set(message.messageId, {
      ...message,
      labelIds: message.labelIds ?? earlier?.labelIds ?? null,
    });
  }
  return [...byId.values()];
}

/** Of several records that tell of one message, the newest says what labels it has. */
function newestOfEach(messages: readonly RelabelledMessage[]): readonly RelabelledMessage[] {
  return [...new Map(messages.map((message) => [message.messageId, message])).values()];
}
