import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { jsonAnswer } from '#functions/runtime/jsonAnswer.ts';
import { createLambdaRuntime } from '#functions/runtime/lambdaRuntime.ts';
import { createWebhookDependencies } from './dependencies.ts';
import { receiveWebhook } from './receiveWebhook.ts';

const parts = await createLambdaRuntime(process.env);
const dependencies = createWebhookDependencies(parts, process.env);

/** `POST /freescout`: receives FreeScout's webhooks. */
export const handler = parts.wrap(
  async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const { statusCode, message } = await receiveWebhook(dependencies, {
      requestId: event.requestContext.requestId,
      headers: event.headers,
      rawBody: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    });
    return jsonAnswer(statusCode, { message });
  },
);
