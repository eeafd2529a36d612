import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { openStackDeployment } from '#infra/cli/deployment.ts';
import { startCloudFormation } from '#tests/support/cloudFormation.ts';
import { synthesizeStack } from '#tests/support/synthesizeStack.ts';

const directory = mkdtempSync(join(tmpdir(), 'csm-stack-'));

afterEach(() => {
  vi.unstubAllEnvs();
});

afterAll(() => rmSync(directory, { recursive: true }));

/** What opening a stack with that template gives. */
async function opened(template: { readonly Metadata?: unknown; readonly Outputs: object }) {
  mkdirSync(join(directory, 'cdk.out'), { recursive: true });
  writeFileSync(join(directory, 'cdk.out/CustomerServiceManagement.template.json'), JSON.stringify(template));
  const nowhere = 'http://127.0.0.1:1';
  writeFileSync(
    join(directory, 'stack.json'),
    JSON.stringify({
      outputs: Object.fromEntries(Object.keys(template.Outputs).map((name) => [name, `${nowhere}/${name}`])),
      endpoints: { dynamodb: nowhere, sqs: nowhere, secretsManager: nowhere },
    }),
  );
  const cloudFormation = await startCloudFormation('production', directory);
  for (const [name, value] of Object.entries(cloudFormation.environment)) {
    vi.stubEnv(name, value);
  }
  try {
    const deployment = await openStackDeployment('production');
    deployment.close();
    return deployment;
  } finally {
    cloudFormation.close();
  }
}

it('the settings of a stack on AWS come back letter by letter, whatever the script', async () => {
  const persona = { company: 'Müller & Søn 株式会社 🚲', about: 'A "quoted" \\ line\nand another.' };
  const { settings } = await opened(synthesizeStack({ persona }).template);
  expect(settings.persona).toMatchObject(persona);
});

it('a stack that an earlier release deployed is not worked on', async () => {
  const accounts = [{ alias: 'support', gmailAddress: 'support@example.com', mailboxId: 1 }];
  const { template } = synthesizeStack({});
  const metadata = { settings: JSON.stringify({ accounts }) };
  await expect(opened({ ...template, Metadata: metadata })).rejects.toThrow(
    /^The stack production is of another release; these commands do not know its settings\. Deploy it with this release first, or use the commands of that release\. What is different: accounts: is now "channels" /,
  );
});
