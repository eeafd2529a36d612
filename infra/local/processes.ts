import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that can be told from a later one with the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot, where the system tells it (Linux). */
  readonly started: string | undefined;
}

export function identityOf(pid: number): ProcessIdentity {
  return { pid, started: startTimeOf(pid) };
}

/** True when this very process still runs. */
export function isRunning({ pid, started }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return started === undefined || startTimeOf(pid) === started;
}

/** Command line of a running process, words joined by blanks; undefined where the system does not tell. */
export function commandLineOf(pid: number): string | undefined {
  return readProc(pid, 'cmdline')?.replaceAll('\0', ' ').trim();
}

/** Ends a process, by force when it does not go by itself. */
export async function endProcess(identity: ProcessIdentity): Promise<void> {
  for (const [signal, patience] of [
    ['SIGTERM', 3000],
    ['SIGKILL', 1000],
  ] as const) {
    if (isRunning(identity)) {
      process.kill(identity.pid, signal);
    }
    for (const until = Date.now() + patience; isRunning(identity) && Date.now() < until; ) {
      await sleep(20);
    }
  }
}

function startTimeOf(pid: number): string | undefined {
  // Field 22; the second field, the program's name in brackets, may contain blanks.
  return readProc(pid, 'stat')
    ?.replace(/^.*\) /s, '')
    .split(' ')[19];
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
