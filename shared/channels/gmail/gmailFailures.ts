import * as z from 'zod';
import { type Failure, permanent, retryable } from '#shared/failure/failure.ts';
import { AnswerTooLarge, isRedirect, redirectNotFollowed } from '#shared/http/boundedFetch.ts';

/** The largest mail that Gmail takes in; it sends up to 25 MB itself. */
const largestMailMegabytes = 50;

/** A mail comes in base64 within JSON: four bytes for three, and a megabyte for what stands around it. */
export const mostBytesOfGmail = Math.ceil((largestMailMegabytes * 1024 * 1024 * 4) / 3) + 1_000_000;

/** What the client needs to know of an error of Google's libraries. */
export interface GmailFault {
  /** Null: no answer. */
  readonly status: number | null;
  /** Google's word for it, for example `rateLimitExceeded` or `invalid_grant`; empty when it gave none. */
  readonly reason: string;
  readonly retryAfter: string | null;
}

/** Not the global class: the library under Google's brings its own `Headers`. */
const headersSchema = z.custom<Pick<Headers, 'get'>>(
  (headers) =>
    typeof headers === 'object' && headers !== null && 'get' in headers && typeof headers.get === 'function',
);

const thrownSchema = z.object({
  response: z.object({ status: z.int(), headers: headersSchema.optional(), data: z.unknown() }).optional(),
});

/** `{error: {errors: [{reason}], status, message}}` of the API, `{error: 'invalid_grant'}` of the token endpoint. */
const bodySchema = z.object({
  error: z.union([
    z.string(),
    z.object({
      errors: z.array(z.object({ reason: z.string() })).optional(),
      status: z.string().optional(),
      message: z.string().optional(),
    }),
  ]),
});

/** Reads an error that the libraries threw; its own message may quote the request and is left alone. */
export function gmailFaultOf(thrown: unknown): GmailFault {
  const response = thrownSchema.safeParse(thrown).data?.response;
  if (response === undefined) {
    return { status: null, reason: '', retryAfter: null };
  }
  const error = bodySchema.safeParse(response.data).data?.error;
  const header = response.headers?.get('Retry-After') ?? null;
  if (typeof error === 'string') {
    return { status: response.status, reason: word(error), retryAfter: header };
  }
  // Gmail names the time in the message: "User-rate limit exceeded. Retry after 2026-11-20T12:00:00.000Z".
  const named = /retry after (\d{4}-\d\d-\d\dT[\d:.]+Z)/i.exec(error?.message ?? '')?.[1] ?? null;
  return {
    status: response.status,
    reason: word(error?.errors?.[0]?.reason ?? error?.status ?? ''),
    retryAfter: header ?? named,
  };
}

function word(text: string): string {
  return /^\w{1,40}$/.test(text) ? text : '';
}

/** Google's names for "too fast", which come with 403 as well as with 429. */
const tooFast: readonly string[] = [
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'quotaExceeded',
  'dailyLimitExceeded',
  'RESOURCE_EXHAUSTED',
];

function isTooFast({ status, reason }: GmailFault): boolean {
  return status === 429 || (status === 403 && tooFast.includes(reason));
}

/** Whether the same call may go through a moment later. */
export function passesByItself(fault: GmailFault): boolean {
  return fault.status === null || fault.status >= 500 || fault.status === 408 || isTooFast(fault);
}

/**
 * Meaning of an answer that is none of Gmail's: a redirect, or one that is larger than the largest mail; null for every other error.
 *
 * @param method - of the API, or the token endpoint.
 */
export function failureOfForeignAnswer(account: string, method: string, thrown: unknown): Failure | null {
  const what = `Gmail's ${method} for account "${account}"`;
  if (thrown instanceof Error && thrown.cause instanceof AnswerTooLarge) {
    return method === 'messages.get'
      ? permanent(
          'gmail-too-large',
          `${what} was answered with more than a mail of ${largestMailMegabytes} MB, the largest that Gmail takes. It was not read to its end; the row keeps this reason. Look at the mail in Gmail and answer it there; check gmail.rootUrl.`,
        )
      : retryable(
          'gmail-unreachable',
          `${what} was answered with far more than Gmail answers. It was not read to its end; nothing is lost, it is tried again. Check gmail.rootUrl and gmail.tokenUrl.`,
        );
  }
  const redirect = redirectIn(thrown);
  return redirect === null
    ? null
    : retryable(
        'gmail-unreachable',
        `${what} was answered with ${redirect}. Nothing is lost; it is tried again. Set gmail.rootUrl, or gmail.tokenUrl for the token endpoint, to the address it leads to, or to null for Google's own.`,
      );
}

/** Status and host of the redirect that the libraries stopped at, in words; null for every other error. */
export function redirectIn(thrown: unknown): string | null {
  const response = thrownSchema.safeParse(thrown).data?.response;
  return response !== undefined && isRedirect(response.status)
    ? `${response.status}, ${redirectNotFollowed(response.headers ?? new Headers())}`
    : null;
}

/** Meaning of a fault of the Gmail API for the unit of work. */
export function failureOfCall(
  account: string,
  method: string,
  fault: GmailFault,
  retryAfterSeconds: number | null,
): Failure {
  const what = `Gmail's ${method} for account "${account}"`;
  if (isTooFast(fault)) {
    return retryable(
      'gmail-rate-limited',
      `${what} was refused because of Google's rate limits (${fault.reason || fault.status}). Nothing is lost; it is tried again.`,
      { retryAfterSeconds },
    );
  }
  if (passesByItself(fault)) {
    return retryable(
      'gmail-unreachable',
      fault.status === null
        ? `${what} got no answer. Nothing is lost; it is tried again.`
        : `${what} was answered with ${fault.status}. Nothing is lost; it is tried again.`,
      { retryAfterSeconds },
    );
  }
  return permanent(
    'gmail-rejected',
    `${what} was refused with ${fault.status}${fault.reason ? ` (${fault.reason})` : ''}. The row keeps this reason and can be replayed. Check that the Gmail API is switched on in the Google project and that the consent covers gmail.readonly (gmail.modify when gmail.label is set).`,
  );
}

/** Google does not take the credentials any more. */
export function credentialsRefused(account: string, fault: GmailFault): Failure {
  return permanent(
    'gmail-invalid-grant',
    `Google refuses the credentials of Gmail account "${account}" (${fault.reason || fault.status}): the refresh token was revoked, was unused for six months, or belongs to a consent screen in status Testing, where it ends after seven days; or the client id or secret is wrong; for a service account, that the Workspace no longer lets it act for this address. No mail is lost, reading goes on from the same place. Consent again: npm run csm -- connect gmail.`,
  );
}
