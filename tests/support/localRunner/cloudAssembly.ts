import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTemplate, type Template } from '#infra/local/runner/template.ts';

export interface SmallStack {
  /** Source of `index.mjs` by logical id of the function. */
  readonly functions: Readonly<Record<string, { code: string; properties?: Record<string, unknown> }>>;
  readonly resources?: Readonly<Record<string, { Type: string; Properties?: Record<string, unknown> }>>;
  readonly outputs?: Readonly<Record<string, { Value: unknown }>>;
}

/** Writes a stack as CDK would have synthesized it, and reads it back. Its code stays in place until `remove` is called. */
export async function smallTemplate(
  stack: SmallStack,
): Promise<{ readonly template: Template; readonly remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'csm-assembly-'));
  const files: Record<string, unknown> = {};
  const resources: Record<string, unknown> = { ...stack.resources };
  for (const [logicalId, { code, properties }] of Object.entries(stack.functions)) {
    const path = `asset.${logicalId}`;
    mkdirSync(join(folder, path));
    writeFileSync(join(folder, path, 'index.mjs'), code);
    files[logicalId] = { source: { path }, destinations: { here: { objectKey: `${logicalId}.zip` } } };
    resources[logicalId] = {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Timeout: 10,
        MemorySize: 256,
        Code: { S3Bucket: 'assets', S3Key: `${logicalId}.zip` },
        ...properties,
      },
    };
  }
  writeFileSync(
    join(folder, 'Small.template.json'),
    JSON.stringify({ Resources: resources, Outputs: stack.outputs ?? {} }),
  );
  writeFileSync(join(folder, 'Small.assets.json'), JSON.stringify({ files }));
  return {
    template: await loadTemplate(folder, 'Small'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
