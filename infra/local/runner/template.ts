import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  Metadata: z.record(z.string(), z.unknown()).default({}),
  Condition: z.string().optional(),
});

const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })).default({}),
  Parameters: z.record(z.string(), z.object({ Default: z.unknown().optional() })).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
});

const assetsSchema = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string().optional() }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
});

export type TemplateResource = z.infer<typeof resourceSchema>;

/** A synthesized CloudFormation template with the folders its assets were built into. */
export interface Template extends z.infer<typeof templateSchema> {
  readonly stackName: string;
  /** Folder or file of the asset that would be uploaded under this S3 key. */
  readonly assetPath: (objectKey: string) => string;
}

/**
 * Reads one stack of a cloud assembly.
 *
 * @throws when the template, its asset manifest or an asset is missing or has another shape than CDK writes.
 */
export async function loadTemplate(cloudAssembly: string, stackName: string): Promise<Template> {
  const template = templateSchema.parse(await readJson(join(cloudAssembly, `${stackName}.template.json`)));
  const assets = assetsSchema.parse(await readJson(join(cloudAssembly, `${stackName}.assets.json`)));
  const paths = new Map<string, string>();
  for (const { source, destinations } of Object.values(assets.files)) {
    for (const { objectKey } of Object.values(destinations)) {
      if (source.path !== undefined) {
        paths.set(objectKey, join(cloudAssembly, source.path));
      }
    }
  }
  return {
    ...template,
    stackName,
    assetPath: (objectKey) => {
      const path = paths.get(objectKey);
      if (path === undefined) {
        throw new Error(
          `The template uses the asset ${objectKey}, which is not in ${stackName}.assets.json.`,
        );
      }
      return path;
    },
  };
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}

/** Ids that constructs give to the one resource they wrap. */
const wrapperIds: ReadonlySet<string> = new Set(['Resource', 'Default', 'Function']);

/** Name of a resource in the CDK source: the last part of its construct path that says something. */
export function constructId(logicalId: string, resource: TemplateResource): string {
  const path = resource.Metadata['aws:cdk:path'];
  if (typeof path !== 'string') {
    return logicalId;
  }
  const parts = path.split('/').filter((part) => !wrapperIds.has(part));
  return parts.at(-1) ?? logicalId;
}
