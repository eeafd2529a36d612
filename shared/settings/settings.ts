import * as z from 'zod';
import { mostPlaces } from '#shared/store/senderCounts.ts';
import { hygieneSettingsSchema } from './hygieneSettings.ts';
import { renamedFaults, withNewNames } from './renamedSettings.ts';
import { SettingsError } from './settingsError.ts';

/**
 * Has a cross-check run whenever the values that it reads are there; zod would leave it out as soon as any other key of the
 * object is wrong, and the operator would meet that fault only after mending this one.
 */
function whenReadable(readable: z.ZodType) {
  return { when: ({ value }: z.core.ParsePayload) => readable.safeParse(value).success };
}

const anyRecord = z.record(z.string(), z.unknown());

/** With the longest aliases as many fit into a function's environment; a test counts. */
const mostGmailChannels = 12;

/** What every kind of channel has. */
const channelShape = {
  alias: z
    .string()
    .regex(
      /^(?=.{1,32}$)[a-z0-9]+(-[a-z0-9]+)*$/,
      'lower-case letters and digits, with single dashes between them, at most 32',
    )
    .describe('Name of the channel in keys, logs and commands; never change it once messages were read.'),
  mailboxId: z
    .int()
    .positive()
    .describe('Id of the FreeScout mailbox that gets its conversations; several channels may feed one.'),
};

/** A Gmail address and the FreeScout mailbox it feeds. */
const gmailChannelSchema = z.strictObject({
  kind: z.literal('gmail').describe('What the channel is: `gmail`.'),
  alias: channelShape.alias,
  address: z.email().describe('The Gmail address customers write to.'),
  mailboxId: channelShape.mailboxId,
  ownAddresses: z
    .array(z.email())
    .default([])
    .describe(
      'Further addresses of yours (aliases, groups that pass mail on to you, the FreeScout mailbox, its users): their mail is never ticketed and they are left out of cc. All of them, and the Gmail address, count with any addition too (support+shop@…).',
    ),
});

/** A further kind of channel is a further member. */
const channelSchema = z.discriminatedUnion('kind', [gmailChannelSchema], {
  error: ({ code }) => (code === 'invalid_union' ? 'must be "gmail"' : undefined),
});

/** Has every channel that has this key have a value of its own. */
const isDistinct =
  <Key extends 'alias' | 'address'>(key: Key) =>
  (channels: readonly Readonly<Partial<Record<Key, string>>>[], context: z.core.$RefinementCtx) => {
    const seen = new Set<string>();
    channels.forEach(({ [key]: written }, index) => {
      if (written === undefined) {
        return;
      }
      // The names of secrets leave the dashes of an alias out.
      const value = key === 'alias' ? written.replaceAll('-', '') : written;
      if (seen.has(value)) {
        context.addIssue({
          code: 'custom',
          path: [index, key],
          message: `${key} is used by another channel${key === 'alias' ? '; dashes do not count' : ''}`,
        });
      }
      seen.add(value);
    });
  };

const rateLimit = (maxRequests: number) =>
  z
    .strictObject({
      maxRequests: z
        .int()
        .min(0)
        .default(maxRequests)
        .describe('Calls allowed per window, over all workers; further calls wait; 0 = no limit.'),
      windowSeconds: z.int().positive().default(60).describe('Length of the window in seconds.'),
    })
    .prefault({});

const freescoutSchema = z.strictObject({
  url: z
    .union([z.literal(''), z.url({ protocol: /^https?$/ })])
    .default('')
    .describe(
      'Address of FreeScout without /api, for example https://desk.example.com; empty = not configured.',
    ),
  botUserId: z
    .int()
    .positive()
    .default(2)
    .describe('Id of the FreeScout user who writes notes and drafts; give it access to the mailboxes.'),
  webhookEnabled: z
    .boolean()
    .default(true)
    .describe('FreeScout calls our webhook; false = its conversations are listed every sweep instead.'),
  safetyNet: z
    .boolean()
    .default(true)
    .describe(
      'With webhooks on, list the conversations once an hour all the same and repair what was missed.',
    ),
  imported: z
    .boolean()
    .default(true)
    .describe(
      'Mark new conversations as imported: FreeScout sends no auto-reply for them and notifies no agent. Of later messages FreeScout tells the agents itself.',
    ),
  assignTo: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('User id that unassigned conversations are assigned to; null = leave them.'),
  applyTags: z.boolean().default(true).describe('Set type, bucket and high-priority tags.'),
  updatePriority: z
    .boolean()
    .default(true)
    .describe('Write the bucket into priorityFieldId when that is set.'),
  postNotes: z.boolean().default(true).describe('Post the internal note with the reasoning.'),
  priorityFieldId: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('Custom field that carries the priority; null = tags only.'),
  priorityFieldValues: z
    .strictObject({ p0: z.string(), p1: z.string(), p2: z.string(), p3: z.string() })
    .default({ p0: '4', p1: '3', p2: '2', p3: '1' })
    .describe('Value of the priority field per bucket; for a dropdown the option id.'),
  typeFieldId: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('Custom text field that receives lead, customer or other; null = none.'),
  importanceFieldId: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('Custom number field that receives the importance 1 to 10; null = none.'),
  attachmentLimitMegabytes: z
    .number()
    .min(0)
    .max(50)
    .default(10)
    .describe(
      'Attachments of one mail are passed on up to this size in all; larger ones are named in the text.',
    ),
  timeoutSeconds: z.number().positive().max(60).default(15).describe('Time limit of one call.'),
  attempts: z
    .int()
    .min(1)
    .max(5)
    .default(2)
    .describe('Attempts per reading call; writing calls are never repeated inside a job.'),
  rateLimit: rateLimit(100).describe('Calls to FreeScout per window.'),
});

const gmailSchema = z.strictObject({
  pollMinutes: z.int().min(1).max(60).default(1).describe('Minutes between two polls.'),
  backfillDays: z
    .number()
    .min(0)
    .max(365)
    .default(1)
    .describe('The first start brings in mail of this many days; nothing older is ever touched.'),
  excludedLabels: z
    .array(z.string())
    .default([])
    .describe(
      'Further Gmail labels, by name or id, that are not ticketed, besides SENT, DRAFT, SPAM, TRASH and CHAT.',
    ),
  requiredLabels: z
    .array(z.string())
    .default([])
    .describe('When not empty, only mail that carries one of these labels, by name or id, is ticketed.'),
  gapCheckDays: z
    .number()
    .min(0)
    .max(30)
    .default(2)
    .describe('The hourly gap check looks back this many days; 0 = off.'),
  reviveAfterDays: z
    .int()
    .positive()
    .default(90)
    .describe('A thread silent for longer that comes back under a new subject starts a new conversation.'),
  label: z
    .string()
    .default('')
    .describe(
      'Label put on ticketed mail; needs the wider scope gmail.modify, which allows sending; empty = off.',
    ),
  timeoutSeconds: z.number().positive().max(60).default(15).describe('Time limit of one call.'),
  attempts: z.int().min(1).max(8).default(4).describe('Attempts per call, with back-off.'),
  rootUrl: z
    .url()
    .nullable()
    .default(null)
    .describe('Other address of the Gmail API, for tests; null = Google.'),
  tokenUrl: z
    .url()
    .nullable()
    .default(null)
    .describe('Other address of the token endpoint, for tests; null = Google.'),
});

const reasoningEffort = z.enum(['none', 'minimal', 'low', 'medium', 'high']);

const priceSchema = z.strictObject({
  input: z.number().min(0).describe('USD per million input tokens.'),
  cachedInput: z.number().min(0).describe('USD per million cached input tokens.'),
  output: z.number().min(0).describe('USD per million output tokens.'),
});

const hasPrice =
  (key: 'triageModel' | 'draftModel') =>
  (
    openai: Readonly<Record<typeof key, string>> & { readonly prices: Readonly<Record<string, unknown>> },
    context: z.core.$RefinementCtx,
  ) => {
    if (openai.prices[openai[key]] === undefined) {
      context.addIssue({
        code: 'custom',
        path: [key],
        message: `no price for model "${openai[key]}": add it to openai.prices`,
      });
    }
  };

const openaiSchema = z
  .strictObject({
    baseUrl: z.url().nullable().default(null).describe('Other OpenAI-compatible address; null = OpenAI.'),
    triageModel: z.string().min(1).default('gpt-5.6-luna').describe('Model that judges a conversation.'),
    draftModel: z.string().min(1).default('gpt-5.6-luna').describe('Model that writes drafts.'),
    triageMaxOutputTokens: z
      .int()
      .positive()
      .default(1500)
      .describe('Output limit of a judgement, reasoning included.'),
    draftMaxOutputTokens: z
      .int()
      .positive()
      .default(3000)
      .describe('Output limit of a draft, reasoning included.'),
    triageReasoningEffort: reasoningEffort
      .nullable()
      .default('low')
      .describe('Reasoning effort; null = not sent.'),
    draftReasoningEffort: reasoningEffort
      .nullable()
      .default('low')
      .describe('Reasoning effort; null = not sent.'),
    timeoutSeconds: z.number().positive().max(90).default(45).describe('Time limit of one model call.'),
    attempts: z.int().min(1).max(3).default(1).describe('Attempts per model call inside one job.'),
    rateLimit: rateLimit(60).describe('Model calls per window.'),
    budget: z
      .strictObject({
        dailyUsd: z.number().min(0).default(10).describe('Spend per UTC day in USD; 0 = unlimited.'),
        monthlyUsd: z.number().min(0).default(200).describe('Spend per UTC month in USD; 0 = unlimited.'),
      })
      .prefault({}),
    pricesDate: z.iso.date().default('2026-11-20').describe('Day the prices were last checked.'),
    prices: z
      .record(z.string(), priceSchema)
      .default({
        'gpt-5.6-luna': { input: 0.2, cachedInput: 0.02, output: 1.2 },
        'gpt-5.6-terra': { input: 2, cachedInput: 0.2, output: 12 },
        'gpt-5.4-mini': { input: 0.75, cachedInput: 0.075, output: 4.5 },
      })
      .describe('Prices per model; a model without a price is refused.'),
    contextMessages: z
      .int()
      .min(1)
      .max(50)
      .default(10)
      .describe('Newest messages of the conversation a prompt sees.'),
    contextCharacters: z
      .int()
      .min(1000)
      .default(24_000)
      .describe('Characters of conversation a prompt sees at most; the newest message comes first.'),
  })
  .superRefine(
    hasPrice('triageModel'),
    whenReadable(z.object({ triageModel: z.string(), prices: anyRecord })),
  )
  .superRefine(hasPrice('draftModel'), whenReadable(z.object({ draftModel: z.string(), prices: anyRecord })));

const thresholdsSchema = z
  .strictObject({
    p0: z.number().default(9).describe('Importance from which a conversation is p0.'),
    p1: z.number().default(7).describe('Importance from which a conversation is p1.'),
    p2: z.number().default(4).describe('Importance from which a conversation is p2; below it is p3.'),
    highPriority: z.number().default(8).describe('Importance from which the tag high-priority is set.'),
  })
  .refine((t) => t.p0 > t.p1, {
    error: 'p0 must be above p1',
    ...whenReadable(z.object({ p0: z.number(), p1: z.number() })),
  })
  .refine((t) => t.p1 > t.p2, {
    error: 'p1 must be above p2',
    ...whenReadable(z.object({ p1: z.number(), p2: z.number() })),
  });

const draftsSchema = z.strictObject({
  enabled: z.boolean().default(true).describe('Write drafts at all.'),
  types: z
    .array(z.enum(['lead', 'customer', 'other']))
    .default(['lead', 'customer'])
    .describe('Types of conversation that get a draft.'),
  inUseMinutes: z
    .int()
    .min(0)
    .default(15)
    .describe('A draft somebody else edited within this many minutes is in use and left alone.'),
  allowedLinkHosts: z
    .array(z.string())
    .default([])
    .describe('Hosts a draft may link to besides those in the conversation.'),
  keepTextDays: z.int().min(0).default(90).describe('Days the text of a draft is kept for comparison.'),
});

const personaSchema = z.strictObject({
  company: z.string().default('our company').describe('Name the drafts speak for.'),
  about: z
    .string()
    .default('')
    .describe('Two or three sentences about what the company does, for the drafts.'),
  tone: z.string().default('courteous, concrete and brief').describe('Tone of the drafts.'),
  rules: z
    .array(z.string())
    .default([
      'Never promise a date, a time, a price, a refund or a result.',
      'Never invent facts; when something is not known, say what is being checked.',
    ])
    .describe('Rules every draft follows.'),
});

const shareOfDay = (places: number) => z.int().min(0).max(mostPlaces).default(places);

const limitsSchema = z.strictObject({
  draftsPerDay: z
    .int()
    .min(0)
    .default(100)
    .describe('Drafts per UTC day; further conversations wait; 0 = unlimited.'),
  messagesPerAddress: shareOfDay(10).describe(
    'Messages of one address (whatever its +tag) that are judged and drafted per UTC day; further ones are ticketed and wait for the next day. Beyond as many within an hour, they are ticketed behind those of others. 0 = no share.',
  ),
  messagesPerDomain: shareOfDay(20).describe(
    'The same for all addresses at one domain, public mail domains and customers whom the team has answered before excepted; 0 = no share.',
  ),
  messagesPerRun: z
    .int()
    .positive()
    .default(100)
    .describe('Mails one poll queues at most; the rest comes with the next.'),
});

const workerSchema = z.strictObject({
  maxConcurrency: z.int().min(2).max(1000).default(4).describe('Jobs worked on at the same time.'),
  retryDelaysSeconds: z
    .array(z.int().min(0).max(43_000))
    .length(4)
    .default([10, 60, 300, 900])
    .describe('Waits after the first, second, third and fourth failed delivery of a job.'),
});

const escalationSchema = z.strictObject({
  words: z
    .record(z.string(), z.array(z.string().min(2)))
    .default({
      en: [
        'lawyer',
        'lawyers',
        'attorney',
        'attorneys',
        'legal action',
        'lawsuit',
        'sue you',
        'take you to court',
        'chargeback',
        'chargebacks',
        'dispute the charge',
        'data breach',
        'security incident',
        'hacked',
        'speak to a human',
        'talk to a human',
        'human please',
      ],
      de: [
        'anwalt',
        'anwältin',
        'anwälte',
        'rechtsanwalt',
        'rechtsanwältin',
        'rechtliche schritte',
        'klage einreichen',
        'rückbuchung',
        'datenleck',
        'sicherheitsvorfall',
        'gehackt',
        'mit einem menschen',
      ],
      fr: [
        'avocat',
        'avocate',
        'avocats',
        'poursuites judiciaires',
        'mise en demeure',
        'rétrofacturation',
        'fuite de données',
        'piraté',
        'parler à un humain',
      ],
      es: [
        'abogado',
        'abogada',
        'abogados',
        'acciones legales',
        'demanda judicial',
        'contracargo',
        'filtración de datos',
        'hackeado',
        'hablar con una persona',
      ],
      it: [
        'avvocato',
        'avvocati',
        'azioni legali',
        'vie legali',
        'storno di addebito',
        'violazione dei dati',
        'hackerato',
        'parlare con una persona',
      ],
      nl: [
        'advocaat',
        'advocaten',
        'juridische stappen',
        'terugboeking',
        'datalek',
        'gehackt',
        'met een mens',
      ],
      pt: [
        'advogado',
        'advogada',
        'advogados',
        'medidas legais',
        'estorno',
        'vazamento de dados',
        'hackeado',
        'falar com uma pessoa',
      ],
    })
    .describe('Words per language that raise the importance to the floor whatever the model says.'),
  importanceFloor: z
    .number()
    .min(1)
    .max(10)
    .default(9)
    .describe('Importance such a conversation has at least.'),
});

const weekdayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

const openingTimes = z
  .array(
    z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must look like 09:00-17:30')
      .refine((times) => times.slice(0, 5) < times.slice(6), 'must end after it starts'),
  )
  .refine(
    (day) => day.toSorted().every((times, index, sorted) => times >= (sorted[index - 1]?.slice(6) ?? '')),
    'must not overlap; hours would be counted twice',
  )
  .describe('Opening times of a day, for example 09:00-12:30.');

const calendarSchema = z.strictObject({
  timeZone: z
    .string()
    .refine(isTimeZone, 'is no time zone; it looks like Europe/Berlin')
    .describe('IANA name of the time zone.'),
  weekdays: z
    .partialRecord(z.enum(weekdayNames), openingTimes)
    .refine((days) => Object.values(days).some((times) => times.length > 0), 'must open on some day')
    .describe('Opening times per weekday; a weekday that is not named is closed.'),
  holidays: z.array(z.iso.date()).default([]).describe('Days that are closed, in that time zone.'),
});

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

const tag = z.string().trim().toLowerCase().min(1);
const tags = z.array(tag);

const followUpsSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Look for conversations that wait too long.'),
    everyHours: z.int().min(1).max(168).default(6).describe('Hours between two looks.'),
    hoursWithoutReply: z
      .number()
      .positive()
      .default(24)
      .describe(
        'Hours after which an unanswered message of a customer is due; exactly that many already are.',
      ),
    requiredTags: tags.default([]).describe('Only conversations that carry all of these tags.'),
    excludedTags: tags
      .default(['followup-ready'])
      .describe('No conversation that carries one of these tags.'),
    requiredStates: z
      .array(z.string().trim().toLowerCase().min(1))
      .default([])
      .describe('When not empty, only conversations whose status or state is one of these.'),
    includePending: z.boolean().default(false).describe('Pending conversations too, not only active ones.'),
    limit: z.int().positive().max(1000).default(100).describe('Conversations that one look queues at most.'),
    tag: tag.default('followup-ready').describe('Tag of a conversation whose follow-up is ready.'),
    dryRun: z
      .boolean()
      .default(false)
      .describe('Only log which conversations are due and why the others are not.'),
    reminder: z
      .strictObject({
        enabled: z
          .boolean()
          .default(false)
          .describe('Draft a friendly reminder where the customer does not answer our reply.'),
        afterDays: z.number().positive().default(5).describe('Days of silence after our reply.'),
        tag: tag.default('reminder-ready').describe('Tag of a conversation whose reminder is ready.'),
        maximum: z.int().positive().default(1).describe('Reminders until the customer writes again.'),
      })
      .prefault({}),
    calendars: z
      .record(z.string(), calendarSchema)
      .default({})
      .describe(
        'Business hours (timeZone, weekdays, holidays) by the alias of a channel, in which hoursWithoutReply are counted for the mailbox that it feeds; no calendar = all hours.',
      ),
  })
  .refine(({ tag: followUp, reminder }) => followUp !== reminder.tag, {
    error: 'tag and reminder.tag must differ',
    ...whenReadable(z.object({ tag: z.string(), reminder: z.object({ tag: z.string() }) })),
  });

const alertsSchema = z.strictObject({
  emails: z
    .array(z.email())
    .default([])
    .describe(
      'Addresses of operators that get alerts and alarms; on AWS each confirms its subscription once.',
    ),
  endpoints: z
    .array(z.url({ protocol: /^https$/ }))
    .default([])
    .describe('HTTPS addresses that get alerts and alarms from the topic.'),
  slack: z
    .boolean()
    .default(true)
    .describe('Post alerts and alarms to Slack once the Slack secret is filled in.'),
  p0AtTriage: z
    .boolean()
    .default(true)
    .describe('Alert when a conversation is p0, by its judgement or by words of escalation.'),
  p0AtFollowUp: z.boolean().default(true).describe('Alert when a p0 conversation is due for a follow-up.'),
  loop: z
    .boolean()
    .default(true)
    .describe('Alert when a sender writes more mails within an hour than hygiene.loopLimitPerHour.'),
  filteredDaily: z
    .boolean()
    .default(true)
    .describe('Tell once a day how many messages were filtered, by reason.'),
  includeSubject: z
    .boolean()
    .default(false)
    .describe("Put the conversation's subject into alerts; it is text of the customer."),
});

const webhookSchema = z.strictObject({
  keepRawDays: z.int().min(0).default(30).describe('Days a verified webhook is kept raw; 0 = not kept.'),
});

const loggingSchema = z.strictObject({
  level: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO').describe('Lowest level that is logged.'),
  jsonFormat: z
    .boolean()
    .default(false)
    .describe('On one machine print JSON lines instead of readable ones.'),
  retentionDays: z
    .union([7, 14, 30, 60, 90, 180, 365].map((days) => z.literal(days)))
    .default(90)
    .describe('Days CloudWatch keeps the logs.'),
});

const reservedConcurrency = z.int().positive().nullable().default(null);

const apiSchema = z
  .strictObject({
    domainName: z
      .string()
      .nullable()
      .default(null)
      .describe('Own domain of the API; null = the one AWS gives.'),
    certificateArn: z
      .string()
      .nullable()
      .default(null)
      .describe('ACM certificate of that domain, same region.'),
    requestsPerSecond: z
      .int()
      .positive()
      .default(50)
      .describe('Throttling of the webhook: requests a second; the other routes have 10 each.'),
    burst: z
      .int()
      .positive()
      .default(100)
      .describe('Throttling of the webhook: requests at once; the other routes have 20 each.'),
    webhookConcurrency: reservedConcurrency.describe(
      'Concurrent calls reserved for the webhook, and its most, so that nothing else in the account starves it; AWS has to leave 100 unreserved (an account with a limit of 10 refuses any); null = none.',
    ),
    statusConcurrency: reservedConcurrency.describe(
      'The same for /health, /ready and /metrics, whose flood then takes no more than these from the account.',
    ),
  })
  .refine((api) => (api.domainName === null) === (api.certificateArn === null), {
    error: 'domainName and certificateArn belong together: set both or neither',
    ...whenReadable(z.object({ domainName: z.string().nullable(), certificateArn: z.string().nullable() })),
  });

/** What every retention of the ledger exceeds the look-backs by: days of a job in the queue, and of operators who find out. */
const ledgerMarginDays = 30;

const ledgerSchema = z.strictObject({
  keepDays: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe(
      'Days after which rows of the ledger that ended, and entries of the thread map that no message used, are forgotten; what older messages ask for is ignored then, for good. At least 30 more than the longest look-back (gmail.gapCheckDays, backfillDays, reviveAfterDays, follow-ups); null = never.',
    ),
});

const costsSchema = z.strictObject({
  monthlyUsd: z
    .number()
    .positive()
    .nullable()
    .default(50)
    .describe(
      'Alert when the AWS account (all that runs in it; the model is billed elsewhere) has cost 80 % of this in a month, or is expected to cost more; null = no budget.',
    ),
});

/**
 * All settings with defaults. They come from the context of `cdk.json` (key `settings`), are checked at synth and again at
 * the cold start of every function, where they arrive as `settings.json` beside the code.
 */
export const settingsSchema = z.strictObject({
  channels: z
    .array(channelSchema)
    .min(1)
    .refine((channels) => channels.filter(({ kind }) => kind === 'gmail').length <= mostGmailChannels, {
      error: `at most ${mostGmailChannels} of kind "gmail": the functions find the secret of each in their environment, which holds 4 KB`,
      ...whenReadable(z.array(z.object({ kind: z.string() }))),
    })
    .default([
      { kind: 'gmail', alias: 'support', address: 'support@example.com', mailboxId: 1, ownAddresses: [] },
    ])
    .superRefine(isDistinct('alias'), whenReadable(z.array(z.object({ alias: z.string() }))))
    .superRefine(isDistinct('address'), whenReadable(z.array(z.object({ address: z.string().optional() }))))
    .describe(
      'The ways customers write to you, and the FreeScout mailboxes they feed; at most 12 of kind `gmail`.',
    ),
  freescout: freescoutSchema.prefault({}),
  gmail: gmailSchema.prefault({}),
  openai: openaiSchema.prefault({}),
  thresholds: thresholdsSchema.prefault({}),
  drafts: draftsSchema.prefault({}),
  persona: personaSchema.prefault({}),
  limits: limitsSchema.prefault({}),
  worker: workerSchema.prefault({}),
  escalation: escalationSchema.prefault({}),
  hygiene: hygieneSettingsSchema.prefault({}),
  followUps: followUpsSchema.prefault({}),
  alerts: alertsSchema.prefault({}),
  webhook: webhookSchema.prefault({}),
  logging: loggingSchema.prefault({}),
  api: apiSchema.prefault({}),
  costs: costsSchema.prefault({}),
  ledger: ledgerSchema.prefault({}),
});

const lookBackSchema = z.object({
  ledger: ledgerSchema,
  gmail: gmailSchema,
  followUps: followUpsSchema,
});

/** Whole days after which nothing looks at a message any more, unless somebody writes again. */
function longestLookBackDays({ gmail, followUps }: Omit<z.infer<typeof lookBackSchema>, 'ledger'>): number {
  const { hoursWithoutReply, reminder, calendars } = followUps;
  // Of a calendar at least one hour a day is taken for open.
  const followUpDays = hoursWithoutReply / (Object.keys(calendars).length === 0 ? 24 : 1);
  return Math.ceil(
    Math.max(
      gmail.gapCheckDays,
      gmail.backfillDays,
      gmail.reviveAfterDays,
      followUps.enabled ? followUpDays : 0,
      followUps.enabled && reminder.enabled ? reminder.afterDays * reminder.maximum : 0,
    ),
  );
}

const checkedSettingsSchema = settingsSchema
  .superRefine(
    ({ channels, followUps }, context) => {
      const calendarOf = new Map<number, string>();
      for (const alias of Object.keys(followUps.calendars)) {
        const mailboxId = channels.find((channel) => channel.alias === alias)?.mailboxId;
        const other = mailboxId === undefined ? undefined : calendarOf.get(mailboxId);
        if (mailboxId === undefined || other !== undefined) {
          context.addIssue({
            code: 'custom',
            path: ['followUps', 'calendars', alias],
            message:
              mailboxId === undefined
                ? 'is the alias of no channel'
                : `mailbox ${mailboxId} already has the calendar of "${other}"; a mailbox has one`,
          });
        } else {
          calendarOf.set(mailboxId, alias);
        }
      }
    },
    whenReadable(
      z.object({
        channels: z.array(z.object({ alias: z.string(), mailboxId: z.unknown() })),
        followUps: z.object({ calendars: anyRecord }),
      }),
    ),
  )
  .superRefine(({ ledger, gmail, followUps }, context) => {
    const least = longestLookBackDays({ gmail, followUps }) + ledgerMarginDays;
    if (ledger.keepDays !== null && ledger.keepDays < least) {
      context.addIssue({
        code: 'custom',
        path: ['ledger', 'keepDays'],
        message: `must be at least ${least}: ${ledgerMarginDays} days more than the longest look-back of gmail.gapCheckDays, gmail.backfillDays, gmail.reviveAfterDays and followUps`,
      });
    }
  }, whenReadable(lookBackSchema));

export type Settings = z.infer<typeof settingsSchema>;
/** One way customers write to us, told apart by its kind. */
export type ChannelSettings = Settings['channels'][number];
export type GmailChannelSettings = Extract<ChannelSettings, { kind: 'gmail' }>;
/** Business hours of a mailbox. */
export type Calendar = z.infer<typeof calendarSchema>;

/**
 * Checks raw settings and fills in the defaults. Keys of an earlier release are refused by name.
 *
 * @throws {SettingsError} with all faults at once, each as `path: what is wrong`.
 */
export function parseSettings(raw: unknown): Settings {
  const renamed = renamedFaults(raw);
  const result = checkedSettingsSchema.safeParse(renamed.length === 0 ? raw : withNewNames(raw));
  if (result.success && renamed.length === 0) {
    return result.data;
  }
  throw new SettingsError([
    ...renamed,
    ...(result.error?.issues ?? []).map((issue) => `${issue.path.join('.') || '(root)'}: ${issue.message}`),
  ]);
}

/** Lays `over` on top of `base`: objects key by key, everything else (lists too) replaced. */
export function mergeSettings(base: unknown, over: unknown): unknown {
  if (!isPlainObject(base) || !isPlainObject(over)) {
    return over === undefined ? base : over;
  }
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    merged[key] = mergeSettings(base[key], value);
  }
  return merged;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
