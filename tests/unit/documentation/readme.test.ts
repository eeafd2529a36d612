import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { settingsSchema } from '#shared/settings/settings.ts';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

/** Paths of all settings as the README writes them: `channels[].alias`, `freescout.url`. */
function settingPaths(schema: z.core.JSONSchema.JSONSchema, path: string): string[] {
  if (schema.type === 'object' && schema.properties !== undefined) {
    return Object.entries(schema.properties).flatMap(([key, child]) =>
      settingPaths(child as z.core.JSONSchema.JSONSchema, path === '' ? key : `${path}.${key}`),
    );
  }
  const items = schema.items as z.core.JSONSchema.JSONSchema | undefined;
  const kinds = items?.type === 'object' ? [items] : (items?.oneOf ?? []);
  if (schema.type === 'array' && kinds.length > 0) {
    return [
      path,
      ...kinds.flatMap((kind) => settingPaths(kind as z.core.JSONSchema.JSONSchema, `${path}[]`)),
    ];
  }
  return [path];
}

const paths = settingPaths(z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' }), '');

describe('README', () => {
  it('knows of many settings', () => {
    expect(paths.length).toBeGreaterThan(60);
  });

  it.each(paths)('names the setting %s', (path) => {
    expect(readme).toContain(`| \`${path}\` |`);
  });

  it('names no setting that does not exist', () => {
    const [, settings = ''] = readme.split('## Settings');
    const [table = ''] = settings.split('### Coming from');
    const named = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]);
    expect(named.filter((name) => name !== undefined && !paths.includes(name))).toEqual([]);
  });
});
