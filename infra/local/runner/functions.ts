import { join } from 'node:path';
import * as z from 'zod';
import {
  type FunctionDefinition,
  type FunctionOutput,
  type FunctionThread,
  type Invocation,
  startFunctionThread,
} from './functionThreads.ts';

export const functionType = 'AWS::Lambda::Function';

const functionSchema = z.object({
  Runtime: z.string().regex(/^nodejs/, 'only Node.js functions run on one machine'),
  Handler: z.string().regex(/^[\w/-]+\.\w+$/),
  Timeout: z.coerce.number().default(3),
  MemorySize: z.coerce.number().default(128),
  Code: z.object({ S3Key: z.string() }),
  Environment: z.object({ Variables: z.record(z.string(), z.coerce.string()) }).optional(),
  Layers: z.undefined({ error: 'layers are not supported on one machine' }).optional(),
});

/** The properties that are read; others (role, logging) refer to resources that only AWS has. */
export const functionProperties: readonly string[] = Object.keys(functionSchema.shape);

/**
 * Reads a function of the template.
 *
 * @param sdkEnvironment endpoints, region and made-up credentials for the AWS SDK; they win over the template's own.
 */
export function functionDefinition(
  id: string,
  name: string,
  properties: unknown,
  assetPath: (objectKey: string) => string,
  sdkEnvironment: Readonly<Record<string, string>>,
): FunctionDefinition {
  const own = functionSchema.parse(properties);
  const [file, handlerName] = own.Handler.split('.') as [string, string]; // the schema demands one dot
  return {
    id,
    name,
    entry: join(assetPath(own.Code.S3Key), `${file}.mjs`),
    handlerName,
    timeoutSeconds: own.Timeout,
    memoryMegabytes: own.MemorySize,
    environment: {
      ...own.Environment?.Variables,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(own.MemorySize),
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: 'local',
      AWS_EXECUTION_ENV: `AWS_Lambda_${own.Runtime}`,
      _HANDLER: own.Handler,
      ...sdkEnvironment,
    },
  };
}

/** A function with as many execution environments as it needs, each handling one event at a time. */
export interface RunningFunction {
  readonly definition: FunctionDefinition;
  readonly invoke: (event: unknown) => Promise<Invocation>;
  /** Resolves when nothing is in hand, or after the time. True when nothing was left. */
  readonly drain: (milliseconds: number) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/**
 * Runs a function. Threads are started when they are needed, up to `maximumThreads`; further events wait. An environment that
 * ended is replaced by a cold one at the next event.
 */
export function runFunction(
  definition: FunctionDefinition,
  maximumThreads: number,
  output: FunctionOutput,
): RunningFunction {
  const threads = new Set<FunctionThread>();
  const idle: FunctionThread[] = [];
  const waiting: ((thread: FunctionThread | undefined) => void)[] = [];
  const drained: (() => void)[] = [];
  let inHand = 0;
  let closed = false;

  const start = (): FunctionThread => {
    const thread = startFunctionThread(definition, output);
    threads.add(thread);
    return thread;
  };

  const take = (): FunctionThread | undefined | Promise<FunctionThread | undefined> => {
    if (closed) {
      return undefined;
    }
    // The one that rested longest, so that what a warm thread keeps is not kept by one alone.
    const free = idle.shift() ?? (threads.size < maximumThreads ? start() : undefined);
    return free ?? new Promise((resolve) => waiting.push(resolve));
  };

  const giveBack = (thread: FunctionThread) => {
    if (thread.ended()) {
      threads.delete(thread);
      waiting.shift()?.(closed ? undefined : start());
      return;
    }
    const next = waiting.shift();
    if (next === undefined) {
      idle.push(thread);
    } else {
      next(thread);
    }
  };

  return {
    definition,
    invoke: async (event) => {
      inHand += 1;
      try {
        let thread = await take();
        while (thread?.ended()) {
          threads.delete(thread);
          thread = await take();
        }
        if (thread === undefined) {
          return {
            ok: false,
            error: { errorType: 'Stopped', errorMessage: 'The system was stopped.', trace: [] },
          };
        }
        const invocation = await thread.run(event);
        giveBack(thread);
        return invocation;
      } finally {
        inHand -= 1;
        if (inHand === 0) {
          for (const resolve of drained.splice(0)) {
            resolve();
          }
        }
      }
    },
    drain: async (milliseconds) => {
      if (inHand > 0) {
        const timer = Promise.withResolvers<void>();
        const handle = setTimeout(timer.resolve, milliseconds);
        await Promise.race([timer.promise, new Promise<void>((resolve) => drained.push(resolve))]);
        clearTimeout(handle);
      }
      return inHand === 0;
    },
    close: async () => {
      closed = true;
      for (const resolve of waiting.splice(0)) {
        resolve(undefined);
      }
      await Promise.all([...threads].map((thread) => thread.terminate()));
    },
  };
}
