import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** What happens to one request: it goes through, gets this error of DynamoDB's, or is carried out and its answer is lost. */
export type Fault = 'none' | 'answer-lost' | { readonly error: string; readonly reasons?: readonly string[] };

/**
 * Puts faults between the client and DynamoDB, below the SDK's own retries and error reading.
 *
 * @param faultOf - asked for every request with the name of its operation (`TransactWriteItems`).
 */
export function injectFaults(client: DynamoDBDocumentClient, faultOf: (operation: string) => Fault): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const fault = faultOf(operationOf(args));
      if (fault === 'none') {
        return next(args);
      }
      if (fault === 'answer-lost') {
        await next(args);
        throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
      }
      return { response: refusal(fault.error, fault.reasons ?? []), output: { $metadata: {} } };
    },
    { step: 'deserialize', priority: 'low', name: 'injectedFaults' },
  );
}

function operationOf(args: { readonly request?: unknown }): string {
  const { request } = args;
  const headers =
    typeof request === 'object' && request !== null && 'headers' in request ? request.headers : undefined;
  const target = new Headers(headers as Record<string, string>).get('x-amz-target') ?? '';
  return target.slice(target.indexOf('.') + 1);
}

/** An HTTP answer as DynamoDB gives it. */
function refusal(error: string, reasons: readonly string[]) {
  return {
    statusCode: 400,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: Buffer.from(
      JSON.stringify({
        __type: `com.amazonaws.dynamodb.v20120810#${error}`,
        message: 'injected',
        ...(reasons.length === 0 ? {} : { CancellationReasons: reasons.map((Code) => ({ Code })) }),
      }),
    ),
  };
}
