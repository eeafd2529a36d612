import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import type { FromThread, FunctionError, ThreadData, ToThread } from './functionProtocol.ts';

/** A function as the template describes it, with every value resolved. */
export interface FunctionDefinition {
  /** Construct id, for example `FreescoutSweep`. */
  readonly id: string;
  readonly name: string;
  /** The built bundle. */
  readonly entry: string;
  readonly handlerName: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly environment: Readonly<Record<string, string>>;
}

export type Invocation =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: FunctionError };

/** Gets every line a function writes. */
export type FunctionOutput = (functionId: string, line: string) => void;

/** One execution environment. */
export interface FunctionThread {
  readonly run: (event: unknown) => Promise<Invocation>;
  /** True when it ended and cannot be used again. */
  readonly ended: () => boolean;
  readonly terminate: () => Promise<void>;
}

const failed = (errorType: string, errorMessage: string): Invocation => ({
  ok: false,
  error: { errorType, errorMessage, trace: [] },
});

/**
 * Starts a thread with the function's bundle and nothing of this process's environment. An invocation that takes longer than
 * the function's timeout is reported as an error and ends the thread, as on Lambda; loading the bundle does not count.
 */
export function startFunctionThread(definition: FunctionDefinition, output: FunctionOutput): FunctionThread {
  const threadData: ThreadData = {
    entry: definition.entry,
    handlerName: definition.handlerName,
    functionName: definition.name,
    memoryMegabytes: definition.memoryMegabytes,
  };
  const worker = new Worker(new URL('./functionThread.ts', import.meta.url), {
    workerData: threadData,
    env: { ...definition.environment },
    execArgv: ['--enable-source-maps'],
    resourceLimits: { maxOldGenerationSizeMb: definition.memoryMegabytes },
    stdout: true,
    stderr: true,
    name: definition.id,
  });
  for (const stream of [worker.stdout, worker.stderr]) {
    createInterface({ input: stream }).on('line', (line) => output(definition.id, line));
  }

  let ended = false;
  let finish: ((invocation: Invocation) => void) | undefined;
  const started = Promise.withResolvers<Invocation | undefined>();

  const end = (invocation: Invocation) => {
    ended = true;
    started.resolve(invocation);
    finish?.(invocation);
  };
  worker.on('message', (message: FromThread) => {
    if (message.kind === 'ready') {
      started.resolve(undefined);
    } else if (message.kind === 'cannot-start') {
      end({ ok: false, error: message.error });
      void worker.terminate();
    } else if (message.kind === 'result') {
      finish?.({ ok: true, result: JSON.parse(message.result) });
    } else {
      finish?.({ ok: false, error: message.error });
    }
  });
  worker.on('error', (error) => {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    end(failed(name, message));
  });
  worker.on('exit', (code) =>
    end(failed('Runtime.ExitError', `The function's thread ended with code ${code}.`)),
  );

  return {
    ended: () => ended,
    terminate: async () => {
      end(failed('Stopped', 'The system was stopped.'));
      await worker.terminate();
    },
    run: async (event) => {
      const cannotStart = await started.promise;
      if (cannotStart !== undefined) {
        return cannotStart;
      }
      const requestId = randomUUID();
      const milliseconds = definition.timeoutSeconds * 1000;
      const done = Promise.withResolvers<Invocation>();
      finish = done.resolve;
      const timer = setTimeout(() => {
        end(
          failed(
            'Sandbox.Timedout',
            `RequestId: ${requestId} Error: Task timed out after ${definition.timeoutSeconds}.00 seconds`,
          ),
        );
        void worker.terminate();
      }, milliseconds);
      const message: ToThread = { requestId, event, deadline: Date.now() + milliseconds };
      worker.postMessage(message);
      try {
        return await done.promise;
      } finally {
        clearTimeout(timer);
        finish = undefined;
      }
    },
  };
}
