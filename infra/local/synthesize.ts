import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Settings } from '#shared/settings/settings.ts';
import { loadTemplate, type Template } from './runner/template.ts';
import { StartRefused } from './startRefused.ts';

/** The stack's name, as in `infra/createApp.ts`; that file is not imported because it loads all of CDK. */
const STACK_NAME = 'CustomerServiceManagement';

/**
 * Synthesizes the CDK app with these settings and reads the template back.
 *
 * @throws {StartRefused} with what CDK or the bundler wrote.
 */
export async function synthesize(
  settings: Settings,
  outdir: string,
  functionsFolder: string | undefined,
): Promise<Template> {
  rmSync(outdir, { recursive: true, force: true });
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./writeCloudAssembly.ts', import.meta.url))],
    {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: {
        ...process.env,
        // Names of the constructs go into the template; the command line of CDK does the same.
        CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:enable-path-metadata': true }),
        CDK_OUTDIR: outdir,
      },
    },
  );
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify({ settings, outdir, ...(functionsFolder ? { functionsFolder } : {}) }));
  const [errors, code] = await Promise.all([
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    }),
  ]);
  if (code !== 0) {
    const said = errors.split('\n').filter((line) => !/^(Bundling asset|npm warn)/.test(line));
    throw new StartRefused(`The CDK app could not be synthesized: ${said.join('\n').trim().slice(-1500)}`);
  }
  return await loadTemplate(outdir, STACK_NAME);
}
