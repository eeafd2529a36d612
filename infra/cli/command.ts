import type { Command } from 'commander';
import type { Deployment } from './deployment.ts';
import { CommandFailed, type Terminal } from './terminal.ts';

/** What every command is given. */
export interface Cli {
  readonly terminal: Terminal;
  /** Directory of the system on this machine. */
  readonly dataDirectory: string;
  /** Name of a stack on AWS; null = the system on this machine. */
  readonly stack: string | null;
  readonly json: boolean;
  /** Do not ask before something is destroyed. */
  readonly yes: boolean;
  /** The system; opened when it is first asked for. */
  readonly deployment: () => Promise<Deployment>;
}

/** Adds one command to the program; `run` binds an action to what the global options say. */
export type AddCommand = (program: Command, run: RunCommand) => void;

/** @returns an action for commander. A number the work ends in is the exit code; nothing is 0. */
export type RunCommand = <Arguments extends unknown[]>(
  work: (cli: Cli, ...given: Arguments) => Promise<number | undefined>,
) => (...given: Arguments) => Promise<void>;

/** Prints an answer: as JSON, or as people read it. */
export function print(cli: Cli, answer: unknown, text: () => string): void {
  cli.terminal.out(cli.json ? `${JSON.stringify(answer, null, 2)}\n` : text());
}

/**
 * Asks before something that cannot be taken back.
 *
 * @throws {CommandFailed} when the answer is not yes, or nobody can be asked.
 */
export async function confirm(cli: Cli, what: string): Promise<void> {
  if (cli.yes) {
    return;
  }
  if (!cli.terminal.isInteractive) {
    throw new CommandFailed(`${what} Nothing was done: say --yes to mean it.`);
  }
  const answer = await cli.terminal.ask(`${what} Go on? [y/N] `);
  if (!/^y(es)?$/i.test(answer)) {
    throw new CommandFailed('Nothing was done.');
  }
}
