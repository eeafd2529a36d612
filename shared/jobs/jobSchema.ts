import * as z from 'zod';
import { alertKinds, digestKinds } from '#shared/alerts/alertKinds.ts';
import { channelKinds, firstChannel } from '#shared/channels/channelKinds.ts';
import { parseJson } from '#shared/http/parseJson.ts';

const causes = [
  'poll',
  'back-fill',
  'gap-check',
  'webhook',
  'sweep',
  'wake',
  'written',
  'requeued',
  'follow-ups',
  'replay',
  'connect',
] as const;

/** Jobs that an earlier release queued call `requeued` by its old name. */
export const jobCauseSchema = z.preprocess(
  (cause) => (cause === 'moved' ? 'requeued' : cause),
  z.enum(causes),
);

const origin = {
  cause: jobCauseSchema,
  /** Id of the request or run that started it all; travels into every log line. */
  requestId: z.string().min(1).max(200),
};

export const incomingMessageJobSchema = z.object({
  kind: z.literal('incoming-message'),
  channel: z.enum(channelKinds),
  alias: z.string().min(1),
  messageId: z.string().min(1),
  /** Thread of the channel: messages of one thread are worked on one after the other. */
  threadId: z.string().min(1),
  /** Set when the message belongs to an existing conversation: the job then runs in that conversation's message group. */
  conversationId: z.int().positive().optional(),
  /** Its sender is over their share: it runs in the one group of such messages, until it goes on in a conversation's. */
  overShare: z.literal(true).optional(),
  ...origin,
});

/** The job of a message as releases with one channel queued it; it can lie in the queue or among the dead letters. */
const mailJobSchema = z
  .object({
    kind: z.literal(firstChannel.jobKind),
    account: z.string().min(1),
    messageId: z.string().min(1),
    [firstChannel.threadId]: z.string().min(1),
    conversationId: z.int().positive().optional(),
    ...origin,
  })
  .transform(({ account, [firstChannel.threadId]: threadId, ...job }) => ({
    ...job,
    kind: 'incoming-message' as const,
    channel: firstChannel.kind,
    alias: account,
    threadId,
  }));

export const conversationJobSchema = z.object({
  kind: z.literal('conversation'),
  conversationId: z.int().positive(),
  /** Afterwards also look whether this is due: a draft for a customer who waits too long, or who does not answer us. */
  step: z.enum(['follow-up', 'reminder']).optional(),
  /** Row of a message that another conversation holds and that speaks of this one, whose agents a note tells of it. */
  relatedRowKey: z.string().optional(),
  /** Ledger row that was woken; settled too when the conversation turns out to be gone. */
  rowKey: z.string().optional(),
  ...origin,
});

export const alertJobSchema = z.object({
  kind: z.literal('alert'),
  conversationId: z.int().positive(),
  alert: z.enum(alertKinds),
  ...origin,
});

export const digestJobSchema = z.object({
  kind: z.literal('digest'),
  digest: z.enum(digestKinds),
  /** The day that it tells of, in UTC; or an hour of it, as `2026-11-20T14`. */
  day: z.union([z.iso.date(), z.string().regex(/^\d{4}-\d\d-\d\dT\d\d$/)]),
  ...origin,
});

export const selfCheckJobSchema = z.object({
  kind: z.literal('self-check'),
  ...origin,
});

/** Checks what the queue carries; see `jobs.ts` for what each kind of job is for. */
export const jobSchema = z.discriminatedUnion('kind', [
  incomingMessageJobSchema,
  mailJobSchema,
  conversationJobSchema,
  alertJobSchema,
  digestJobSchema,
  selfCheckJobSchema,
]);

/** Reads the job in a message of the queue; null when the message is none. */
export function readJob(body: string): z.infer<typeof jobSchema> | null {
  return jobSchema.safeParse(parseJson(body)).data ?? null;
}
