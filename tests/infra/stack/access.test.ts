import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { plainName, type Resource, synthesizeStack } from '#tests/support/synthesizeStack.ts';

const stack = synthesizeStack();
const functions = stack.ofType('AWS::Lambda::Function');

const oneOrMore = <Item extends z.ZodType>(item: Item) =>
  z.union([z.array(item), item.transform((value) => [value])]);

const policySchema = z.object({
  PolicyDocument: z.object({
    Statement: z.array(
      z.strictObject({
        Action: oneOrMore(z.string()),
        Effect: z.literal('Allow'),
        Resource: oneOrMore(z.unknown()),
      }),
    ),
  }),
  Roles: z.array(z.unknown()),
});

const policies = stack.ofType('AWS::IAM::Policy').map(({ Properties }) => policySchema.parse(Properties));

const joinSchema = z.strictObject({
  'Fn::Join': z.tuple([z.literal(''), z.tuple([z.unknown(), z.string()])]),
});

/** A resource of a policy: its name in the stack, with what follows in the ARN. */
function resourceName(resource: unknown): string {
  const join = joinSchema.safeParse(resource);
  return join.success
    ? `${plainName(stack.target(join.data['Fn::Join'][1][0]).id)}${join.data['Fn::Join'][1][1]}`
    : plainName(stack.target(resource).id);
}

/** What a role may do: actions by resource. */
function rightsOfRole(role: Resource): Record<string, string[]> {
  const rights: Record<string, string[]> = {};
  for (const { PolicyDocument, Roles } of policies) {
    if (!Roles.some((each) => stack.target(each).id === role.id)) {
      continue;
    }
    for (const { Action, Resource } of PolicyDocument.Statement) {
      for (const name of Resource.map(resourceName)) {
        rights[name] = [...(rights[name] ?? []), ...Action].sort();
      }
    }
  }
  return rights;
}

function rightsOf(name: string): Record<string, string[]> {
  const found = functions.find(({ id }) => plainName(id) === `${name}Function`);
  return found === undefined ? {} : rightsOfRole(stack.target(found.Properties.Role));
}

const dynamodb = (...actions: string[]) => actions.map((action) => `dynamodb:${action}`).sort();
const logs = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const read = ['secretsmanager:GetSecretValue'];
const send = ['sqs:SendMessage'];

describe('every function may do exactly what it needs', () => {
  it.each([
    [
      'FreescoutWebhook',
      {
        FreescoutWebhookLogs: logs,
        TablesSystemState: dynamodb('GetItem', 'UpdateItem'),
        TablesWebhookEvents: dynamodb('PutItem'),
        QueuesJobs: send,
        SecretsSecretFreeScout: read,
      },
    ],
    [
      'GmailPoll',
      {
        GmailPollLogs: logs,
        TablesProcessedMessages: dynamodb(
          'GetItem',
          'BatchGetItem',
          'PutItem',
          'UpdateItem',
          'ConditionCheckItem',
        ),
        TablesSystemState: dynamodb('GetItem', 'PutItem', 'UpdateItem'),
        QueuesJobs: send,
        SecretsSecretGmailSupport: read,
      },
    ],
    [
      'FreescoutSweep',
      {
        FreescoutSweepLogs: logs,
        TablesProcessedMessages: dynamodb('GetItem', 'BatchGetItem', 'UpdateItem'),
        'TablesProcessedMessages/index/byStatus': dynamodb('Query'),
        TablesThreadMap: dynamodb('GetItem'),
        TablesBotDrafts: dynamodb('GetItem', 'BatchGetItem', 'Query'),
        TablesSystemState: dynamodb('GetItem', 'PutItem', 'UpdateItem'),
        QueuesJobs: send,
        SecretsSecretFreeScout: read,
      },
    ],
    [
      'ConversationWorker',
      {
        ConversationWorkerLogs: logs,
        TablesProcessedMessages: dynamodb(
          'GetItem',
          'BatchGetItem',
          'PutItem',
          'UpdateItem',
          'ConditionCheckItem',
        ),
        TablesThreadMap: dynamodb(
          'GetItem',
          'BatchGetItem',
          'PutItem',
          'UpdateItem',
          'ConditionCheckItem',
          'DeleteItem',
        ),
        TablesBotDrafts: dynamodb(
          'GetItem',
          'BatchGetItem',
          'PutItem',
          'UpdateItem',
          'ConditionCheckItem',
          'DeleteItem',
          'Query',
        ),
        TablesSystemState: dynamodb('GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'ConditionCheckItem'),
        QueuesJobs: [
          'sqs:ChangeMessageVisibility',
          'sqs:DeleteMessage',
          'sqs:GetQueueAttributes',
          'sqs:GetQueueUrl',
          'sqs:ReceiveMessage',
          'sqs:SendMessage',
        ],
        SecretsSecretFreeScout: read,
        SecretsSecretOpenAI: read,
        SecretsSecretGmailSupport: read,
        SecretsSecretSlack: read,
      },
    ],
    [
      'Status',
      {
        StatusLogs: logs,
        TablesSystemState: dynamodb('GetItem', 'BatchGetItem', 'UpdateItem'),
        QueuesJobs: ['sqs:GetQueueAttributes'],
        QueuesDeadLetters: ['sqs:GetQueueAttributes'],
        SecretsSecretFreeScout: read,
        SecretsSecretOpenAI: read,
        SecretsSecretGmailSupport: read,
        SecretsSecretSlack: read,
        SecretsSecretStatus: read,
      },
    ],
  ])('%s', (name, rights) => {
    expect(rightsOf(name)).toEqual(rights);
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
        .filter(([key]) => /^(TABLE|SECRET)_|_QUEUE_URL$/.test(key))
        .map(([, value]) => plainName(stack.target(value).id));
      const mayUse = Object.keys(rightsOfRole(stack.target(Properties.Role)))
        .filter((name) => !name.endsWith('Logs'))
        .map((name) => name.replace(/\/index\/.*/, ''));
      expect(new Set(inEnvironment)).toEqual(new Set(mayUse));
    },
  );
});

describe('roles', () => {
  const roles = stack.ofType('AWS::IAM::Role');

  it('allow nothing on everything: no * in an action or a resource', () => {
    const written = policies.flatMap(({ PolicyDocument }) =>
      PolicyDocument.Statement.flatMap(({ Action, Resource }) => [
        ...Action,
        ...Resource.map((each) => JSON.stringify(each)),
      ]),
    );
    expect(written.length).toBeGreaterThan(20);
    expect(written.filter((each) => each.includes('*'))).toEqual([]);
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
      ...Array.from({ length: 5 }, () => 'lambda.amazonaws.com'),
      ...Array.from({ length: 2 }, () => 'scheduler.amazonaws.com'),
    ]);
  });

  it('let each schedule call its one function', () => {
    for (const { Properties } of stack.ofType('AWS::Scheduler::Schedule')) {
      const { Arn, RoleArn } = z.object({ Arn: z.unknown(), RoleArn: z.unknown() }).parse(Properties.Target);
      expect(rightsOfRole(stack.target(RoleArn))).toEqual({ [resourceName(Arn)]: ['lambda:InvokeFunction'] });
    }
  });
});

describe('calls from outside', () => {
  it('come from this API and its own routes only', () => {
    const permissions = stack.ofType('AWS::Lambda::Permission').map(({ Properties }) => ({
      principal: Properties.Principal,
      source: JSON.stringify(Properties.SourceArn),
    }));
    expect(permissions).toHaveLength(4);
    for (const { principal, source } of permissions) {
      expect(principal).toBe('apigateway.amazonaws.com');
      expect(source).toMatch(/:execute-api:.*PublicApi.*"\/\*\/\*\/(freescout|health|ready|metrics)"/);
    }
  });
});
