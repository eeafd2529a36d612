import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Settings } from '#shared/settings/settings.ts';
import { loadTemplate, type Template } from './runner/template.ts';
import { StartRefused } from './startRefused.ts';

/** The stack's name, as in `infra/createApp.ts`; that file is not imported because it loads all of CDK. */
const stackName = 'CustomerServiceManagement';

/**
 * Synthesizes the CDK app with these settings and reads the template back.
 *
 * @param giveUp - ends it before its time.
 * @throws {StartRefused} with what CDK or the bundler wrote.
 * @throws the reason of `giveUp`.
 */
export async function synthesize(
  settings: Settings,
  outdir: string,
  functionsFolder: string | undefined,
  giveUp: AbortSignal,
): Promise<Template> {
  giveUp.throwIfAborted();
  rmSync(outdir, { recursive: true, force: true });
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./writeCloudAssembly.ts', import.meta.url))],
    {
      stdio: ['pipe', 'ignore', 'pipe'],
      // A process group of its own: it can be ended with all it started, and Ctrl-C in the terminal does not look like a fault of it.
      detached: true,
      env: {
        ...process.env,
        // Names of the constructs go into the template; the command line of CDK does the same.
        CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:enable-path-metadata': true }),
        CDK_OUTDIR: outdir,
      },
    },
  );
  const end = () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, 'SIGTERM');
    }
  };
  giveUp.addEventListener('abort', end);
  process.once('exit', end);
  try {
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify({ settings, outdir, ...(functionsFolder ? { functionsFolder } : {}) }));
    const [errors] = await Promise.all([
      text(child.stderr),
      new Promise<void>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', () => resolve());
      }),
    ]);
    giveUp.throwIfAborted();
    if (child.exitCode !== 0) {
      const said = errors.split('\n').filter((line) => !/^(Bundling asset|npm warn)/.test(line));
      const why =
        said.join('\n').trim().slice(-1500) ||
        `its process ended with ${child.signalCode ?? `code ${child.exitCode}`}.`;
      throw new StartRefused(`The CDK app could not be synthesized: ${why}`);
    }
  } finally {
    giveUp.removeEventListener('abort', end);
    process.off('exit', end);
  }
  return await loadTemplate(outdir, stackName);
}
