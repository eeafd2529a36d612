import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import * as z from 'zod';
import { createApp, stackName } from '#infra/createApp.ts';
import { parseSettings } from '#shared/settings/settings.ts';

const templateSchema = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      DeletionPolicy: z.string().optional(),
      UpdateReplacePolicy: z.string().optional(),
    }),
  ),
  Outputs: z.record(z.string(), z.looseObject({ Value: z.unknown() })),
});

export type Resource = z.infer<typeof templateSchema>['Resources'][string] & { readonly id: string };

/** The stack's template, read by resource type. */
export interface SynthesizedStack {
  readonly app: App;
  readonly template: z.infer<typeof templateSchema>;
  ofType(type: string): readonly Resource[];
  /** The resource that a Ref or Fn::GetAtt points to. */
  target(reference: unknown): Resource;
}

const referenceSchema = z.union([
  z.strictObject({ Ref: z.string() }).transform((value) => value.Ref),
  z
    .strictObject({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) })
    .transform((value) => value['Fn::GetAtt'][0]),
]);

/** Logical id without the hash at its end. */
export function plainName(id: string): string {
  return id.replace(/[0-9A-F]{8}$/, '');
}

/**
 * Synthesizes the stack without building the functions' code. Runs the security checks: throws when one finds something.
 *
 * @param change - does something to the stack before it is synthesized.
 */
export function synthesizeStack(
  settings: unknown = {},
  change: (stack: IConstruct) => void = () => undefined,
): SynthesizedStack {
  const outdir = mkdtempSync(join(tmpdir(), 'csm-synth-'));
  try {
    const app = createApp({
      settings: parseSettings(settings),
      outdir,
      bundle: false,
      deployedAt: new Date('2026-01-02T03:04:05.000Z'),
    });
    change(app.node.findChild(stackName));
    const template = templateSchema.parse(app.synth().getStackByName(stackName).template);
    const resources = new Map(
      Object.entries(template.Resources).map(([id, resource]) => [id, { ...resource, id }]),
    );
    return {
      app,
      template,
      ofType: (type) => [...resources.values()].filter((resource) => resource.Type === type),
      target: (reference) => {
        const resource = resources.get(referenceSchema.parse(reference));
        if (resource === undefined) {
          throw new Error(`${JSON.stringify(reference)} points to no resource of the stack`);
        }
        return resource;
      },
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
