import { randomUUID } from 'node:crypto';
import { chosenSettings } from '#infra/local/runSettings.ts';
import { type KeptSecrets, keepSecrets, readKeptSecrets } from '#infra/local/secretsFile.ts';
import { deduplicationId, type SelfCheckJob } from '#shared/jobs/jobs.ts';
import { mergeSettings, parseSettings, type Settings } from '#shared/settings/settings.ts';
import type { Cli } from '../command.ts';
import { type Deployment, isLocalRunning } from '../deployment.ts';
import { CommandFailed } from '../terminal.ts';

/**
 * Settings for making a connection: those of the system, except that a part it uses a stand-in for has its address from `cdk.json` and
 * the environment; where none runs on this machine, all of them are from there.
 *
 * @throws {CommandFailed} when they cannot be read.
 */
export async function settingsForConnecting(cli: Cli): Promise<Settings> {
  if (cli.stack !== null) {
    return (await cli.deployment()).settings;
  }
  const { CSM_SETTINGS, OPENAI_BASE_URL, GMAIL_ROOT_URL, GOOGLE_TOKEN_URL, FREESCOUT_URL } =
    cli.terminal.environment;
  const chosen = await chosenSettings({ settings: objectIn(CSM_SETTINGS), logLevel: undefined });
  const deployment = isLocalRunning(cli.dataDirectory) ? await cli.deployment() : null;
  const from = (part: keyof Deployment['isReal']) =>
    deployment?.isReal[part] ? deployment.settings : chosen;
  const keptUrl = deployment?.isReal.freescout ? undefined : readKeptSecrets(cli.dataDirectory).FREESCOUT_URL;
  const { rootUrl, tokenUrl } = from('gmail').gmail;
  return parseSettings(
    mergeSettings(deployment?.settings ?? chosen, {
      freescout: { url: FREESCOUT_URL || keptUrl || from('freescout').freescout.url },
      openai: { baseUrl: OPENAI_BASE_URL || from('openai').openai.baseUrl },
      gmail: { rootUrl: GMAIL_ROOT_URL || rootUrl, tokenUrl: GOOGLE_TOKEN_URL || tokenUrl },
    }),
  );
}

function objectIn(json: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json || '{}');
    if (typeof value === 'object' && value !== null) {
      return { ...value };
    }
  } catch {
    // Told below.
  }
  throw new CommandFailed('CSM_SETTINGS is not a JSON object.');
}

/** Fills a secret of a stack, and has the worker look at it, so that `/ready` knows within a minute. */
export async function putSecretOfStack(
  { putSecret, queue }: Pick<Deployment, 'putSecret' | 'queue'>,
  { name, values }: { readonly name: string; readonly values: Readonly<Record<string, string>> },
): Promise<void> {
  await putSecret(name, values);
  const job: SelfCheckJob = { kind: 'self-check', cause: 'connect', requestId: `connect-${randomUUID()}` };
  await queue.send(job, deduplicationId.selfCheck(job));
}

/**
 * Keeps what was checked: in the stack's secret, or in the data directory's `secrets.env`, which `npm start` reads.
 *
 * @param secret - name of the secret on AWS and everything it holds from now on.
 * @param variables - the same for one machine; an empty value takes a variable away.
 * @returns where it is kept and what comes next, as a sentence.
 */
export async function storeCredentials(
  cli: Cli,
  secret: { readonly name: string; readonly values: Readonly<Record<string, string>> },
  variables: KeptSecrets,
): Promise<string> {
  if (cli.stack !== null) {
    const deployment = await cli.deployment();
    await putSecretOfStack(deployment, secret);
    return `Stored in the secret ${secret.name} of ${deployment.name}; it is in use within ten minutes.`;
  }
  const file = keepSecrets(cli.dataDirectory, variables);
  const shadowed = Object.keys(variables).filter((name) => cli.terminal.environment[name]);
  const next = isLocalRunning(cli.dataDirectory)
    ? 'Start the system again to use it.'
    : '"npm start" uses it from now on.';
  return shadowed.length === 0
    ? `Kept in ${file}. ${next}`
    : `Kept in ${file}. ${next} The environment comes first: ${shadowed.join(', ')} must not be set to something else there.`;
}
