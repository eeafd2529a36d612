import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { stackName } from '#infra/createApp.ts';

/** A function as a synthesized stack deploys it. */
export interface DeployedFunction {
  /** Its folder under `functions`. */
  readonly name: string;
  /** Folder with everything that is deployed for it. */
  readonly asset: string;
  /** Of all code in it, source maps left out. */
  readonly codeBytes: number;
  /** What Node is started with, as the variable of that name says. */
  readonly nodeOptions: string;
}

const functionSchema = z.object({
  Type: z.literal('AWS::Lambda::Function'),
  Properties: z.object({
    Code: z.object({ S3Key: z.string().endsWith('.zip') }),
    Handler: z.literal('index.handler'),
    Environment: z.object({
      Variables: z.object({ POWERTOOLS_SERVICE_NAME: z.string(), NODE_OPTIONS: z.string().default('') }),
    }),
  }),
});

/** @param outdir - the cloud assembly, with the functions built. */
export function deployedFunctions(outdir: string): readonly DeployedFunction[] {
  const { Resources } = z
    .object({ Resources: z.record(z.string(), z.unknown()) })
    .parse(JSON.parse(readFileSync(join(outdir, `${stackName}.template.json`), 'utf8')));
  return Object.values(Resources)
    .flatMap((resource) => functionSchema.safeParse(resource).data ?? [])
    .map(({ Properties: { Code, Environment } }) => {
      const asset = join(outdir, `asset.${Code.S3Key.replace('.zip', '')}`);
      return {
        name: Environment.Variables.POWERTOOLS_SERVICE_NAME,
        asset,
        codeBytes: codeFiles(asset).reduce((sum, file) => sum + statSync(join(asset, file)).size, 0),
        nodeOptions: Environment.Variables.NODE_OPTIONS,
      };
    });
}

/** Names of the files with code in a function's asset. */
export function codeFiles(asset: string): readonly string[] {
  return readdirSync(asset).filter((name) => name.endsWith('.mjs'));
}

/** Every variable that a function's start looks for; nothing that they name is called. */
export const startEnvironment: Readonly<Record<string, string>> = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  POWERTOOLS_SERVICE_NAME: 'bench',
  POWERTOOLS_METRICS_NAMESPACE: 'bench',
  LEASE_SECONDS: '210',
  ...Object.fromEntries(
    [
      'TABLE_PROCESSED_MESSAGES',
      'TABLE_THREAD_MAP',
      'TABLE_BOT_DRAFTS',
      'TABLE_SYSTEM_STATE',
      'TABLE_WEBHOOK_EVENTS',
      'JOBS_QUEUE_URL',
      'DEAD_LETTER_QUEUE_URL',
      'TOPIC_ALERTS',
      'WEBHOOK_URL',
      'DEPLOYED_AT',
      'SECRET_FREESCOUT',
      'SECRET_OPENAI',
      'SECRET_GMAIL_SUPPORT',
      'SECRET_SLACK',
      'SECRET_STATUS',
    ].map((name) => [name, 'local']),
  ),
};
