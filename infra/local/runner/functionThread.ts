import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { onlyOnOneMachine } from '../../bundle/bundling.ts';
import type { FromThread, ThreadData, ToThread } from './functionProtocol.ts';

/*
 * One execution environment of a function: loads the built bundle once and handles one event at a time. Its process.env is
 * the function's own.
 */
const { entry, handlerName, functionName, memoryMegabytes }: ThreadData = workerData;
const port = parentPort;
if (port === null) {
  throw new Error('This file is the inside of a worker thread.');
}

// The bundle lies anywhere on this machine; what it does not carry is the project's.
registerHooks({
  resolve: (specifier, context, next) =>
    next(
      specifier,
      onlyOnOneMachine.includes(specifier) ? { ...context, parentURL: import.meta.url } : context,
    ),
});

const answer = (message: FromThread) => port.postMessage(message);

const describeError = (error: unknown) =>
  error instanceof Error
    ? {
        errorType: error.name,
        errorMessage: error.message,
        trace: error.stack?.split('\n').slice(1, 12) ?? [],
      }
    : { errorType: 'Error', errorMessage: String(error), trace: [] };

try {
  const bundle: Record<string, unknown> = await import(pathToFileURL(entry).href);
  const handler = bundle[handlerName];
  if (typeof handler !== 'function') {
    throw new Error(`${entry} exports no function ${handlerName}.`);
  }
  port.on('message', async ({ requestId, event, deadline }: ToThread) => {
    const context = {
      awsRequestId: requestId,
      callbackWaitsForEmptyEventLoop: true,
      functionName,
      functionVersion: '$LATEST',
      invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
      logGroupName: `/aws/lambda/${functionName}`,
      logStreamName: 'local',
      memoryLimitInMB: String(memoryMegabytes),
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    };
    try {
      const result: unknown = await handler(event, context);
      answer({ kind: 'result', requestId, result: result === undefined ? 'null' : JSON.stringify(result) });
    } catch (error) {
      answer({ kind: 'error', requestId, error: describeError(error) });
    }
  });
  answer({ kind: 'ready' });
} catch (error) {
  answer({ kind: 'cannot-start', error: describeError(error) });
}
