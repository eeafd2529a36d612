import { Command, CommanderError } from 'commander';
import { asFailure } from '#shared/failure/failure.ts';
import type { AddCommand, Cli, RunCommand } from './command.ts';
import { addConnect } from './commands/connect.ts';
import { addDismiss } from './commands/dismiss.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDrafts } from './commands/drafts.ts';
import { addExport } from './commands/export.ts';
import { addFailures } from './commands/failures.ts';
import { addFollowUps } from './commands/followUps.ts';
import { addForget } from './commands/forget.ts';
import { addRedrive } from './commands/redrive.ts';
import { addReplay } from './commands/replay.ts';
import { addResetDraft } from './commands/resetDraft.ts';
import { addRestoreFiltered } from './commands/restoreFiltered.ts';
import { addSendTestWebhook } from './commands/sendTestWebhook.ts';
import { addSettings } from './commands/settings.ts';
import { addShow } from './commands/show.ts';
import { addStatus } from './commands/status.ts';
import { type Deployment, openLocalDeployment, openStackDeployment } from './deployment.ts';
import { CommandFailed, type Terminal, WrongUse } from './terminal.ts';

const commands: readonly AddCommand[] = [
  addDoctor,
  addConnect,
  addStatus,
  addFailures,
  addDrafts,
  addShow,
  addReplay,
  addRedrive,
  addResetDraft,
  addRestoreFiltered,
  addDismiss,
  addForget,
  addExport,
  addSendTestWebhook,
  addFollowUps,
  addSettings,
];

interface GlobalOptions {
  readonly stack?: string;
  readonly dataDir?: string;
  readonly json?: true;
  readonly yes?: true;
}

/**
 * Runs one command.
 *
 * @param args - the command line without the program.
 * @returns the exit code: 0 done and well; 1 it could not be done, or something is wrong; 2 the command line is wrong.
 */
export async function runCsm(args: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode = 0;
  const opened: Promise<Deployment>[] = [];
  const program = new Command('csm')
    .description('Operates the system on this machine, or with --stack the one on AWS.')
    .option('--stack <name>', 'name of the stack on AWS; needs AWS credentials and a region')
    .option('--data-dir <dir>', 'data directory of the system on this machine (else CSM_DATA_DIR, else .csm)')
    .option('--json', 'answer in JSON')
    .option('-y, --yes', 'do not ask before something is deleted')
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .exitOverride();
  const run: RunCommand =
    (work) =>
    async (...given) => {
      const options: GlobalOptions = program.opts();
      const dataDirectory = options.dataDir ?? (terminal.environment.CSM_DATA_DIR || '.csm');
      const cli: Cli = {
        terminal,
        dataDirectory,
        stack: options.stack ?? null,
        json: options.json === true,
        yes: options.yes === true,
        deployment: () => {
          const [known] = opened;
          const deployment = known ?? openDeployment(options.stack, dataDirectory);
          opened[0] = deployment;
          return deployment;
        },
      };
      exitCode = (await work(cli, ...given)) ?? 0;
    };
  for (const add of commands) {
    add(program, run);
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? 0 : 2;
    }
    terminal.err(`${sentenceOf(error)}\n`);
    return error instanceof WrongUse ? 2 : 1;
  } finally {
    for (const result of await Promise.allSettled(opened)) {
      if (result.status === 'fulfilled') {
        result.value.close();
      }
    }
  }
}

async function openDeployment(stack: string | undefined, dataDirectory: string): Promise<Deployment> {
  return stack === undefined ? openLocalDeployment(dataDirectory) : openStackDeployment(stack);
}

function sentenceOf(error: unknown): string {
  if (error instanceof CommandFailed || error instanceof WrongUse) {
    return error.message;
  }
  const failure = asFailure(error);
  return failure.code === 'unexpected' && error instanceof Error
    ? `${error.name}: ${error.message}`
    : failure.message;
}
