import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { digestOfSettings } from '#shared/settings/loadSettings.ts';

const here = (file: string) => join(import.meta.dirname, file);

/** What a bundle carries instead of a package that our paths use little or nothing of; each file says why. */
export const standIns: Readonly<Record<string, string>> = {
  '@aws-sdk/credential-provider-node': here('environmentCredentials.ts'),
  '@aws-sdk/endpoint-cache': here('throwingStubs.ts'),
  '@smithy/core/event-streams': here('throwingStubs.ts'),
  'base64-js': here('throwingStubs.ts'),
  bowser: here('throwingStubs.ts'),
  dayjs: here('throwingStubs.ts'),
  'gcp-metadata': here('throwingStubs.ts'),
  'google-logging-utils': here('noVendorLog.ts'),
  'https-proxy-agent': here('noProxyAgent.ts'),
  'node-fetch': here('nativeFetch.ts'),
  'parse-srcset': here('throwingStubs.ts'),
  postcss: here('throwingStubs.ts'),
  qs: here('queryString.ts'),
};

/**
 * Packages that no bundle carries because nothing deployed loads them: mail over SMTP is for one machine, whose runner takes them
 * from the project.
 */
export const onlyOnOneMachine: readonly string[] = ['nodemailer'];

/**
 * How every function is built; names are those of esbuild. Names of functions and classes are shortened too (no `keepNames`):
 * errors carry their names as text, and the source map gives stack traces the others back.
 */
export const bundling = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  minify: true,
  /** What is imported with `import()` is a file of its own that a start neither reads nor compiles. */
  splitting: true,
  outExtension: { '.js': '.mjs' },
  sourcemap: true,
  sourcesContent: false,
  /** Phrases of mails in every script are a third of the size that way. */
  charset: 'utf8',
  /** ES modules first: only of those can unused parts be left out. */
  mainFields: ['module', 'main'],
  /** Packages in CommonJS call require(), which ES modules do not have. */
  banner: {
    js: "import{createRequire as createRequireOfBundle}from'node:module';const require=createRequireOfBundle(import.meta.url);",
  },
} satisfies BuildOptions;

/**
 * Tells the code which settings it need not check again.
 *
 * @param text - of the checked `settings.json`.
 */
export function checkedSettings(text: string): Record<string, string> {
  return { checkedSettings: JSON.stringify(digestOfSettings(text)) };
}

/** Most bytes of all code that is deployed for a function, by the function's folder: also of what is loaded only when it is needed. */
export const budgets: Readonly<Record<string, number>> = {
  'freescout-webhook': 600_000,
  'conversation-worker': 1_700_000,
  'gmail-poll': 800_000,
  'freescout-sweep': 600_000,
  'follow-ups': 600_000,
  status: 600_000,
  'alarm-to-slack': 500_000,
};
