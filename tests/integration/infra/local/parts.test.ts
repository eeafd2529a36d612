import {
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { smallTemplate } from '#tests/support/localRunner/cloudAssembly.ts';
import { runSmallStack, type SmallSystem } from '#tests/support/localRunner/runSmallStack.ts';

const local = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
let system: SmallSystem | undefined;

afterEach(async () => {
  await system?.stop();
  system = undefined;
});

const api = (code: string, timeout = 10) => ({
  functions: {
    Api: { code, properties: { Timeout: timeout, Environment: { Variables: { GREETING: 'hello' } } } },
  },
  resources: {
    Http: { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'HTTP' } },
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: 'Http' },
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: { 'Fn::GetAtt': ['Api', 'Arn'] },
        PayloadFormatVersion: '2.0',
      },
    },
    Route: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: { Ref: 'Http' },
        RouteKey: 'POST /things/{id}',
        Target: { 'Fn::Join': ['', ['integrations/', { Ref: 'Integration' }]] },
      },
    },
  },
});

describe('HTTP API', () => {
  it('hands the function its own environment and the event, and answers what it returns', async () => {
    process.env.LEAKED_FROM_PARENT = 'yes';
    system = await runSmallStack(
      api(`export const handler = async (event) => ({
        statusCode: 201,
        headers: { 'X-Own': 'a' },
        cookies: ['c=1'],
        body: JSON.stringify({ event, env: Object.keys(process.env), greeting: process.env.GREETING }),
      });`),
    );
    const answer = await fetch(`${system.url}/things/a%20b?x=1&x=2`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Upper': 'Q' },
      body: '{"ü":1}',
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-own')).toBe('a');
    expect(answer.headers.get('set-cookie')).toBe('c=1');
    const { event, env, greeting } = (await answer.json()) as {
      event: Record<string, unknown>;
      env: string[];
      greeting: string;
    };
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'POST /things/{id}',
      pathParameters: { id: 'a b' },
      queryStringParameters: { x: '1,2' },
      headers: { 'x-upper': 'Q' },
      body: '{"ü":1}',
      isBase64Encoded: false,
    });
    expect(greeting).toBe('hello');
    expect(env).not.toContain('LEAKED_FROM_PARENT');
    expect(env).toContain('AWS_ENDPOINT_URL_SQS');
  });

  it('answers 404 for no route, 413 above 10 MB, 500 for a function that throws', async () => {
    system = await runSmallStack(api(`export const handler = async () => { throw new Error('no'); };`));
    const missing = await fetch(`${system.url}/nothing`);
    expect([missing.status, await missing.json()]).toEqual([404, { message: 'Not Found' }]);
    const large = await fetch(`${system.url}/things/1`, {
      method: 'POST',
      body: Buffer.alloc(10 * 1024 * 1024 + 1),
    });
    expect([large.status, await large.json()]).toEqual([413, { message: 'Request Entity Too Large' }]);
    const thrown = await fetch(`${system.url}/things/1`, { method: 'POST', body: 'x' });
    expect([thrown.status, await thrown.json()]).toEqual([500, { message: 'Internal Server Error' }]);
    expect(system.reports).toEqual(['Api: Error: no']);
  });

  it('replaces a thread that ended in the middle of a request', async () => {
    system = await runSmallStack(
      api(`export const handler = async (event) => {
        if (event.pathParameters.id === 'die') process.exit(3);
        return { statusCode: 200, body: 'alive' };
      };`),
    );
    const died = await fetch(`${system.url}/things/die`, { method: 'POST' });
    expect(died.status).toBe(500);
    const next = await fetch(`${system.url}/things/live`, { method: 'POST' });
    expect(await next.text()).toBe('alive');
    expect(system.reports.join()).toContain('Runtime.ExitError');
  });

  it('ends a function at its time limit, with all that it has under way', async () => {
    system = await runSmallStack(
      api(
        `export const handler = async (event) => {
          if (event.pathParameters.id !== 'slow') return { statusCode: 200, body: 'alive' };
          console.log('begun');
          setInterval(() => console.log('still there'), 50);
          if (event.queryStringParameters?.block) while (true);
          await new Promise(() => {});
        };`,
        1,
      ),
    );
    const { url, lines, reports } = system;
    for (const query of ['', '?block=1']) {
      const answer = await fetch(`${url}/things/slow${query}`, { method: 'POST' });
      expect(answer.status).toBe(500);
    }
    expect(reports).toEqual([
      expect.stringContaining('Task timed out after 1.00 seconds'),
      expect.stringContaining('Task timed out after 1.00 seconds'),
    ]);
    // What was written before its end may still be on its way.
    let written = -1;
    const sinceLastLook = () => {
      const before = written;
      written = lines.length;
      return written - before;
    };
    await expect.poll(sinceLastLook, { interval: 1000 }).toBe(0);
    const next = await fetch(`${url}/things/live`, { method: 'POST' });
    expect(await next.text()).toBe('alive');
  });

  it('finishes the request in hand when it is stopped', async () => {
    system = await runSmallStack(
      api(`export const handler = async () => {
        console.log('begun');
        await new Promise((resolve) => setTimeout(resolve, 400));
        return { statusCode: 200, body: 'done' };
      };`),
    );
    const { url, lines, stop } = system;
    const slow = fetch(`${url}/things/1`, { method: 'POST' });
    await vi.waitFor(() => expect(lines).toContain('Api: begun'), { timeout: 5000 });
    system = undefined;
    const started = Date.now();
    await Promise.all([stop(), slow.then(async (answer) => expect(await answer.text()).toBe('done'))]);
    expect(Date.now() - started).toBeLessThan(10_000);
    await expect(fetch(`${url}/things/1`, { method: 'POST' })).rejects.toThrow();
  });
});

describe('tables and secrets', () => {
  it('creates a table with its index and a secret with its template, which the real clients can use', async () => {
    system = await runSmallStack({
      functions: {},
      resources: {
        Rows: {
          Type: 'AWS::DynamoDB::GlobalTable',
          Properties: {
            AttributeDefinitions: ['key', 'status', 'at'].map((AttributeName) => ({
              AttributeName,
              AttributeType: 'S',
            })),
            KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
            BillingMode: 'PAY_PER_REQUEST',
            GlobalSecondaryIndexes: [
              {
                IndexName: 'byStatus',
                KeySchema: [
                  { AttributeName: 'status', KeyType: 'HASH' },
                  { AttributeName: 'at', KeyType: 'RANGE' },
                ],
                Projection: { ProjectionType: 'ALL' },
              },
            ],
            TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
            Replicas: [{ Region: { Ref: 'AWS::Region' }, DeletionProtectionEnabled: true }],
          },
        },
        Token: {
          Type: 'AWS::SecretsManager::Secret',
          Properties: {
            GenerateSecretString: { SecretStringTemplate: '{"kind":"status"}', GenerateStringKey: 'token' },
          },
        },
      },
      outputs: { Token: { Value: { Ref: 'Token' } } },
    });
    const dynamodb = new DynamoDBClient({ ...local, endpoint: system.running.endpoints.dynamodb });
    const tableName = system.running.tables.Rows;
    await dynamodb.send(
      new PutItemCommand({
        TableName: tableName,
        Item: { key: { S: 'a' }, status: { S: 'failed' }, at: { S: '1' } },
      }),
    );
    const lives = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: tableName }));
    expect(lives.TimeToLiveDescription).toMatchObject({
      TimeToLiveStatus: 'ENABLED',
      AttributeName: 'expiresAt',
    });
    const found = await dynamodb.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: 'byStatus',
        KeyConditionExpression: '#s = :s',
        ExpressionAttributeNames: { '#s': 'status' },
        ExpressionAttributeValues: { ':s': { S: 'failed' } },
      }),
    );
    expect(found.Items).toHaveLength(1);

    const secrets = new SecretsManagerClient({ ...local, endpoint: system.running.endpoints.secretsManager });
    const secretId = system.running.stackOutput('Token');
    const first = await secrets.send(new GetSecretValueCommand({ SecretId: secretId }));
    expect(JSON.parse(first.SecretString ?? '')).toEqual({
      kind: 'status',
      token: expect.stringMatching(/^.{32}$/),
    });
    await secrets.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: '{"token":"new"}' }));
    expect((await secrets.send(new GetSecretValueCommand({ SecretId: secretId }))).SecretString).toBe(
      '{"token":"new"}',
    );
    expect(
      (await secrets.send(new GetSecretValueCommand({ SecretId: secretId, VersionStage: 'AWSPREVIOUS' })))
        .SecretString,
    ).toBe(first.SecretString);
    await expect(secrets.send(new GetSecretValueCommand({ SecretId: 'other' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

describe('schedules, topics and the rest', () => {
  const scheduled = (code: string, expression: string) => ({
    functions: { Tick: { code } },
    resources: {
      Every: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          ScheduleExpression: expression,
          Target: { Arn: { 'Fn::GetAtt': ['Tick', 'Arn'] }, Input: '{"from":"schedule"}' },
        },
      },
    },
  });

  it('fires at once and at its interval, and can be run at any time', async () => {
    system = await runSmallStack(
      scheduled(
        `export const handler = async (event) => { console.log(event.from); return 7; };`,
        'rate(1 minute)',
      ),
      { Tick: 0.2 },
    );
    await vi.waitFor(() => expect(system?.lines.length).toBeGreaterThanOrEqual(3), { timeout: 5000 });
    expect(system.lines[0]).toBe('Tick: schedule');
    expect(await system.running.runNow('Tick')).toEqual({ ok: true, result: 7 });
  });

  it('has topics, which take what is published', async () => {
    system = await runSmallStack({
      functions: {
        Tell: {
          code: 'export const handler = async () => [process.env.TOPIC, process.env.AWS_ENDPOINT_URL_SNS];',
          properties: { Environment: { Variables: { TOPIC: { Ref: 'Alerts' } } } },
        },
      },
      resources: { Alerts: { Type: 'AWS::SNS::Topic' } },
    });
    const answer = await system.running.runNow('Tell');
    const [topicArn, endpoint] = answer.ok ? (answer.result as string[]) : [];
    const published = await fetch(endpoint ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        Action: 'Publish',
        Version: '2010-03-31',
        TopicArn: topicArn ?? '',
        Message: 'x',
      }),
    });
    expect(published.status).toBe(200);
  });

  it('refuses a template with a resource that would be missing in silence', async () => {
    await expect(
      runSmallStack({ functions: {}, resources: { Bus: { Type: 'AWS::Events::EventBus' } } }),
    ).rejects.toThrow('Bus (AWS::Events::EventBus)');
    const { template, remove } = await smallTemplate({ functions: {} });
    remove();
    expect(template).toMatchObject({ stackName: 'Small' });
  });
});
