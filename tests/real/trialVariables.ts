import * as z from 'zod';

const whatItIs = {
  CSM_TRIAL_FREESCOUT_URL: 'address of a FreeScout that may be written to, without /api',
  CSM_TRIAL_FREESCOUT_KEY: 'its API key',
  CSM_TRIAL_FREESCOUT_WEBHOOK_SECRET: 'its Secret Key for webhooks',
  CSM_TRIAL_MAILBOX:
    'id of a mailbox with a dropdown among its custom fields; all users below have access to it',
  CSM_TRIAL_BOT_USER: 'id of the user who writes notes and drafts',
  CSM_TRIAL_AGENT:
    'e-mail address of an agent who is notified by e-mail of what is theirs, as FreeScout does by default',
  CSM_TRIAL_AGENT_PASSWORD: 'the password of that agent',
  CSM_TRIAL_SMTP_PORT:
    'port of 127.0.0.1 to which FreeScout sends all its mail, without encryption; it must be free, the tests listen there',
} as const;

type VariableName = keyof typeof whatItIs;

const id = z.coerce.number({ error: 'must be a number' }).int().positive();

const schema = z.object({
  CSM_TRIAL_FREESCOUT_URL: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }),
  CSM_TRIAL_FREESCOUT_KEY: z.string(),
  CSM_TRIAL_FREESCOUT_WEBHOOK_SECRET: z.string(),
  CSM_TRIAL_MAILBOX: id,
  CSM_TRIAL_BOT_USER: id,
  CSM_TRIAL_AGENT: z.email(),
  CSM_TRIAL_AGENT_PASSWORD: z.string(),
  CSM_TRIAL_SMTP_PORT: id,
} satisfies Record<VariableName, z.ZodType>);

export type TrialVariables = z.output<typeof schema>;

const loopback = /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/;

/**
 * Which FreeScout the trials may use. One that is not on this machine has to be allowed (`CSM_TRIAL_REMOTE=allowed`): the trials make
 * conversations and send mail.
 *
 * @returns the variables, or what is missing or wrong, a line each.
 */
export function readTrialVariables(
  environment: Readonly<Record<string, string | undefined>>,
): { readonly variables: TrialVariables } | { readonly faults: readonly string[] } {
  const parsed = schema.safeParse(environment);
  if (!parsed.success) {
    return {
      faults: parsed.error.issues.map(({ path, message }) => {
        const name = String(path[0]) as VariableName;
        return `${name}: ${environment[name] === undefined ? whatItIs[name] : message}`;
      }),
    };
  }
  const { hostname } = new URL(parsed.data.CSM_TRIAL_FREESCOUT_URL);
  return loopback.test(hostname) || environment.CSM_TRIAL_REMOTE === 'allowed'
    ? { variables: parsed.data }
    : {
        faults: [
          `CSM_TRIAL_FREESCOUT_URL: ${hostname} is not this machine; CSM_TRIAL_REMOTE=allowed lets it`,
        ],
      };
}
