import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { jsonAnswer, textAnswer } from '#functions/runtime/jsonAnswer.ts';
import { createLambdaRuntime } from '#functions/runtime/lambdaRuntime.ts';
import { answerStatus } from './answerStatus.ts';
import { createStatusDependencies } from './dependencies.ts';

const parts = await createLambdaRuntime(process.env);
const dependencies = createStatusDependencies(parts, process.env);

/** `GET /health`, `/ready` and `/metrics`: tells how the system is. */
export const handler = parts.wrap(
  async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const { statusCode, body } = await answerStatus(dependencies, {
      path: event.rawPath,
      headers: event.headers,
    });
    return typeof body === 'string' ? textAnswer(statusCode, body) : jsonAnswer(statusCode, body);
  },
);
