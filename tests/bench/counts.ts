import { channel, subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';

/** What was asked of others, added up. */
export interface Counts {
  freescoutCalls: number;
  gmailUnits: number;
  modelCalls: number;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
  dynamoRequests: number;
  readUnits: number;
  writeUnits: number;
  sqsRequests: number;
  /** What the calls to the model cost, each at the price of its own model. */
  modelUsd: number;
}

export function createCounts(): Counts {
  return {
    freescoutCalls: 0,
    gmailUnits: 0,
    modelCalls: 0,
    inputTokens: 0,
    cachedTokens: 0,
    outputTokens: 0,
    dynamoRequests: 0,
    readUnits: 0,
    writeUnits: 0,
    sqsRequests: 0,
    modelUsd: 0,
  };
}

/** What came to `now` since `before`. */
export function countsSince(before: Counts, now: Counts): Counts {
  const difference = { ...now };
  for (const name of Object.keys(difference)) {
    // The record's own keys.
    const key = name as keyof Counts;
    difference[key] = now[key] - before[key];
  }
  return difference;
}

const consumed = z.object({ CapacityUnits: z.number() });
const answerSchema = z.object({ ConsumedCapacity: z.union([consumed, z.array(consumed)]).optional() });

/** Asks every answer for the capacity it used, as DynamoDB bills it. */
export function countDynamo(client: DynamoDBDocumentClient, counts: Counts): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const answer = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } });
      const used = answerSchema.parse(answer.output).ConsumedCapacity;
      const units = [used ?? []].flat().reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
      counts.dynamoRequests += 1;
      if (/^(Get|BatchGet|Query|Scan|TransactGet)/.test(context.commandName ?? '')) {
        counts.readUnits += units;
      } else {
        counts.writeUnits += units;
      }
      return answer;
    },
    { step: 'initialize', name: 'countCapacity' },
  );
}

/** Counts requests to the queue's port, whichever client sends them. */
export function countSqs(port: number, counts: Counts): void {
  subscribe(channel('http.client.request.start').name, (message) => {
    // Node documents the message as { request }.
    const { request } = message as { readonly request: ClientRequest };
    if (String(request.getHeader('host')).endsWith(`:${port}`)) {
      counts.sqsRequests += 1;
    }
  });
}
