import * as z from 'zod';

/*
 * How release 0.1.0 reads its tables: its schemas, word for word. While an update runs, and after it is taken back, that code reads
 * what the present one wrote. So they never change; the next release gets its own.
 */
const keyPattern =
  /^(gmail:[a-z0-9-]{1,32}:[\w-]{1,64}|freescout:\d+:(\d+|-\d*)|followup:\d+:\d+|alert:\d+:(p0|p0-follow-up|loop))$/;

const ledgerKey = z.string().regex(keyPattern);

const triageSchema = z.object({
  type: z.enum(['lead', 'customer', 'other']),
  importance: z.number().min(1).max(10),
  reasoning: z.string(),
  facts: z.array(z.string()),
  uncertainties: z.array(z.string()),
  language: z.string(),
  sentiment: z.enum(['angry', 'unhappy', 'neutral', 'happy']),
  needsReply: z.boolean(),
  escalationReason: z.string().nullable(),
  escalationWords: z.array(z.string()),
  promptVersion: z.string(),
});

const rowSchema = z.object({
  key: ledgerKey,
  status: z.enum(['processing', 'deferred', 'failed', 'filtered', 'success']),
  statusAt: z.string(),
  firstSeenAt: z.string(),
  attempts: z.int().min(0),
  action: z
    .enum([
      'create',
      'append',
      'note',
      'drafted',
      'noted',
      'no-draft',
      'answered',
      'covered',
      'superseded',
      'closed',
      'spam',
      'deleted',
      'tagged',
      'alerted',
    ])
    .exactOptional(),
  reason: z.string().exactOptional(),
  retryable: z.boolean().exactOptional(),
  failedSince: z.string().exactOptional(),
  gmailThreadId: z.string().exactOptional(),
  conversationId: z.int().positive().exactOptional(),
  threadId: z.int().positive().exactOptional(),
  leaseOwner: z.string().exactOptional(),
  leaseUntil: z.string().exactOptional(),
  writeStartedAt: z.string().exactOptional(),
  noDraft: z.string().nullable().exactOptional(),
  related: z
    .object({ conversationId: z.int().positive(), why: z.enum(['sender-has-no-part', 'revived']) })
    .exactOptional(),
  triage: triageSchema.exactOptional(),
  ticketAnyway: z.literal(true).exactOptional(),
  followUp: z.enum(['drafted', 'noted', 'waiting', 'no-draft']).exactOptional(),
  alertedBy: z.array(z.string()).exactOptional(),
  version: z.int().positive(),
  listedStatus: z.string().optional(),
});

const entrySchema = z.object({
  key: z.union([
    z.templateLiteral(['gmail:', z.string(), ':', z.string()]),
    z.templateLiteral(['mail:', z.string()]),
    z.templateLiteral(['freescout:', z.int()]),
  ]),
  conversationId: z.int().positive(),
});

const originShape = {
  type: z.enum(['lead', 'customer', 'other']),
  bucket: z.enum(['p0', 'p1', 'p2', 'p3']),
  language: z.string(),
  promptVersion: z.string(),
};

const conversationIdSchema = z.string().regex(/^\d+$/).transform(Number);

const liveSchema = z.object({
  conversationId: conversationIdSchema,
  state: z.enum(['creating', 'live', 'sent', 'replaced', 'gone']),
  kind: z.enum(['reply', 'followup', 'reminder']),
  answeredThreadId: z.int(),
  draftThreadId: z.int().nullable(),
  fingerprint: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  version: z.int().positive(),
  ...originShape,
});

const cycleSchema = z.object({
  conversationId: conversationIdSchema,
  answeredThreadId: z.int(),
  draftThreadId: z.int().nullable(),
  kind: z.enum(['reply', 'followup', 'reminder']),
  outcome: z.enum(['unchanged', 'light-edit', 'heavy-edit', 'replaced', 'discarded', 'withdrawn']),
  similarity: z.number().nullable(),
  minutesToSend: z.number().nullable(),
  endedAt: z.string(),
  ...originShape,
});

const textSchema = z.object({
  html: z.string(),
  expiresAt: z.number(),
  item: z.templateLiteral(['text#', z.int()]),
});

const gmailCursorSchema = z.object({
  account: z.string(),
  historyId: z.string().nullable(),
  polledAt: z.string().nullable(),
  gapCheckedAt: z.string().nullable(),
  fault: z.string().nullable(),
  missing: z.int().min(0),
  version: z.int().min(1),
});

const sweepCursorSchema = z.object({
  listedAt: z.string().nullable(),
  ranAt: z.string().nullable(),
  failedWokenAt: z.string().nullable(),
  missing: z.int().min(0),
});

const draftProofSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('proven'), url: z.string(), at: z.string() }),
  z.object({ state: z.literal('stopped'), url: z.string(), at: z.string(), reason: z.string() }),
]);

const registeredWebhookSchema = z.object({
  id: z.int().positive(),
  freescoutUrl: z.string(),
  target: z.string(),
});

const beginningSchema = z.object({ mail: ledgerKey });
const intakeSchema = z.object({ since: z.iso.datetime() });
const callsSchema = z.object({ calls: z.int().min(0) });
const turnSchema = z.object({ until: z.int().min(0) });
const senderSchema = z.object({ mails: z.set(z.string().regex(/^\d+:./)) });

const counterSchema = z
  .object({ key: z.string(), webhookLastAt: z.string().optional(), rowClaimedAt: z.string().optional() })
  .catchall(z.number());

const meterSchema = z.object({
  day: z.string(),
  month: z.string(),
  dayNano: z.int(),
  monthNano: z.int(),
  draftsToday: z.int(),
});

const headSchema = z.object({
  event: z.string().nullable(),
  conversationId: z.int().nullable(),
  receivedAt: z.string(),
  body: z.instanceof(Uint8Array),
  furtherParts: z.int().min(0),
  expiresAt: z.number(),
});
const partSchema = z.object({ eventId: z.string(), body: z.instanceof(Uint8Array) });

type Item = Readonly<Record<string, unknown>>;

/** By the beginning of their key. Release 0.1.0 asks for items by their whole key, so it never meets one of another name. */
const stateSchemas: readonly (readonly [RegExp, z.ZodType])[] = [
  [/^gmail-cursor#/, gmailCursorSchema],
  [/^sweep-cursor$/, sweepCursorSchema],
  [/^draft-proof$/, draftProofSchema],
  [/^registered-webhook$/, registeredWebhookSchema],
  [/^beginning#/, beginningSchema],
  [/^intake\.since$/, intakeSchema],
  [/^meter$/, meterSchema],
  [/^counter#/, counterSchema],
  [/^calls#/, callsSchema],
  [/^sender#.*#turn$/, turnSchema],
  [/^sender#.*#\d+$/, senderSchema],
];

/**
 * It asks for a row by its key, by status through the index (`listedStatus`), and by its conversation. One row that it cannot read
 * makes it refuse the whole list, so a row under a key that it does not know must be in neither.
 */
function schemaOfRow(item: Item): z.ZodType | undefined {
  const isMet = keyPattern.test(String(item.key)) || 'listedStatus' in item || 'conversationId' in item;
  return isMet ? rowSchema : undefined;
}

function schemaOfDraft({ item }: Item): z.ZodType | undefined {
  const name = String(item);
  if (name === 'live') {
    return liveSchema;
  }
  return name.startsWith('cycle#') ? cycleSchema : name.startsWith('text#') ? textSchema : undefined;
}

const schemaOf: Readonly<Record<string, (item: Item) => z.ZodType | undefined>> = {
  ProcessedMessages: schemaOfRow,
  // It reads all of the map where it looks for the entries of a conversation.
  ThreadMap: () => entrySchema,
  BotDrafts: schemaOfDraft,
  SystemState: ({ key }) => stateSchemas.find(([name]) => name.test(String(key)))?.[1],
  WebhookEvents: (item) => ('receivedAt' in item ? headSchema : partSchema),
};

/**
 * What keeps release 0.1.0 from reading items.
 *
 * @param table - its name without what CloudFormation adds.
 * @returns one line per item that it would refuse; empty when it reads all that it meets.
 */
export function unreadableByRelease010(table: string, items: readonly Item[]): readonly string[] {
  return items.flatMap((item) => {
    const result = schemaOf[table]?.(item)?.safeParse(item);
    const name = [item.key, item.conversationId, item.item, item.eventId].filter(Boolean).join(' ');
    return result === undefined || result.success
      ? []
      : [
          `${table} ${name}: ${result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ')}`,
        ];
  });
}
