import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { synthesizeStack } from '#tests/support/synthesizeStack.ts';
import { deployedSchema, faultsOfUpdate } from './deployedResources.ts';

/*
 * AWS knows a resource by its logical id, which CDK makes of the construct's path: a construct that moves to another place of the code
 * is a new resource, and the deployed one is deleted or left behind. The list beside this file holds what every release deployed. It
 * only grows.
 */
const deployed = deployedSchema.parse(readJson('./deployedResources.json'));
const { version } = z.object({ version: z.string() }).parse(readJson('../../../package.json'));

// Settings with which every resource exists.
const stack = synthesizeStack({
  channels: [
    { kind: 'gmail', alias: 'support', address: 'support@example.com', mailboxId: 1 },
    { kind: 'gmail', alias: 'sales-eu', address: 'sales@example.com', mailboxId: 2 },
  ],
  alerts: { slack: true },
  api: {
    domainName: 'csm.example.com',
    certificateArn: 'arn:aws:acm:eu-central-1:111111111111:certificate/0000',
  },
});

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
}

describe('an update of a deployed system', () => {
  it('goes to the stack of that name', () => {
    expect(stack.app.node.tryFindChild('CustomerServiceManagement')).toBeDefined();
  });

  it('keeps every resource with its data, secrets and address, and the list names all of them', () => {
    expect(faultsOfUpdate(deployed, stack.template, version)).toEqual([]);
  });
});

describe('the comparison', () => {
  const ledger = 'TablesProcessedMessages97792AE2';
  const openaiKey = 'SecretsSecretOpenAIAD7C7678';
  const statusToken = 'SecretsSecretStatus4DA7D411';
  const byStatus = { keys: ['listedStatus (S)', 'statusAt (S)'], projection: 'ALL' };

  type Template = typeof stack.template;

  /** Faults after a change of the template; `added` is what the list holds under the release that deploys it. */
  function faultsAfter(change: (template: Template) => void, added: object = {}): string {
    const template = structuredClone(stack.template);
    change(template);
    const list = deployedSchema.parse({ ...deployed, '9.0.0': added });
    return faultsOfUpdate(list, template, '9.0.0').join('\n');
  }

  function propertiesOf(template: Template, id: string): Record<string, unknown> {
    const resource = template.Resources[id];
    if (resource === undefined) {
      throw new Error(`the stack has no ${id}`);
    }
    return resource.Properties;
  }

  function addIndexes(template: Template, table: string, ...names: readonly string[]): void {
    const properties = propertiesOf(template, table);
    const { GlobalSecondaryIndexes } = z
      .object({ GlobalSecondaryIndexes: z.array(z.looseObject({})) })
      .parse(properties);
    properties.GlobalSecondaryIndexes = [
      ...GlobalSecondaryIndexes,
      ...names.map((IndexName) => ({ ...GlobalSecondaryIndexes[0], IndexName })),
    ];
  }

  it.each([
    ['AWS::DynamoDB::Table', ledger, 'AWS creates an empty table'],
    ['AWS::SecretsManager::Secret', openaiKey, 'AWS creates an empty secret'],
    ['AWS::SQS::Queue', 'QueuesJobs403F2492', 'AWS creates an empty queue'],
    ['AWS::SNS::Topic', 'AlertsTopicCF7C81C9', 'nobody hears'],
    ['AWS::ApiGatewayV2::Api', 'PublicApi6461FF4B', 'another address'],
    ['AWS::ApiGatewayV2::Stage', 'PublicApiStageBD23C4F4', 'AWS refuses the update'],
    ['AWS::ApiGatewayV2::DomainName', 'PublicApiDomain6791924D', 'AWS refuses the update'],
    ['AWS::Logs::LogGroup', 'StatusLogs4722D176', 'AWS creates an empty log group'],
  ])('refuses a moved construct of type %s', (type, id, consequence) => {
    const faults = faultsAfter(({ Resources }) => {
      const resource = Resources[id];
      if (resource !== undefined) {
        delete Resources[id];
        Resources[`Moved${id}`] = resource;
      }
    });
    expect(faults).toContain(`${type}: ${id} is gone: `);
    expect(faults).toContain(consequence);
    expect(faults).toContain(`${type}: Moved${id} is not in the list. If it is new on purpose, add it`);
  });

  it('refuses a renamed output', () => {
    const faults = faultsAfter(({ Outputs }) => {
      delete Outputs.WebhookUrl;
      Outputs.AddressOfWebhook = { Value: '' };
    });
    expect(faults).toContain('Outputs: WebhookUrl is gone: ');
    expect(faults).toContain('Outputs: AddressOfWebhook is not in the list');
  });

  it.each([
    [
      'other keys',
      { KeySchema: [{ AttributeName: 'statusAt', KeyType: 'HASH' }] },
      `The keys of ${ledger} are statusAt (S), deployed are key (S): AWS replaces the table by an empty one.`,
    ],
    [
      'a key of another type',
      {
        AttributeDefinitions: ['key', 'listedStatus', 'statusAt'].map((AttributeName) => ({
          AttributeName,
          AttributeType: AttributeName === 'key' ? 'B' : 'S',
        })),
      },
      `The keys of ${ledger} are key (B), deployed are key (S)`,
    ],
    ['no index', { GlobalSecondaryIndexes: [] }, `Indexes of ${ledger}: byStatus is gone`],
    [
      'an index with other keys',
      {
        GlobalSecondaryIndexes: [
          {
            IndexName: 'byStatus',
            KeySchema: [{ AttributeName: 'statusAt', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
      },
      `The index byStatus of ${ledger} is not the deployed one any more: AWS cannot change an index.`,
    ],
  ])('refuses a deployed table with %s', (_, change, fault) => {
    expect(faultsAfter((template) => Object.assign(propertiesOf(template, ledger), change))).toContain(fault);
  });

  it.each([
    ['a further value', openaiKey, { SecretString: '{"apiKey":"","project":""}' }],
    [
      'its values in another order',
      'SecretsSecretFreeScout06C2F0FB',
      {
        SecretString: '{"webhookSecret":"","apiKey":"","webhookSecretPrevious":""}',
      },
    ],
    [
      'a longer token',
      statusToken,
      { GenerateSecretString: { GenerateStringKey: 'token', PasswordLength: 64 } },
    ],
  ])('refuses a deployed secret with %s', (_, id, change) => {
    const faults = faultsAfter((template) => Object.assign(propertiesOf(template, id), change));
    expect(faults).toContain(`${id} begins as `);
    expect(faults).toContain('CloudFormation writes the changed JSON over what the operator filled in');
  });

  it('lets one new index of a deployed table through, once it is in the list', () => {
    const change = (template: Template) => addIndexes(template, ledger, 'byCustomer');
    expect(faultsAfter(change)).toContain(`Indexes of ${ledger}: byCustomer is not in the list`);
    expect(faultsAfter(change, { tables: { [ledger]: { indexes: { byCustomer: byStatus } } } })).toBe('');
  });

  it('refuses two new indexes of a deployed table in one release, not in two', () => {
    const template = structuredClone(stack.template);
    addIndexes(template, ledger, 'byCustomer', 'byDay');
    const release = (...names: readonly string[]) => ({
      tables: { [ledger]: { indexes: Object.fromEntries(names.map((name) => [name, byStatus])) } },
    });
    const atOnce = deployedSchema.parse({ ...deployed, '9.0.0': release('byCustomer', 'byDay') });
    expect(faultsOfUpdate(atOnce, template, '9.0.0').join('\n')).toContain(
      `Release 9.0.0 adds byCustomer and byDay to the deployed table ${ledger}: AWS refuses two new indexes`,
    );
    const apart = deployedSchema.parse({
      ...deployed,
      '9.0.0': release('byCustomer'),
      '10.0.0': release('byDay'),
    });
    expect(faultsOfUpdate(apart, template, '10.0.0')).toEqual([]);
    expect(faultsOfUpdate(apart, template, '9.0.0').join('\n')).toContain('Release 10.0.0 has not begun');
  });

  it('lets a new table with several indexes through, once it is in the list', () => {
    const change = (template: Template) => {
      template.Resources.TablesNew = structuredClone({
        Type: 'AWS::DynamoDB::Table',
        Properties: propertiesOf(template, ledger),
      });
      addIndexes(template, 'TablesNew', 'byCustomer', 'byDay');
    };
    expect(faultsAfter(change)).toContain('AWS::DynamoDB::Table: TablesNew is not in the list');
    const indexes = { byStatus, byCustomer: byStatus, byDay: byStatus };
    expect(faultsAfter(change, { tables: { TablesNew: { keys: ['key (S)'], indexes } } })).toBe('');
  });
});
