import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import * as z from 'zod';
import { localAccount, localRegion, type ResourceIdentity } from './templateValues.ts';

export const secretType = 'AWS::SecretsManager::Secret';

const secretSchema = z.object({
  Name: z.string().optional(),
  SecretString: z.string().optional(),
  GenerateSecretString: z
    .object({
      SecretStringTemplate: z.string().default('{}'),
      GenerateStringKey: z.string().optional(),
      PasswordLength: z.number().default(32),
    })
    .optional(),
});

interface SecretVersions {
  readonly name: string;
  current: string;
  currentId: string;
  previous: string | undefined;
  previousId: string | undefined;
}

export interface LocalSecrets {
  readonly endpoint: string;
  readonly create: (id: string, properties: unknown) => ResourceIdentity;
  /** Replaces the value of a secret, found by ARN or name. */
  readonly put: (secretId: string, value: string) => void;
  readonly get: (secretId: string) => string;
  readonly close: () => Promise<void>;
}

/**
 * Starts the part of Secrets Manager that is needed: GetSecretValue and PutSecretValue in its JSON 1.1 protocol. Every
 * other call, also one meant for another service, is refused: nothing reaches AWS from one machine.
 */
export async function startSecrets(): Promise<LocalSecrets> {
  const secrets = new Map<string, SecretVersions>();
  const arnOf = (name: string) => `arn:aws:secretsmanager:${localRegion}:${localAccount}:secret:${name}`;
  const find = (secretId: string) => secrets.get(secretId) ?? secrets.get(arnOf(secretId));

  const put = (secretId: string, value: string): SecretVersions => {
    const secret = find(secretId);
    if (secret === undefined) {
      throw new Error(`There is no secret ${secretId}.`);
    }
    secret.previous = secret.current;
    secret.previousId = secret.currentId;
    secret.current = value;
    secret.currentId = randomBytes(16).toString('hex');
    return secret;
  };

  const calls: Record<string, (body: Record<string, unknown>) => Record<string, unknown> | undefined> = {
    'secretsmanager.GetSecretValue': ({ SecretId, VersionStage }) => {
      const secret = find(String(SecretId));
      const previous = VersionStage === 'AWSPREVIOUS';
      const value = previous ? secret?.previous : secret?.current;
      return secret && value !== undefined
        ? {
            ARN: arnOf(secret.name),
            Name: secret.name,
            SecretString: value,
            VersionId: previous ? secret.previousId : secret.currentId,
            VersionStages: [previous ? 'AWSPREVIOUS' : 'AWSCURRENT'],
            CreatedDate: Date.now() / 1000,
          }
        : undefined;
    },
    'secretsmanager.PutSecretValue': ({ SecretId, SecretString }) => {
      if (find(String(SecretId)) === undefined) {
        return undefined;
      }
      const secret = put(String(SecretId), String(SecretString));
      return {
        ARN: arnOf(secret.name),
        Name: secret.name,
        VersionId: secret.currentId,
        VersionStages: ['AWSCURRENT'],
      };
    },
  };

  const app = new Hono();
  app.all('*', async (context) => {
    const target = context.req.header('x-amz-target') ?? `${context.req.method} ${context.req.path}`;
    const call = calls[target];
    if (call === undefined) {
      return context.json(
        {
          __type: 'UnknownOperationException',
          message: `"${target}" does not exist on one machine; nothing was sent to AWS.`,
        },
        400,
      );
    }
    const answer = call(await context.req.json());
    return answer === undefined
      ? context.json(
          {
            __type: 'ResourceNotFoundException',
            Message: "Secrets Manager can't find the specified secret.",
          },
          400,
        )
      : context.json(answer);
  });

  const { server, port } = await new Promise<{ server: Server; port: number }>((resolve) => {
    const started = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (info) =>
      resolve({ server: started as Server, port: info.port }),
    );
  });

  return {
    endpoint: `http://127.0.0.1:${port}`,
    create: (id, properties) => {
      const secret = secretSchema.parse(properties);
      const name = secret.Name ?? id;
      const current = secret.GenerateSecretString
        ? generate(secret.GenerateSecretString)
        : (secret.SecretString ?? '');
      secrets.set(arnOf(name), {
        name,
        current,
        currentId: randomBytes(16).toString('hex'),
        previous: undefined,
        previousId: undefined,
      });
      return { ref: arnOf(name), attributes: { Id: arnOf(name) } };
    },
    put: (secretId, value) => void put(secretId, value),
    get: (secretId) => {
      const secret = find(secretId);
      if (secret === undefined) {
        throw new Error(`There is no secret ${secretId}.`);
      }
      return secret.current;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function generate(options: {
  readonly SecretStringTemplate: string;
  readonly GenerateStringKey?: string | undefined;
  readonly PasswordLength: number;
}): string {
  const generated = randomBytes(options.PasswordLength)
    .toString('base64url')
    .slice(0, options.PasswordLength);
  return options.GenerateStringKey === undefined
    ? generated
    : JSON.stringify({ ...JSON.parse(options.SecretStringTemplate), [options.GenerateStringKey]: generated });
}
