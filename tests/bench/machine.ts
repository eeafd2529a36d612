import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';

const packageSchema = z.object({ version: z.string() });

export interface Machine {
  readonly at: string;
  readonly processors: string;
  readonly memoryGigabytes: number;
  readonly system: string;
  readonly node: string;
  readonly packages: Readonly<Record<string, string>>;
  /** Average number of running processes in the minute before the start: what else the machine was doing. */
  readonly loadBefore: number;
}

/** Where and with what the figures were measured. */
export function describeMachine(): Machine {
  const processors = cpus();
  const version = (name: string) =>
    packageSchema.parse(
      JSON.parse(readFileSync(join(import.meta.dirname, '../../node_modules', name, 'package.json'), 'utf8')),
    ).version;
  const names = ['esbuild', 'googleapis', 'openai', '@aws-sdk/client-dynamodb', 'zod', 'autocannon'];
  return {
    at: new Date().toISOString(),
    processors: `${processors.length} × ${processors[0]?.model ?? 'unknown'}`,
    memoryGigabytes: Math.round(totalmem() / 1e9),
    system: `${process.platform} ${process.arch} ${release()}`,
    node: process.version,
    packages: Object.fromEntries(names.map((name) => [name, version(name)])),
    loadBefore: loadavg()[0] ?? 0,
  };
}
