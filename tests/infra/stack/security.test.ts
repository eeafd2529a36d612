import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseSettings } from '#shared/settings/settings.ts';
import { plainName, synthesizeStack } from '#tests/support/synthesizeStack.ts';

const stack = synthesizeStack();

const statementSchema = z.object({
  Effect: z.string(),
  Action: z.union([z.string(), z.array(z.string())]),
  Condition: z.unknown().optional(),
});
const policySchema = z.object({ PolicyDocument: z.object({ Statement: z.array(statementSchema) }) });

describe('what is stored', () => {
  it('holds no secret outside Secrets Manager: variables are names, addresses and figures', () => {
    for (const { id, Properties } of stack.ofType('AWS::Lambda::Function')) {
      const { Variables } = z
        .object({ Variables: z.record(z.string(), z.unknown()) })
        .parse(Properties.Environment);
      for (const [name, value] of Object.entries(Variables)) {
        expect(`${plainName(id)}.${name}`).not.toMatch(/(PASSWORD|TOKEN|APIKEY|API_KEY|CREDENTIAL)/);
        if (/^SECRET_/.test(name)) {
          expect(stack.target(value).Type).toBe('AWS::SecretsManager::Secret');
        }
      }
    }
    const outputs = Object.entries(stack.template.Outputs).filter(([name]) => name.startsWith('Secret'));
    expect(outputs.length).toBeGreaterThan(3);
    for (const [, { Value }] of outputs) {
      // The ARN, never the value.
      expect(stack.target(Value).Type).toBe('AWS::SecretsManager::Secret');
    }
  });

  it('is forgotten: logs after 90 days, texts of drafts after 90, raw webhooks after 30, unless the settings say otherwise', () => {
    const { logging, drafts, webhook } = parseSettings({});
    expect([logging.retentionDays, drafts.keepTextDays, webhook.keepRawDays]).toEqual([90, 90, 30]);
    const shorter = synthesizeStack({ logging: { retentionDays: 7 } });
    const days = shorter.ofType('AWS::Logs::LogGroup').map(({ Properties }) => Properties.RetentionInDays);
    expect(days.length).toBeGreaterThan(5);
    expect(new Set(days)).toEqual(new Set([7]));
    const withTimeToLive = stack
      .ofType('AWS::DynamoDB::Table')
      .filter(({ Properties }) => Properties.TimeToLiveSpecification !== undefined)
      .map(({ id }) => plainName(id));
    expect(withTimeToLive.sort()).toEqual(
      stack
        .ofType('AWS::DynamoDB::Table')
        .map(({ id }) => plainName(id))
        .sort(),
    );
    expect(parseSettings({}).ledger.keepDays).toBeNull();
  });

  it('is encrypted at rest, in queues and tables, with keys that AWS keeps; only the topic has a key of its own', () => {
    for (const { Properties } of stack.ofType('AWS::SQS::Queue')) {
      expect(Properties.SqsManagedSseEnabled).toBe(true);
    }
    // Tables, secrets and logs are always encrypted; a key of our own would have to be named here.
    expect(stack.ofType('AWS::KMS::Key').map(({ id }) => plainName(id))).toEqual(['AlertsKey']);
  });
});

describe('ways in', () => {
  it.each([
    ['AWS::SQS::QueuePolicy', 2],
    ['AWS::SNS::TopicPolicy', 1],
  ])('%s refuses what is not TLS', (type, count) => {
    const policies = stack.ofType(type).map(({ Properties }) => policySchema.parse(Properties));
    expect(policies).toHaveLength(count);
    for (const { PolicyDocument } of policies) {
      const denied = PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Deny');
      expect(denied).toEqual([
        expect.objectContaining({ Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      ]);
    }
  });

  it('of an own domain speak TLS 1.2 or newer', () => {
    const own = synthesizeStack({
      api: {
        domainName: 'csm.example.com',
        certificateArn: 'arn:aws:acm:eu-central-1:111111111111:certificate/0000',
      },
    });
    const [domain] = own.ofType('AWS::ApiGatewayV2::DomainName');
    expect(domain?.Properties.DomainNameConfigurations).toEqual([
      expect.objectContaining({ SecurityPolicy: 'TLS_1_2' }),
    ]);
  });

  it('are no function addresses and no open buckets', () => {
    const types = new Set(Object.values(stack.template.Resources).map(({ Type }) => Type));
    for (const type of ['AWS::Lambda::Url', 'AWS::S3::Bucket', 'AWS::ApiGateway::RestApi']) {
      expect(types).not.toContain(type);
    }
  });
});
