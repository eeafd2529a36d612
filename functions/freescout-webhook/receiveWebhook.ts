import { createHash } from 'node:crypto';
import { isProofConversation } from '#shared/freescout/proofConversations.ts';
import { sentByUsHeader, webhookEvents } from '#shared/freescout/webhookEvents.ts';
import { deduplicationId, type JobQueue } from '#shared/jobs/jobs.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import type { Measure } from '#shared/observability/metrics.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { WebhookCounter } from '#shared/store/counters.ts';
import type { WebhookEvents } from '#shared/store/webhookEvents.ts';
import type { Clock } from '#shared/time/clock.ts';
import { checkSignature, faultInHeaders, type SignatureHeaders } from './webhookSignature.ts';

/** What the receiver works with. */
export interface WebhookDependencies {
  readonly settings: Pick<Settings, 'freescout' | 'webhook'>;
  readonly store: {
    readonly state: WebhookCounter;
    readonly webhookEvents: Pick<WebhookEvents, 'keep'>;
  };
  readonly queue: JobQueue;
  /** Valid webhook secrets: the current one and, during a rotation, the previous one. */
  readonly secrets: () => Promise<readonly string[]>;
  readonly clock: Clock;
  readonly log: Log;
  readonly measure: Measure;
}

export interface WebhookRequest {
  readonly requestId: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawBody: Uint8Array;
}

export interface WebhookAnswer {
  readonly statusCode: 200 | 400 | 401 | 413 | 503;
  readonly message: string;
}

type Decision =
  | 'queued'
  | 'queued-too-large'
  | 'too-large'
  | 'ignored-event'
  | 'ignored-disabled'
  | 'proof'
  | 'signature-wrong'
  | 'signature-missing'
  | 'no-secret'
  | 'body-empty'
  | 'body-not-json'
  | 'no-conversation-id'
  | 'queue-unavailable'
  | 'secret-unreadable';

/** Webhooks that nothing would be done with either if they came again. */
const ignoredDecisions: ReadonlySet<Decision> = new Set(['ignored-event', 'ignored-disabled', 'proof']);

/** FreeScout sends the whole conversation; a larger body is not needed, only its id is. */
const bodyLimitBytes = 1024 * 1024;

const eventsActedOn: ReadonlySet<string> = new Set(webhookEvents);

const answers: Readonly<Record<Decision, WebhookAnswer>> = {
  queued: { statusCode: 200, message: 'ok' },
  'queued-too-large': { statusCode: 413, message: 'payload too large' },
  'too-large': { statusCode: 413, message: 'payload too large' },
  'ignored-event': { statusCode: 200, message: 'ignored' },
  'ignored-disabled': { statusCode: 200, message: 'ignored' },
  proof: { statusCode: 200, message: 'ignored' },
  'signature-wrong': { statusCode: 401, message: 'invalid signature' },
  'signature-missing': { statusCode: 401, message: 'missing signature' },
  'no-secret': { statusCode: 503, message: 'no webhook secret configured' },
  'body-empty': { statusCode: 400, message: 'missing payload' },
  'body-not-json': { statusCode: 400, message: 'payload is not a JSON object' },
  'no-conversation-id': { statusCode: 400, message: 'missing conversation id' },
  'queue-unavailable': { statusCode: 503, message: 'try again' },
  'secret-unreadable': { statusCode: 503, message: 'try again' },
};

/**
 * Receives one webhook: checks the sender, queues the conversation's job, answers. A webhook is a hint, never the truth; all it
 * has to carry is a conversation's id. Every event leaves one log line. Only what FreeScout signed is written to a table: it is counted, and
 * kept raw unless it is of no use to us. A stranger's request moves a metric alone, so that a flood of them costs no writes.
 */
export async function receiveWebhook(
  deps: WebhookDependencies,
  request: WebhookRequest,
): Promise<WebhookAnswer> {
  const event = request.headers['x-freescout-event'] ?? null;
  const { decision, conversationId, genuine } = await decide(deps, request, event);
  const answer = answers[decision];
  const digest = createHash('sha256').update(request.rawBody).digest('hex');
  deps.log.write('WEBHOOK_ANSWERED', {
    requestId: request.requestId,
    event: event === null ? null : eventName(event),
    conversationId,
    size: request.rawBody.byteLength,
    digest,
    decision,
    status: answer.statusCode,
  });
  deps.measure(answer.statusCode === 200 ? 'WebhooksReceived' : 'WebhooksRefused');
  if (decision === 'signature-wrong') {
    deps.measure('WebhookSignaturesWrong');
  }
  if (genuine) {
    const isOurs = request.headers[sentByUsHeader] !== undefined;
    await Promise.all([
      isOurs ? undefined : countWebhook(deps, request.requestId, answer.statusCode !== 200),
      ignoredDecisions.has(decision) ? undefined : keepRaw(deps, request, event, conversationId),
    ]);
  }
  return answer;
}

/** The answer to a webhook that its headers alone give away as not genuine; null when it takes the body. */
export function refusedByHeaders(headers: SignatureHeaders): WebhookAnswer | null {
  const fault = faultInHeaders(headers);
  return fault && answers[`signature-${fault}`];
}

interface Decided {
  readonly decision: Decision;
  readonly conversationId: number | null;
  readonly genuine: boolean;
}

async function decide(
  deps: WebhookDependencies,
  request: WebhookRequest,
  event: string | null,
): Promise<Decided> {
  const refused = (decision: Decision): Decided => ({ decision, conversationId: null, genuine: false });
  const signature = await signatureOf(deps, request);
  if (signature !== 'genuine') {
    return refused(signature);
  }
  const ended = (decision: Decision): Decided => ({ decision, conversationId: null, genuine: true });
  if (!deps.settings.freescout.webhookEnabled) {
    return ended('ignored-disabled');
  }
  if (event !== null && !eventsActedOn.has(event)) {
    return ended('ignored-event');
  }
  if (request.rawBody.byteLength === 0) {
    return ended('body-empty');
  }
  const tooLarge = request.rawBody.byteLength > bodyLimitBytes;
  const payload = jsonObject(request.rawBody);
  if (payload !== null && isProofConversation(payload)) {
    return ended('proof');
  }
  const conversationId = payload === null ? null : conversationIdIn(payload);
  if (conversationId === null) {
    return ended(tooLarge ? 'too-large' : payload === null ? 'body-not-json' : 'no-conversation-id');
  }
  try {
    await deps.queue.send(
      { kind: 'conversation', conversationId, cause: 'webhook', requestId: request.requestId },
      deduplicationId.webhook(event ?? '', request.rawBody),
    );
  } catch {
    return { decision: 'queue-unavailable', conversationId, genuine: true };
  }
  return { decision: tooLarge ? 'queued-too-large' : 'queued', conversationId, genuine: true };
}

async function signatureOf(
  deps: WebhookDependencies,
  request: WebhookRequest,
): Promise<
  'genuine' | Extract<Decision, 'signature-wrong' | 'signature-missing' | 'no-secret' | 'secret-unreadable'>
> {
  let secrets: readonly string[];
  try {
    secrets = await deps.secrets();
  } catch {
    return 'secret-unreadable';
  }
  const check = checkSignature(
    request.rawBody,
    {
      signature: request.headers['x-freescout-signature'],
      secret: request.headers['x-webhook-secret'],
    },
    secrets,
  );
  return check === 'wrong' || check === 'missing' ? `signature-${check}` : check;
}

function jsonObject(rawBody: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rawBody));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null;
  } catch {
    return null;
  }
}

function conversationIdIn(payload: Readonly<Record<string, unknown>>): number | null {
  const id = payload.id ?? payload.conversation_id;
  const isNumeric = typeof id === 'number' || (typeof id === 'string' && /^\d+$/.test(id));
  return isNumeric && Number.isSafeInteger(Number(id)) && Number(id) > 0 ? Number(id) : null;
}

/** The header of an unknown sender goes into the log line only if it looks like an event's name. */
function eventName(event: string): string {
  return /^[\w.-]{1,60}$/.test(event) ? event : 'unreadable';
}

/** Counting and keeping must never make FreeScout repeat a webhook that is queued already. */
async function countWebhook(deps: WebhookDependencies, requestId: string, failed: boolean): Promise<void> {
  try {
    await deps.store.state.countWebhook(requestId, failed, deps.clock.now());
  } catch {
    deps.log.write('WEBHOOK_NOT_COUNTED', { requestId });
  }
}

async function keepRaw(
  deps: WebhookDependencies,
  request: WebhookRequest,
  event: string | null,
  conversationId: number | null,
): Promise<void> {
  if (deps.settings.webhook.keepRawDays === 0) {
    return;
  }
  try {
    await deps.store.webhookEvents.keep({
      id: request.requestId,
      event,
      conversationId,
      rawBody: request.rawBody,
      receivedAt: deps.clock.now(),
      keepDays: deps.settings.webhook.keepRawDays,
    });
  } catch {
    deps.log.write('WEBHOOK_NOT_KEPT', { requestId: request.requestId, conversationId });
  }
}
