import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, ScheduledEvent } from 'aws-lambda';
import { jsonAnswer, textAnswer } from '#functions/runtime/jsonAnswer.ts';
import { createLambdaRuntime } from '#functions/runtime/lambdaRuntime.ts';
import { answerStatus } from './answerStatus.ts';
import { createStatusDependencies } from './dependencies.ts';
import { lookOnSchedule } from './lookOnSchedule.ts';

const parts = await createLambdaRuntime(process.env);
const dependencies = createStatusDependencies(parts, process.env);

/** `GET /health`, `/ready` and `/metrics`: tells how the system is. Its schedule makes it look every minute. */
export const handler = parts.wrap(
  async (
    event: APIGatewayProxyEventV2 | ScheduledEvent,
  ): Promise<APIGatewayProxyStructuredResultV2 | undefined> => {
    if (!('rawPath' in event)) {
      await lookOnSchedule({ ...dependencies, measure: parts.measure });
      return;
    }
    const { statusCode, body } = await answerStatus(dependencies, {
      path: event.rawPath,
      headers: event.headers,
    });
    return typeof body === 'string' ? textAnswer(statusCode, body) : jsonAnswer(statusCode, body);
  },
);
