import { App, Stack, Validations } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { stageThrottle } from '#infra/local/runner/throttle.ts';
import { plainName, type Resource, synthesizeStack } from '#tests/support/synthesizeStack.ts';

const stack = synthesizeStack();
const functions = stack.ofType('AWS::Lambda::Function');
const queues = stack.ofType('AWS::SQS::Queue');
const tables = stack.ofType('AWS::DynamoDB::Table');

const day = 24 * 60 * 60;

function named(resources: readonly Resource[], name: string): Resource {
  const found = resources.find((resource) => plainName(resource.id) === name);
  if (found === undefined) {
    throw new Error(`no ${name} among ${resources.map(({ id }) => plainName(id)).join(', ')}`);
  }
  return found;
}

/** Rows for it.each: name and resource. */
const rows = (resources: readonly Resource[]) =>
  resources.map((resource): [string, Resource] => [plainName(resource.id), resource]);

describe('functions', () => {
  it.each([
    ['FreescoutWebhook', 'freescout-webhook', 10, 512],
    ['GmailPoll', 'gmail-poll', 110, 512],
    ['FreescoutSweep', 'freescout-sweep', 240, 512],
    ['FollowUps', 'follow-ups', 240, 512],
    ['ConversationWorker', 'conversation-worker', 180, 1024],
    ['Status', 'status', 29, 512],
    ['AlarmToSlack', 'alarm-to-slack', 30, 512],
  ])('%s has its figures', (id, service, timeout, memory) => {
    expect(named(functions, `${id}Function`).Properties).toMatchObject({
      Timeout: timeout,
      MemorySize: memory,
      Handler: 'index.handler',
      Environment: { Variables: { POWERTOOLS_SERVICE_NAME: service } },
    });
  });

  it('are seven, without Slack six', () => {
    expect(functions).toHaveLength(7);
    const without = synthesizeStack({ alerts: { slack: false } });
    expect(without.ofType('AWS::Lambda::Function')).toHaveLength(6);
  });

  describe.each(rows(functions))('%s', (service, { Properties, id }) => {
    it('runs Node 24 on arm64, without a reserved concurrency', () => {
      expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
      expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    });

    it('writes to its own log group, which forgets', () => {
      const { LogGroup } = z.object({ LogGroup: z.unknown() }).parse(Properties.LoggingConfig);
      const logGroup = stack.target(LogGroup);
      expect(logGroup.Properties.RetentionInDays).toBe(90);
      const sharing = functions.filter(
        (each) => JSON.stringify(each.Properties.LoggingConfig) === JSON.stringify(Properties.LoggingConfig),
      );
      expect(sharing).toHaveLength(1);
    });

    it('has its own role', () => {
      const role = stack.target(Properties.Role);
      expect(functions.filter((each) => stack.target(each.Properties.Role).id === role.id)).toHaveLength(1);
    });

    it('is called again by AWS only when an alarm did not reach Slack', () => {
      const config = stack
        .ofType('AWS::Lambda::EventInvokeConfig')
        .find((each) => stack.target(each.Properties.FunctionName).id === id);
      expect(config?.Properties).toMatchObject(
        service === 'AlarmToSlackFunction'
          ? { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3600 }
          : { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 300 },
      );
    });

    it('has an environment of at most 2 KB', () => {
      const { Variables } = z
        .object({ Variables: z.record(z.string(), z.unknown()) })
        .parse(Properties.Environment);
      // What stands for a name, address or ARN is counted as one of the longest: the ARN of a secret.
      const bytes = Object.entries(Variables).reduce(
        (sum, [key, value]) => sum + key.length + (typeof value === 'string' ? value.length : 140),
        0,
      );
      expect(bytes).toBeLessThanOrEqual(2048);
    });

    it('shows stack traces of the source, unless somebody waits for its start', () => {
      const { Variables } = z
        .object({ Variables: z.object({ NODE_OPTIONS: z.string().optional() }) })
        .parse(Properties.Environment);
      expect(Variables.NODE_OPTIONS).toBe(
        plainName(id).startsWith('FreescoutWebhook') ? undefined : '--enable-source-maps',
      );
    });

    it('counts into the one namespace', () => {
      expect(Properties.Environment).toMatchObject({
        Variables: { LOG_LEVEL: 'INFO', POWERTOOLS_METRICS_NAMESPACE: 'CustomerServiceManagement' },
      });
    });
  });

  it('reserve concurrency where the settings say so, and no other function does', () => {
    const reserving = synthesizeStack({ api: { webhookConcurrency: 20, statusConcurrency: 3 } });
    const reserved = reserving
      .ofType('AWS::Lambda::Function')
      .map(({ id, Properties }) => [plainName(id), Properties.ReservedConcurrentExecutions])
      .filter(([, concurrency]) => concurrency !== undefined);
    expect(Object.fromEntries(reserved)).toEqual({ FreescoutWebhookFunction: 20, StatusFunction: 3 });
  });

  it('show since when the system runs', () => {
    expect(named(functions, 'StatusFunction').Properties.Environment).toMatchObject({
      Variables: { DEPLOYED_AT: '2026-01-02T03:04:05.000Z' },
    });
  });
});

describe('log groups', () => {
  it.each(rows(stack.ofType('AWS::Logs::LogGroup')))('%s forgets', (_, { Properties }) => {
    expect(Properties.RetentionInDays).toBe(90);
  });
});

describe('queues', () => {
  it('are the jobs and their dead letters', () => {
    expect(queues.map(({ id }) => plainName(id)).sort()).toEqual(['QueuesDeadLetters', 'QueuesJobs']);
  });

  it('have a dead-letter queue or are one', () => {
    const jobs = named(queues, 'QueuesJobs');
    const deadLetters = named(queues, 'QueuesDeadLetters');
    const redrive = z
      .object({ deadLetterTargetArn: z.unknown(), maxReceiveCount: z.literal(5) })
      .parse(jobs.Properties.RedrivePolicy);
    expect(stack.target(redrive.deadLetterTargetArn).id).toBe(deadLetters.id);
    expect(deadLetters.Properties).not.toHaveProperty('RedrivePolicy');
  });

  describe.each(rows(queues))('%s', (_, { Properties, id }) => {
    it('is FIFO, keeps messages for 14 days and leaves deduplication to the sender', () => {
      expect(Properties).toMatchObject({ FifoQueue: true, MessageRetentionPeriod: 14 * day });
      expect(Properties).not.toHaveProperty('ContentBasedDeduplication');
    });

    it('is encrypted and refuses what is not TLS', () => {
      expect(Properties.SqsManagedSseEnabled).toBe(true);
      const policy = stack.ofType('AWS::SQS::QueuePolicy').find((each) =>
        z
          .array(z.unknown())
          .parse(each.Properties.Queues)
          .some((queue) => stack.target(queue).id === id),
      );
      expect(policy?.Properties.PolicyDocument).toMatchObject({
        Statement: [{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
      });
    });
  });

  it('hide a job for six times the worker’s time limit and for longer than its lease', () => {
    const worker = z
      .object({
        Timeout: z.number(),
        Environment: z.object({ Variables: z.looseObject({ LEASE_SECONDS: z.string() }) }),
      })
      .parse(named(functions, 'ConversationWorkerFunction').Properties);
    const visibility = z.number().parse(named(queues, 'QueuesJobs').Properties.VisibilityTimeout);
    const lease = Number(worker.Environment.Variables.LEASE_SECONDS);
    expect(visibility).toBe(1080);
    expect(visibility).toBeGreaterThanOrEqual(6 * worker.Timeout);
    expect(lease).toBe(worker.Timeout + 30);
    expect(lease).toBeLessThan(visibility);
  });

  it('give the worker one job at a time and learn which one failed', () => {
    const mappings = stack.ofType('AWS::Lambda::EventSourceMapping');
    expect(mappings).toHaveLength(1);
    expect(stack.target(mappings[0]?.Properties.EventSourceArn).id).toBe(named(queues, 'QueuesJobs').id);
    expect(stack.target(mappings[0]?.Properties.FunctionName).id).toBe(
      named(functions, 'ConversationWorkerFunction').id,
    );
    expect(mappings[0]?.Properties).toMatchObject({
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 4 },
    });
  });
});

describe('tables', () => {
  const keys = (...names: string[]) =>
    names.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? 'HASH' : 'RANGE' }));
  const expiresAt = { AttributeName: 'expiresAt', Enabled: true };

  it.each([
    ['ProcessedMessages', keys('key'), ['byStatus', keys('listedStatus', 'statusAt')], expiresAt],
    ['ThreadMap', keys('key'), undefined, expiresAt],
    ['BotDrafts', keys('conversationId', 'item'), ['newest', keys('feed', 'updatedAt')], expiresAt],
    ['SystemState', keys('key'), undefined, expiresAt],
    ['WebhookEvents', keys('eventId'), undefined, expiresAt],
  ])('%s has its keys', (name, KeySchema, index, TimeToLiveSpecification) => {
    const { Properties } = named(tables, `Tables${name}`);
    expect(Properties.KeySchema).toEqual(KeySchema);
    expect(Properties.GlobalSecondaryIndexes).toEqual(
      index && [{ IndexName: index[0], KeySchema: index[1], Projection: { ProjectionType: 'ALL' } }],
    );
    expect(Properties.TimeToLiveSpecification).toEqual(TimeToLiveSpecification);
    const attributes = z
      .array(z.object({ AttributeType: z.string() }))
      .parse(Properties.AttributeDefinitions);
    expect(new Set(attributes.map(({ AttributeType }) => AttributeType))).toEqual(new Set(['S']));
  });

  it('are five', () => {
    expect(tables).toHaveLength(5);
  });

  it.each(rows(tables))(
    '%s is on demand, restorable, protected and stays when the stack goes',
    (_, table) => {
      expect(table.Properties).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
      // Without SSESpecification DynamoDB encrypts with a key that AWS owns.
      expect(table.Properties).not.toHaveProperty('SSESpecification');
      expect(table).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    },
  );
});

describe('schedules', () => {
  it.each([
    ['GmailPoll', 'rate(1 minute)'],
    ['FreescoutSweep', 'rate(5 minutes)'],
    ['FollowUps', 'rate(6 hours)'],
    ['Status', 'rate(1 minute)'],
  ])('call %s at %s and do not repeat a failed call', (id, rate) => {
    const { Properties } = named(stack.ofType('AWS::Scheduler::Schedule'), `Schedules${id}`);
    const target = z
      .object({ Arn: z.unknown(), RetryPolicy: z.object({ MaximumRetryAttempts: z.literal(0) }) })
      .parse(Properties.Target);
    expect(stack.target(target.Arn).id).toBe(named(functions, `${id}Function`).id);
    expect(Properties).toMatchObject({
      ScheduleExpression: rate,
      State: 'ENABLED',
      FlexibleTimeWindow: { Mode: 'OFF' },
    });
  });

  it('are four', () => {
    expect(stack.ofType('AWS::Scheduler::Schedule')).toHaveLength(4);
  });
});

describe('the HTTP API', () => {
  const integrationOf = (route: Resource): Resource => {
    const parts = z.object({
      'Fn::Join': z.tuple([z.literal(''), z.tuple([z.literal('integrations/'), z.unknown()])]),
    });
    return stack.target(parts.parse(route.Properties.Target)['Fn::Join'][1][1]);
  };

  it('has these routes and no other', () => {
    const routes = stack
      .ofType('AWS::ApiGatewayV2::Route')
      .map((route) => [
        route.Properties.RouteKey,
        plainName(stack.target(integrationOf(route).Properties.IntegrationUri).id),
      ]);
    expect(Object.fromEntries(routes)).toEqual({
      'POST /freescout': 'FreescoutWebhookFunction',
      'GET /health': 'StatusFunction',
      'GET /ready': 'StatusFunction',
      'GET /metrics': 'StatusFunction',
    });
  });

  it('hands requests over in format 2.0 to functions that answer within its 30 seconds', () => {
    for (const { Properties } of stack.ofType('AWS::ApiGatewayV2::Integration')) {
      expect(Properties).toMatchObject({ IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' });
      expect(stack.target(Properties.IntegrationUri).Properties.Timeout).toBeLessThan(30);
    }
  });

  it('counts each route for itself, so that a flood of one takes nothing from the webhook', () => {
    const throttles = (synthesized: typeof stack) => {
      const throttleOf = stageThrottle(synthesized.ofType('AWS::ApiGatewayV2::Stage')[0]?.Properties);
      const keys = synthesized
        .ofType('AWS::ApiGatewayV2::Route')
        .map(({ Properties }) => String(Properties.RouteKey));
      return Object.fromEntries(keys.map((key) => [key, throttleOf(key)]));
    };
    const watched = { ratePerSecond: 10, burst: 20 };
    const others = { 'GET /health': watched, 'GET /ready': watched, 'GET /metrics': watched };
    expect(throttles(stack)).toEqual({ 'POST /freescout': { ratePerSecond: 50, burst: 100 }, ...others });
    expect(throttles(synthesizeStack({ api: { requestsPerSecond: 5, burst: 7 } }))).toEqual({
      'POST /freescout': { ratePerSecond: 5, burst: 7 },
      ...others,
    });
  });

  it('has a stage that waits for every route it names: AWS refuses one that names a missing route', () => {
    const { Properties, DependsOn } = z
      .object({
        Properties: z.object({ RouteSettings: z.record(z.string(), z.unknown()) }),
        DependsOn: z.array(z.string()),
      })
      .parse(stack.ofType('AWS::ApiGatewayV2::Stage')[0]);
    const named = Object.keys(Properties.RouteSettings);
    const awaited = DependsOn.flatMap((id) => {
      const resource = stack.template.Resources[id];
      return resource?.Type === 'AWS::ApiGatewayV2::Route' ? [String(resource.Properties.RouteKey)] : [];
    });
    expect(named).toHaveLength(4);
    expect(awaited.sort()).toEqual(named.sort());
  });

  it('is throttled and logs every request as JSON, without its content and the address it came from', () => {
    const stages = stack.ofType('AWS::ApiGatewayV2::Stage');
    expect(stages).toHaveLength(1);
    expect(stages[0]?.Properties).toMatchObject({
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
    });
    const logs = z
      .object({ DestinationArn: z.unknown(), Format: z.string() })
      .parse(stages[0]?.Properties.AccessLogSettings);
    expect(stack.target(logs.DestinationArn).Properties.RetentionInDays).toBe(90);
    expect(logs.Format).not.toContain('sourceIp');
    expect(Object.keys(JSON.parse(logs.Format))).toEqual([
      'requestId',
      'time',
      'method',
      'route',
      'status',
      'responseBytes',
      'latencyMs',
      'functionError',
    ]);
  });
});

describe('secrets', () => {
  const secrets = stack.ofType('AWS::SecretsManager::Secret');

  // A change of this text makes CloudFormation write it over what the operator filled in.
  it.each([
    ['FreeScout', '{"apiKey":"","webhookSecret":"","webhookSecretPrevious":""}'],
    ['OpenAI', '{"apiKey":""}'],
    [
      'GmailSupport',
      '{"clientId":"","clientSecret":"","refreshToken":"","serviceAccountEmail":"","serviceAccountPrivateKey":""}',
    ],
    ['Slack', '{"webhookUrl":""}'],
  ])('%s starts empty', (name, text) => {
    expect(named(secrets, `SecretsSecret${name}`).Properties.SecretString).toBe(text);
  });

  it('Status is generated', () => {
    const { Properties } = named(secrets, 'SecretsSecretStatus');
    expect(Properties).not.toHaveProperty('SecretString');
    expect(Properties.GenerateSecretString).toMatchObject({
      GenerateStringKey: 'token',
      SecretStringTemplate: '{}',
      PasswordLength: 48,
      ExcludePunctuation: true,
    });
  });

  it('are five', () => {
    expect(secrets).toHaveLength(5);
  });
});

describe('outputs', () => {
  it('name what an operator and the command line need', () => {
    expect(Object.keys(stack.template.Outputs).sort()).toEqual([
      'AlertTopicArn',
      'ApiUrl',
      'DeadLetterQueueUrl',
      'JobsQueueUrl',
      'SecretFreeScout',
      'SecretGmailSupport',
      'SecretOpenAI',
      'SecretSlack',
      'SecretStatus',
      'TableBotDrafts',
      'TableProcessedMessages',
      'TableSystemState',
      'TableThreadMap',
      'TableWebhookEvents',
      'WebhookUrl',
    ]);
  });

  it('give the address that FreeScout calls', () => {
    expect(JSON.stringify(stack.template.Outputs.WebhookUrl?.Value)).toContain('/freescout');
    expect(stack.target(stack.template.Outputs.JobsQueueUrl?.Value).id).toBe(named(queues, 'QueuesJobs').id);
    expect(stack.target(stack.template.Outputs.TableThreadMap?.Value).id).toBe(
      named(tables, 'TablesThreadMap').id,
    );
    expect(plainName(stack.target(stack.template.Outputs.SecretSlack?.Value).id)).toBe('SecretsSecretSlack');
  });
});

describe('names', () => {
  it('are left to CloudFormation, so that two systems fit into one account', () => {
    const name = /^(TableName|QueueName|FunctionName|RoleName|LogGroupName)$/;
    const physical = Object.entries(stack.template.Resources).flatMap(([id, { Type, Properties }]) =>
      Object.entries(Properties)
        .filter(
          ([key, value]) =>
            (name.test(key) || (key === 'Name' && /Secret|Schedule/.test(Type))) && typeof value === 'string',
        )
        .map(([key]) => `${id}.${key}`),
    );
    expect(physical).toEqual([]);
  });
});

describe('security checks', () => {
  it('find nothing in the stack, and would find an unencrypted way to a queue', () => {
    // The stack of all these tests was synthesized with the checks on; here is the same stack with one bad part.
    expect(() => synthesizeStack({}, (scope) => new Queue(scope, 'Bad'))).toThrow(
      /does not require requests to use SSL/,
    );
  });

  it('are put aside only where it is said why, never for the whole stack', () => {
    const acknowledged = acknowledgements(stack.app);
    expect(acknowledged.length).toBeGreaterThan(0);
    for (const { path, reasons } of acknowledged) {
      expect(path.split('/').length, path).toBeGreaterThan(1);
      for (const reason of reasons) {
        expect(reason.length, path).toBeGreaterThan(40);
      }
    }
  });

  function acknowledgements(app: App): { path: string; reasons: string[] }[] {
    const found = (construct: IConstruct) =>
      construct.node.metadata
        .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .map(({ data }) => ({
          path: construct instanceof Stack || construct instanceof App ? '' : construct.node.path,
          reasons: Object.values(z.record(z.string(), z.string()).parse(data)),
        }));
    return app.node.findAll().flatMap(found);
  }
});
