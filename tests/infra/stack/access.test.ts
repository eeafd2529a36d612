import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { policies, resourceName, rightsOf, rightsOfRole } from '#tests/support/rightsOfStack.ts';
import { plainName, type Resource, synthesizeStack } from '#tests/support/synthesizeStack.ts';

const stack = synthesizeStack();
const functions = stack.ofType('AWS::Lambda::Function');

const workedOn = [
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
  'sqs:ReceiveMessage',
];

/** What each function may reach. Which actions on which table: compared with the code, in rightsOfCode.test.ts. */
const reach: readonly Reach[] = [
  {
    name: 'FreescoutWebhook',
    tables: ['SystemState', 'WebhookEvents'],
    secrets: ['FreeScout'],
    queues: { QueuesJobs: ['sqs:SendMessage'] },
  },
  {
    name: 'GmailPoll',
    tables: ['ProcessedMessages', 'SystemState'],
    secrets: ['GmailSupport'],
    queues: { QueuesJobs: ['sqs:SendMessage'] },
  },
  {
    name: 'FreescoutSweep',
    tables: ['BotDrafts', 'ProcessedMessages', 'ProcessedMessages/index/byStatus', 'SystemState'],
    secrets: ['FreeScout'],
    queues: { QueuesJobs: ['sqs:SendMessage'] },
  },
  {
    name: 'FollowUps',
    tables: ['ProcessedMessages', 'SystemState'],
    secrets: ['FreeScout'],
    queues: { QueuesJobs: ['sqs:SendMessage'] },
  },
  {
    name: 'ConversationWorker',
    tables: [
      'BotDrafts',
      'ProcessedMessages',
      'ProcessedMessages/index/byStatus',
      'SystemState',
      'ThreadMap',
    ],
    secrets: ['FreeScout', 'GmailSupport', 'OpenAI', 'Slack'],
    queues: { QueuesJobs: [...workedOn, 'sqs:SendMessage'] },
    topics: {
      AlertsTopic: ['sns:ListSubscriptionsByTopic', 'sns:Publish'],
      // The topic is encrypted with it.
      AlertsKey: ['kms:Decrypt', 'kms:GenerateDataKey'],
    },
  },
  {
    name: 'Status',
    tables: [
      'BotDrafts',
      'ProcessedMessages',
      'ProcessedMessages/index/byStatus',
      'SystemState',
      'ThreadMap',
      'WebhookEvents',
    ],
    secrets: ['FreeScout', 'Status'],
    queues: { QueuesJobs: ['sqs:GetQueueAttributes'], QueuesDeadLetters: ['sqs:GetQueueAttributes'] },
  },
  { name: 'AlarmToSlack', tables: [], secrets: ['Slack'], queues: {} },
];

interface Reach {
  readonly name: string;
  readonly tables: readonly string[];
  readonly secrets: readonly string[];
  readonly queues: Readonly<Record<string, readonly string[]>>;
  readonly topics?: Readonly<Record<string, readonly string[]>>;
}

describe('every function reaches only what it needs', () => {
  it.each(reach)('$name', ({ name, tables, secrets, queues, topics = {} }) => {
    const rights = Object.entries(rightsOf(stack, name));
    const startingWith = (prefix: string) => rights.filter(([resource]) => resource.startsWith(prefix));
    const namesAfter = (prefix: string) =>
      startingWith(prefix)
        .map(([resource]) => resource.slice(prefix.length))
        .sort();

    expect(namesAfter('Tables')).toEqual(tables);
    expect(namesAfter('SecretsSecret')).toEqual(secrets);
    expect(Object.fromEntries(startingWith('Queues'))).toEqual(queues);
    expect(Object.fromEntries(startingWith('Alerts'))).toEqual(topics);
    expect(Object.fromEntries(startingWith(name))).toEqual({
      [`${name}Logs`]: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    });
    expect(rights).toHaveLength(
      tables.length + secrets.length + Object.keys(queues).length + Object.keys(topics).length + 1,
    );
    for (const [, actions] of startingWith('Secrets')) {
      expect(actions).toEqual(['secretsmanager:GetSecretValue']);
    }
  });

  it('is said of every function', () => {
    expect(functions.map(({ id }) => plainName(id)).sort()).toEqual(
      reach.map(({ name }) => `${name}Function`).sort(),
    );
  });
});

describe('what a function may use and what it finds in its environment are the same', () => {
  it.each(functions.map((each): [string, Resource] => [plainName(each.id), each]))(
    '%s',
    (_, { Properties }) => {
      const { Variables } = z
        .object({ Variables: z.record(z.string(), z.unknown()) })
        .parse(Properties.Environment);
      const inEnvironment = Object.entries(Variables)
        .filter(([key]) => /^(TABLE|SECRET|TOPIC)_|_QUEUE_URL$/.test(key))
        .map(([, value]) => plainName(stack.target(value).id));
      const mayUse = Object.keys(rightsOfRole(stack, stack.target(Properties.Role)))
        // Lambda writes the logs, and SNS asks for the key; no code names them.
        .filter((name) => !/Logs$|^AlertsKey$/.test(name))
        .map((name) => name.replace(/\/index\/.*/, ''));
      expect(new Set(inEnvironment)).toEqual(new Set(mayUse));
    },
  );
});

describe('roles', () => {
  const roles = stack.ofType('AWS::IAM::Role');

  it('allow nothing on everything: no * in an action or a resource', () => {
    const written = policies(stack).flatMap(({ PolicyDocument }) =>
      PolicyDocument.Statement.flatMap(({ Action, Resource }) => [
        ...Action,
        ...Resource.map((each) => JSON.stringify(each)),
      ]),
    );
    expect(written.length).toBeGreaterThan(20);
    expect(written.filter((each) => each.includes('*'))).toEqual([]);
  });

  it('let the status function write nothing but the answer of /ready and what proves a table writable', () => {
    const statements = policies(stack)
      .filter(({ Roles }) => Roles.some((role) => plainName(stack.target(role).id) === 'StatusRole'))
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .filter(({ Action }) =>
        Action.some((action) => /^dynamodb:(Put|Update|Delete|BatchWrite)/.test(action)),
      );
    const [updates, deletes] = [
      statements.filter(({ Action }) => Action.includes('dynamodb:UpdateItem')),
      statements.filter(({ Action }) => !Action.includes('dynamodb:UpdateItem')),
    ];
    expect(deletes.flatMap(({ Resource }) => Resource)).toHaveLength(5);
    for (const statement of deletes) {
      expect(statement).toMatchObject({
        Action: ['dynamodb:DeleteItem'],
        Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['probe'] } },
      });
    }
    expect(updates).toHaveLength(1);
    expect(updates[0]).toMatchObject({
      Action: ['dynamodb:UpdateItem'],
      Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['readiness'] } },
    });
    expect(updates[0]?.Resource.map((each) => resourceName(stack, each))).toEqual(['TablesSystemState']);
  });

  it('have no policy of AWS, which would come with a *', () => {
    for (const { Properties } of roles) {
      expect(Properties).not.toHaveProperty('ManagedPolicyArns');
      expect(Properties).not.toHaveProperty('Policies');
    }
  });

  it('are taken by Lambda and the scheduler only', () => {
    const services = roles.map(({ Properties }) => {
      const { Statement } = z
        .object({
          Statement: z.array(z.object({ Principal: z.strictObject({ Service: z.string() }) })).length(1),
        })
        .parse(Properties.AssumeRolePolicyDocument);
      return Statement[0]?.Principal.Service;
    });
    expect(services.sort()).toEqual([
      ...Array.from({ length: 7 }, () => 'lambda.amazonaws.com'),
      ...Array.from({ length: 4 }, () => 'scheduler.amazonaws.com'),
    ]);
  });

  it('let each schedule call its one function', () => {
    for (const { Properties } of stack.ofType('AWS::Scheduler::Schedule')) {
      const { Arn, RoleArn } = z.object({ Arn: z.unknown(), RoleArn: z.unknown() }).parse(Properties.Target);
      expect(rightsOfRole(stack, stack.target(RoleArn))).toEqual({
        [resourceName(stack, Arn)]: ['lambda:InvokeFunction'],
      });
    }
  });
});

describe('calls from outside', () => {
  it('come from this API and its own routes, and from the topic of alerts', () => {
    const permissions = stack.ofType('AWS::Lambda::Permission').map(({ Properties }) => ({
      principal: String(Properties.Principal),
      source: JSON.stringify(Properties.SourceArn),
    }));
    expect(permissions).toHaveLength(5);
    const [ofTopic, ...others] = permissions.toSorted((a, b) => b.principal.localeCompare(a.principal));
    expect(ofTopic).toEqual({
      principal: 'sns.amazonaws.com',
      source: JSON.stringify({ Ref: stack.ofType('AWS::SNS::Topic')[0]?.id }),
    });
    for (const { principal, source } of others) {
      expect(principal).toBe('apigateway.amazonaws.com');
      expect(source).toMatch(/:execute-api:.*PublicApi.*"\/\*\/\*\/(freescout|health|ready|metrics)"/);
    }
  });
});
