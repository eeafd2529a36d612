import * as z from 'zod';
import { type GmailCredentials, gmailCredentialsIn } from '#shared/channels/gmail/gmailCredentials.ts';
import { parseJson } from '#shared/http/parseJson.ts';
import { StartRefused } from './startRefused.ts';

const url = z.url({ protocol: /^https?$/, error: 'must be an http or https address' });
const highestFirstPort = 65_532;

const environmentSchema = z
  .object({
    CSM_PORT: z.coerce
      .number({ error: 'must be a port number' })
      .int()
      .min(0)
      .max(highestFirstPort, `must be at most ${highestFirstPort}: the next three ports are used too`)
      .default(4000),
    CSM_HOST: z.string().default('127.0.0.1'),
    CSM_PUBLIC_URL: url.optional(),
    CSM_DATA_DIR: z.string().default('.csm'),
    CSM_STAND_INS: z.literal('allowed', { error: 'must be allowed, or not be set' }).optional(),
    CSM_SAMPLES: z.enum(['on', 'off'], { error: 'must be on or off' }).default('on'),
    CSM_STATUS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
    CSM_GMAIL_POLL_SECONDS: z.coerce
      .number({ error: 'must be a number above 0 and at most 3600' })
      .positive()
      .max(3600)
      .default(5),
    CSM_FOLLOW_UP_SECONDS: z.coerce
      .number({ error: 'must be a number above 0 and at most 604800' })
      .positive()
      .max(604_800)
      .optional(),
    CSM_DESK_DELAY_FACTOR: z.coerce
      .number({ error: 'must be a number from 0 to 10' })
      .min(0)
      .max(10)
      .default(0.2),
    CSM_SETTINGS: z
      .string()
      .transform((text, context): unknown => {
        const parsed = parseJson(text);
        if (parsed === undefined) {
          context.addIssue({ code: 'custom', message: 'is not valid JSON' });
          return z.NEVER;
        }
        return parsed;
      })
      .pipe(z.record(z.string(), z.unknown(), { error: 'must be a JSON object' }))
      .default({}),
    LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).optional(),
    LOG_JSON: z.enum(['true', 'false']).optional(),
    DYNAMODB_ENDPOINT: url.optional(),
    FREESCOUT_URL: url.optional(),
    FREESCOUT_KEY: z.string().optional(),
    FREESCOUT_WEBHOOK_SECRET: z.string().optional(),
    FREESCOUT_WEBHOOK_SECRET_PREVIOUS: z.string().optional(),
    OPENAI_API_KEY: z.string().optional(),
    OPENAI_BASE_URL: url.optional(),
    SLACK_WEBHOOK_URL: url.optional(),
    SMTP_HOST: z.string().optional(),
    SMTP_PORT: z.coerce.number({ error: 'must be a port number' }).int().min(1).max(65_535).optional(),
    SMTP_USERNAME: z.string().optional(),
    SMTP_PASSWORD: z.string().optional(),
    SMTP_FROM: z.string().includes('@', 'must be an e-mail address').optional(),
    SMTP_TO: z
      .string()
      .transform((list) => list.split(',').map((address) => address.trim()))
      .pipe(z.array(z.email('must be e-mail addresses with commas between them')))
      .optional(),
    GMAIL_CLIENT_ID: z.string().optional(),
    GMAIL_CLIENT_SECRET: z.string().optional(),
    GMAIL_REFRESH_TOKEN: z.string().optional(),
    GMAIL_SERVICE_ACCOUNT_EMAIL: z.email().optional(),
    GMAIL_SERVICE_ACCOUNT_PRIVATE_KEY: z.string().optional(),
    GMAIL_ROOT_URL: url.optional(),
    GOOGLE_TOKEN_URL: url.optional(),
  })
  .superRefine((environment, context) => {
    for (const { ways, optional } of realParts) {
      const isSet = (name: VariableName) => environment[name] !== undefined;
      const given = [...ways.flat(), ...optional].filter(isSet);
      const [usual, ...others] = ways;
      const way = others.find((each) => each.some(isSet)) ?? usual;
      for (const name of way.filter((each) => given.length > 0 && !isSet(each))) {
        context.addIssue({
          code: 'custom',
          path: [name],
          message: `is missing, but ${given.join(', ')} is set`,
        });
      }
    }
    if (environment.FREESCOUT_URL && !environment.OPENAI_API_KEY && !environment.CSM_STAND_INS) {
      context.addIssue({
        code: 'custom',
        path: ['OPENAI_API_KEY'],
        message:
          "is missing, but FREESCOUT_URL is set: the model's stand-in would write made-up drafts into a real FreeScout (CSM_STAND_INS=allowed lets it)",
      });
    }
  });

/** Every variable that `npm start` reads its options from. */
export const environmentVariables: readonly string[] = Object.keys(environmentSchema.shape);

const ownPrefixes = ['CSM_', 'FREESCOUT_', 'OPENAI_', 'GMAIL_', 'SMTP_', 'SLACK_'];

/** Names that look like variables of this system and that nothing reads, a sentence each: most are misspelt. */
export function unreadVariables(variables: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.keys(variables).flatMap((name) => {
    const prefix = ownPrefixes.find((each) => name.startsWith(each));
    return prefix === undefined || environmentVariables.includes(name)
      ? []
      : [
          `${name} is set, and nothing reads it. These begin like it: ${environmentVariables.filter((known) => known.startsWith(prefix)).join(', ')}.`,
        ];
  });
}

/** What `csm connect` keeps for `npm start`; a variable of the environment comes before it. */
export const keptVariables = [
  'FREESCOUT_URL',
  'FREESCOUT_KEY',
  'FREESCOUT_WEBHOOK_SECRET',
  'FREESCOUT_WEBHOOK_SECRET_PREVIOUS',
  'OPENAI_API_KEY',
  'GMAIL_CLIENT_ID',
  'GMAIL_CLIENT_SECRET',
  'GMAIL_REFRESH_TOKEN',
  'GMAIL_SERVICE_ACCOUNT_EMAIL',
  'GMAIL_SERVICE_ACCOUNT_PRIVATE_KEY',
] as const satisfies readonly VariableName[];

type VariableName = keyof z.output<typeof environmentSchema>;
type RealPart = {
  /** Sets of variables of which one is needed, the usual one first. */
  readonly ways: readonly [readonly VariableName[], ...(readonly VariableName[])[]];
  readonly optional: readonly VariableName[];
};

/** Variables that only make sense together. */
const realParts: readonly RealPart[] = [
  {
    ways: [['FREESCOUT_URL', 'FREESCOUT_KEY', 'FREESCOUT_WEBHOOK_SECRET']],
    optional: ['FREESCOUT_WEBHOOK_SECRET_PREVIOUS'],
  },
  { ways: [['OPENAI_API_KEY']], optional: ['OPENAI_BASE_URL'] },
  { ways: [['SMTP_HOST', 'SMTP_FROM', 'SMTP_TO']], optional: ['SMTP_PORT'] },
  { ways: [['SMTP_USERNAME', 'SMTP_PASSWORD', 'SMTP_HOST']], optional: [] },
  {
    ways: [
      ['GMAIL_CLIENT_ID', 'GMAIL_CLIENT_SECRET', 'GMAIL_REFRESH_TOKEN'],
      ['GMAIL_SERVICE_ACCOUNT_EMAIL', 'GMAIL_SERVICE_ACCOUNT_PRIVATE_KEY'],
    ],
    optional: ['GMAIL_ROOT_URL', 'GOOGLE_TOKEN_URL'],
  },
];

interface LocalMailServer {
  /** Variables that the function that sends alerts gets. */
  readonly variables: Readonly<Record<string, string>>;
  /** Operators, added to those of the settings. */
  readonly recipients: readonly string[];
}

/** How the system runs on this machine. A part that is undefined is a stand-in. */
export interface LocalOptions {
  /** 0: any free port. */
  readonly ports: {
    readonly api: number;
    readonly desk: number;
    readonly gmail: number;
    readonly openai: number;
  };
  /** Address the API listens on; the stand-ins listen on 127.0.0.1 alone. */
  readonly host: string;
  /** Address under which others reach the API, for example behind a proxy; undefined = its own. */
  readonly publicUrl: string | undefined;
  readonly dataDirectory: string;
  readonly samples: boolean;
  /** What stand-ins make up, drafts and sample mails, may go into a real FreeScout. */
  readonly standInsAllowed: boolean;
  /** Opens `/metrics` and the details of `/ready`; undefined = a new one at every start. */
  readonly statusToken: string | undefined;
  readonly gmailPollSeconds: number;
  /** Seconds between two looks for stale conversations, and before the first; undefined = as the settings say. */
  readonly followUpSeconds: number | undefined;
  /** Factor on the help desk stand-in's own delays (undo, autosave, webhooks). */
  readonly deskDelayFactor: number;
  /** Laid over the settings of `cdk.json`. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | undefined;
  /** Print log lines as JSON; undefined = as the settings say. */
  readonly logJson: boolean | undefined;
  readonly dynamodbEndpoint: string | undefined;
  readonly freescout:
    | {
        readonly url: string;
        readonly apiKey: string;
        readonly webhookSecret: string;
        /** Accepted too, while FreeScout changes over; empty = none. */
        readonly webhookSecretPrevious: string;
      }
    | undefined;
  readonly openai: { readonly apiKey: string; readonly baseUrl: string | undefined } | undefined;
  readonly slackWebhookUrl: string | undefined;
  /** Mail server for alerts; undefined = none. */
  readonly smtp: LocalMailServer | undefined;
  readonly gmail:
    | {
        readonly credentials: GmailCredentials;
        readonly rootUrl: string | undefined;
        readonly tokenUrl: string | undefined;
      }
    | undefined;
}

/**
 * Reads the environment variables of `npm start`; an empty one counts as not set.
 *
 * @throws {StartRefused} with every fault in one line.
 */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): LocalOptions {
  const parsed = environmentSchema.safeParse(
    Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== '')),
  );
  if (!parsed.success) {
    throw new StartRefused(
      parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '),
    );
  }
  const own = parsed.data;
  const credentials =
    gmailCredentialsIn({
      clientId: own.GMAIL_CLIENT_ID ?? null,
      clientSecret: own.GMAIL_CLIENT_SECRET ?? null,
      refreshToken: own.GMAIL_REFRESH_TOKEN ?? null,
      serviceAccountEmail: own.GMAIL_SERVICE_ACCOUNT_EMAIL ?? null,
      serviceAccountPrivateKey: own.GMAIL_SERVICE_ACCOUNT_PRIVATE_KEY ?? null,
    }) ?? undefined;
  const port = (offset: number) => (own.CSM_PORT === 0 ? 0 : own.CSM_PORT + offset);
  return {
    ports: { api: port(0), desk: port(1), gmail: port(2), openai: port(3) },
    host: own.CSM_HOST,
    publicUrl: own.CSM_PUBLIC_URL?.replace(/\/+$/, ''),
    dataDirectory: own.CSM_DATA_DIR,
    samples: own.CSM_SAMPLES === 'on',
    standInsAllowed: own.CSM_STAND_INS === 'allowed',
    statusToken: own.CSM_STATUS_TOKEN,
    gmailPollSeconds: own.CSM_GMAIL_POLL_SECONDS,
    followUpSeconds: own.CSM_FOLLOW_UP_SECONDS,
    deskDelayFactor: own.CSM_DESK_DELAY_FACTOR,
    settings: own.CSM_SETTINGS,
    logLevel: own.LOG_LEVEL,
    logJson: own.LOG_JSON === undefined ? undefined : own.LOG_JSON === 'true',
    dynamodbEndpoint: own.DYNAMODB_ENDPOINT,
    freescout:
      own.FREESCOUT_URL && own.FREESCOUT_KEY && own.FREESCOUT_WEBHOOK_SECRET
        ? {
            url: own.FREESCOUT_URL.replace(/\/+$/, ''),
            apiKey: own.FREESCOUT_KEY,
            webhookSecret: own.FREESCOUT_WEBHOOK_SECRET,
            webhookSecretPrevious: own.FREESCOUT_WEBHOOK_SECRET_PREVIOUS ?? '',
          }
        : undefined,
    slackWebhookUrl: own.SLACK_WEBHOOK_URL,
    smtp: mailServerOf(own),
    openai: own.OPENAI_API_KEY ? { apiKey: own.OPENAI_API_KEY, baseUrl: own.OPENAI_BASE_URL } : undefined,
    gmail: credentials && {
      credentials,
      rootUrl: own.GMAIL_ROOT_URL,
      tokenUrl: own.GOOGLE_TOKEN_URL,
    },
  };
}

function mailServerOf(own: z.output<typeof environmentSchema>): LocalMailServer | undefined {
  const { SMTP_HOST, SMTP_PORT, SMTP_USERNAME, SMTP_PASSWORD, SMTP_FROM, SMTP_TO } = own;
  if (!SMTP_HOST || !SMTP_FROM || !SMTP_TO) {
    return undefined;
  }
  return {
    recipients: SMTP_TO,
    variables: {
      SMTP_HOST,
      SMTP_FROM,
      ...(SMTP_PORT === undefined ? {} : { SMTP_PORT: String(SMTP_PORT) }),
      ...(SMTP_USERNAME && SMTP_PASSWORD ? { SMTP_USERNAME, SMTP_PASSWORD } : {}),
    },
  };
}
