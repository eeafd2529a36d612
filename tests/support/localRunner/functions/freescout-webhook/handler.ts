import type { APIGatewayProxyEventV2 } from 'aws-lambda';

export const handler = async (event: APIGatewayProxyEventV2) => {
  process.stdout.write(
    `${JSON.stringify({ event: event.headers['x-freescout-event'], body: event.body })}\n`,
  );
  return { statusCode: 200, body: '' };
};
