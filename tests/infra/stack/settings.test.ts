import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { settingsFromContext } from '#infra/createApp.ts';
import { synthesizeStack } from '#tests/support/synthesizeStack.ts';

const projectRoot = join(import.meta.dirname, '../../..');

const wrong = {
  channels: [{ kind: 'gmail', alias: 'Support Team', address: 'support@example.com', mailboxId: 1 }],
  freescout: { url: 'desk.example.com', botUserId: -1 },
  openai: { triageModel: 'unknown-model' },
  api: { domainName: 'csm.example.com' },
  colour: 'blue',
};

const faultsOf = (settings: unknown, override?: unknown): readonly string[] => {
  try {
    settingsFromContext(settings, override);
    return [];
  } catch (error) {
    return error instanceof Error ? error.message.split('\n').slice(1) : [String(error)];
  }
};

describe('wrong settings', () => {
  it('are refused with all faults at once, each with its path', () => {
    const faults = faultsOf(wrong, '{"worker":{"maxConcurrency":1}}').join('\n');
    for (const path of [
      'channels.0.alias',
      'freescout.url',
      'freescout.botUserId',
      'openai.triageModel',
      'api',
      'worker.maxConcurrency',
      '(root)',
    ]) {
      expect(faults).toContain(`  ${path}: `);
    }
    expect(faults).toContain('colour');
  });

  const channels = (...aliases: readonly string[]) => ({
    channels: aliases.map((alias, index) => ({
      kind: 'gmail',
      alias,
      address: `support${index}@example.com`,
      mailboxId: index + 1,
    })),
  });

  it.each(['-', 'a-', '-a', 'a--b', 'a'.repeat(33)])('are an alias such as %s', (alias) => {
    expect(faultsOf(channels(alias))).toEqual([
      '  channels.0.alias: lower-case letters and digits, with single dashes between them, at most 32',
    ]);
  });

  it('are aliases whose secrets would have the same name', () => {
    expect(faultsOf(channels('sales-eu', 'saleseu'))).toEqual([
      '  channels.1.alias: alias is used by another channel; dashes do not count',
    ]);
  });

  /** Aliases of the greatest length, all different. */
  const longest = (count: number) =>
    Array.from({ length: count }, (_, index) => String(index).padStart(32, 'a'));

  it('are more Gmail channels than fit into the environment of a function', () => {
    expect(faultsOf(channels(...longest(12)))).toEqual([]);
    expect(faultsOf(channels(...longest(13)))).toEqual([
      '  channels: at most 12 of kind "gmail": the functions find the secret of each in their environment, which holds 4 KB',
    ]);
    const many = synthesizeStack(channels(...longest(12)));
    const sizes = many.ofType('AWS::Lambda::Function').map(({ Properties }) => {
      const { Variables } = z
        .object({ Variables: z.record(z.string(), z.unknown()) })
        .parse(Properties.Environment);
      // Lambda measures the JSON. Addresses of queues are longer than counted here, names of tables shorter.
      const filledIn = Object.entries(Variables).map(([key, value]) => [
        key,
        typeof value === 'string'
          ? value
          : key.startsWith('SECRET_')
            ? `arn:aws-us-gov:secretsmanager:ap-southeast-2:123456789012:secret:${many.target(value).id}-ABCDEFGHIJKL-abcdef`
            : 'x'.repeat(110),
      ]);
      return JSON.stringify(Object.fromEntries(filledIn)).length;
    });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4096);
    expect(Math.max(...sizes)).toBeGreaterThan(3500);
  });

  it.each([
    ['cdk.json', { accounts: [{ alias: 'a', gmailAddress: 'a@x.example', mailboxId: 1 }] }, undefined],
    ['the override', {}, '{"accounts":[{"alias":"a","gmailAddress":"a@x.example","mailboxId":1}]}'],
  ])('are those of an earlier release in %s', (_, settings, override) => {
    expect(faultsOf(settings, override)).toEqual([
      '  accounts: is now "channels" (kind "gmail", "gmailAddress" is "address"); csm settings migrate prints the new text',
    ]);
  });

  it('are told apart from an override that is no JSON', () => {
    expect(faultsOf({}, '{worker')).toEqual(['  settingsOverride: not valid JSON']);
  });

  it('end a synth with one message and no stack trace', () => {
    const outdir = mkdtempSync(join(tmpdir(), 'csm-synth-'));
    const { status, stderr } = spawnSync(process.execPath, ['infra/app.ts'], {
      cwd: projectRoot,
      encoding: 'utf8',
      env: { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify({ settings: wrong }) },
    });
    rmSync(outdir, { recursive: true });
    expect(status).toBe(1);
    expect(stderr).toContain('The settings have 6 fault(s):');
    expect(stderr).toContain('  freescout.url: ');
    expect(stderr).toContain('cdk.json');
    expect(stderr).not.toContain('    at ');
  });
});

describe('settings', () => {
  it('in the override win over those of cdk.json, key by key', () => {
    const settings = settingsFromContext(
      { freescout: { url: 'https://desk.example.com', botUserId: 7 } },
      '{"freescout":{"botUserId":8}}',
    );
    expect(settings.freescout).toMatchObject({ url: 'https://desk.example.com', botUserId: 8 });
  });

  const stack = synthesizeStack({
    channels: [
      { kind: 'gmail', alias: 'support', address: 'support@example.com', mailboxId: 1 },
      { kind: 'gmail', alias: 'sales-eu', address: 'sales@example.com', mailboxId: 2 },
    ],
    gmail: { pollMinutes: 15 },
    worker: { maxConcurrency: 9 },
    logging: { level: 'DEBUG', retentionDays: 30 },
    api: {
      domainName: 'csm.example.com',
      certificateArn:
        'arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555',
      requestsPerSecond: 5,
      burst: 10,
    },
  });
  const variablesOf = (service: string): string =>
    JSON.stringify(
      stack
        .ofType('AWS::Lambda::Function')
        .map(({ Properties }) => Properties.Environment)
        .find((environment) => JSON.stringify(environment).includes(`"${service}"`)),
    );

  it('give every Gmail channel its own secret, which poll, worker and status find', () => {
    expect(Object.keys(stack.template.Outputs)).toEqual(
      expect.arrayContaining(['SecretGmailSupport', 'SecretGmailSalesEu']),
    );
    for (const service of ['gmail-poll', 'conversation-worker']) {
      expect(variablesOf(service)).toContain('SECRET_GMAIL_SUPPORT');
      expect(variablesOf(service)).toContain('SECRET_GMAIL_SALES_EU');
    }
    for (const service of ['freescout-webhook', 'freescout-sweep', 'status']) {
      expect(variablesOf(service)).not.toContain('SECRET_GMAIL');
    }
  });

  it('decide about interval, concurrency, log level, retention and throttling', () => {
    const rates = stack
      .ofType('AWS::Scheduler::Schedule')
      .map(({ Properties }) => Properties.ScheduleExpression);
    expect(rates).toContain('rate(15 minutes)');
    expect(stack.ofType('AWS::Lambda::EventSourceMapping')[0]?.Properties).toMatchObject({
      ScalingConfig: { MaximumConcurrency: 9 },
    });
    expect(variablesOf('status')).toContain('"LOG_LEVEL":"DEBUG"');
    const retention = stack.ofType('AWS::Logs::LogGroup').map(({ Properties }) => Properties.RetentionInDays);
    expect(new Set(retention)).toEqual(new Set([30]));
    expect(stack.ofType('AWS::ApiGatewayV2::Stage')[0]?.Properties).toMatchObject({
      DefaultRouteSettings: { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 10 },
    });
  });

  it('put the API on an own domain, with the record that its DNS needs', () => {
    expect(stack.ofType('AWS::ApiGatewayV2::DomainName')[0]?.Properties).toMatchObject({
      DomainName: 'csm.example.com',
      DomainNameConfigurations: [{ EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' }],
    });
    expect(stack.ofType('AWS::ApiGatewayV2::ApiMapping')).toHaveLength(1);
    expect(JSON.stringify(stack.template.Outputs.WebhookUrl?.Value)).toContain('/freescout');
    expect(Object.keys(stack.template.Outputs)).toContain('DomainTarget');
  });
});
