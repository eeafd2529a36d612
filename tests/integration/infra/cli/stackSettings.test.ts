import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { openStackDeployment } from '#infra/cli/deployment.ts';
import { startCloudFormation } from '#tests/support/cloudFormation.ts';
import { synthesizeStack } from '#tests/support/synthesizeStack.ts';

const directory = mkdtempSync(join(tmpdir(), 'csm-stack-'));

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

it('the settings of a stack on AWS come back letter by letter, whatever the script', async () => {
  const persona = { company: 'Müller & Søn 株式会社 🚲', about: 'A "quoted" \\ line\nand another.' };
  const { template } = synthesizeStack({ persona });
  mkdirSync(join(directory, 'cdk.out'));
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
    expect(deployment.settings.persona).toMatchObject(persona);
  } finally {
    cloudFormation.close();
  }
});
