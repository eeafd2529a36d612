import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** One request on its way to DynamoDB. */
export interface DynamoRequest {
  /** `TransactWriteItems`, `GetItem` and so on. */
  readonly operation: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * What happens to a request: it goes through; it is carried out and its answer is lost; it gets this error of DynamoDB's; it gets
 * this answer without being carried out.
 */
export type Fault =
  | 'none'
  | 'answer-lost'
  | { readonly error: string; readonly reasons?: readonly string[] }
  | { readonly answer: object };

/** Puts faults between a client and DynamoDB, below the SDK's own retries and error reading. */
export function injectFaults(
  client: DynamoDBDocumentClient,
  faultOf: (request: DynamoRequest) => Fault,
): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const fault = faultOf(requestOf(args.request));
      if (fault === 'none') {
        return next(args);
      }
      if (fault === 'answer-lost') {
        await next(args);
        throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
      }
      const response = 'answer' in fault ? httpAnswer(200, fault.answer) : refusal(fault);
      return { response, output: { $metadata: {} } };
    },
    { step: 'deserialize', priority: 'low', name: 'injectedFaults' },
  );
}

function requestOf(request: unknown): DynamoRequest {
  // The SDK types a request as unknown at this step; over HTTP it has these two.
  const { headers, body } = request as { headers: Record<string, string>; body: string | Uint8Array };
  const target = headers['x-amz-target'] ?? '';
  return {
    operation: target.slice(target.indexOf('.') + 1),
    body: JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body)),
  };
}

function refusal({ error, reasons = [] }: { readonly error: string; readonly reasons?: readonly string[] }) {
  return httpAnswer(400, {
    __type: `com.amazonaws.dynamodb.v20120810#${error}`,
    message: 'injected',
    ...(reasons.length === 0 ? {} : { CancellationReasons: reasons.map((Code) => ({ Code })) }),
  });
}

function httpAnswer(statusCode: number, body: object) {
  return {
    statusCode,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: Buffer.from(JSON.stringify(body)),
  };
}
