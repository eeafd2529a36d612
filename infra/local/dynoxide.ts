import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface DynamodbProcess {
  readonly endpoint: string;
  /** Undefined when the endpoint belongs to somebody else. */
  readonly pid: number | undefined;
  readonly close: () => Promise<void>;
}

export interface DynamodbOptions {
  /** An endpoint that is already there (`DYNAMODB_ENDPOINT`). */
  readonly endpoint: string | undefined;
  /** File the data is kept in; undefined = memory only. */
  readonly databaseFile: string | undefined;
  /** Called when the process ends by itself. */
  readonly onUnexpectedEnd: (sentence: string) => void;
  readonly say: (sentence: string) => void;
  /** Ends the start before its time. */
  readonly giveUp?: AbortSignal;
}

const startAttempts = 3;
const startSeconds = 15;
const npxStartSeconds = 120;

interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly startSeconds: number;
}

/**
 * Starts Dynoxide, the stand-in for DynamoDB, on a free port.
 *
 * @throws one clear sentence when there is none for this platform or it does not start; the reason of `giveUp`.
 */
export async function startDynamodb(options: DynamodbOptions): Promise<DynamodbProcess> {
  if (options.endpoint !== undefined) {
    return { endpoint: options.endpoint, pid: undefined, close: async () => {} };
  }
  const program = findProgram(options.say);
  let lastFault = '';
  for (let attempt = 1; attempt <= startAttempts; attempt += 1) {
    const started = await start(program, options);
    if (typeof started !== 'string') {
      return started;
    }
    options.giveUp?.throwIfAborted();
    lastFault = started;
  }
  throw new Error(
    `Dynoxide (the stand-in for DynamoDB) did not start: ${lastFault} Set DYNAMODB_ENDPOINT to use another one.`,
  );
}

function findProgram(say: (sentence: string) => void): Program {
  try {
    const command = createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide');
    return { command, args: [], startSeconds: startSeconds };
  } catch {
    say(
      `There is no bundled Dynoxide for ${process.platform}-${process.arch}: trying "npx -y dynoxide@1.2.1". This way is unverified; ` +
        'set DYNAMODB_ENDPOINT to use a DynamoDB of your own.',
    );
    return { command: 'npx', args: ['-y', 'dynoxide@1.2.1'], startSeconds: npxStartSeconds };
  }
}

/** Starts the program once; a text says why it did not work. */
async function start(program: Program, options: DynamodbOptions): Promise<DynamodbProcess | string> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const child = spawn(
    program.command,
    [
      ...program.args,
      '--port',
      String(port),
      ...(options.databaseFile === undefined ? [] : ['--db-path', options.databaseFile]),
    ],
    // A process group of its own: Ctrl-C in the terminal must not end it before the work in hand is done.
    { detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const end = (signal: 'SIGTERM' | 'SIGKILL') => {
    if (running && child.pid !== undefined) {
      // The whole group: npx starts the program as a child of its own.
      process.kill(-child.pid, signal);
    }
  };
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-500);
  });
  let running = true;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) =>
      resolve(`it ended with ${signal ?? `code ${code}`}. ${errors.trim()}`),
    );
  }).then((sentence) => {
    running = false;
    return sentence;
  });

  // However this process ends: what it started must not stay.
  const endWithThisProcess = () => end('SIGKILL');
  process.once('exit', endWithThisProcess);
  void ended.then(() => process.off('exit', endWithThisProcess));
  const deadline = Date.now() + program.startSeconds * 1000;
  const isWaitedFor = () => running && Date.now() < deadline && !options.giveUp?.aborted;
  while (isWaitedFor() && !(await answers(endpoint))) {
    await sleep(20);
  }
  if (!running) {
    return await ended;
  }
  if (options.giveUp?.aborted || !(await answers(endpoint))) {
    end('SIGKILL');
    await ended;
    return `it did not answer within ${program.startSeconds} s.`;
  }
  let closing = false;
  void ended.then((sentence) => {
    if (!closing) {
      options.onUnexpectedEnd(`Dynoxide (the stand-in for DynamoDB) is gone: ${sentence}`);
    }
  });
  return {
    endpoint,
    pid: child.pid,
    close: async () => {
      closing = true;
      end('SIGTERM');
      const force = setTimeout(() => end('SIGKILL'), 3000);
      await ended;
      clearTimeout(force);
    },
  };
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    await fetch(endpoint, { signal: AbortSignal.timeout(1000) });
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
