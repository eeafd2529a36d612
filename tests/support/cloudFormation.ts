import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import * as z from 'zod';

export interface CloudFormation {
  /** Leads an AWS SDK to this stand-in, and to the local parts for everything else. */
  readonly environment: Readonly<Record<string, string>>;
  readonly close: () => void;
}

const stackSchema = z.object({
  outputs: z.record(z.string(), z.string()),
  endpoints: z.object({ dynamodb: z.url(), sqs: z.url(), secretsManager: z.url() }),
});
const templateSchema = z.object({ Metadata: z.unknown() });

/** As much of CloudFormation as the operator's command asks: shows a system of this machine as a stack on AWS. */
export async function startCloudFormation(stackName: string, dataDirectory: string): Promise<CloudFormation> {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(dataDirectory, file), 'utf8'));
  const { outputs, endpoints } = stackSchema.parse(read('stack.json'));
  const { Metadata } = templateSchema.parse(read('cdk.out/CustomerServiceManagement.template.json'));
  const members = Object.entries(outputs).map(
    ([key, value]) =>
      `<member><OutputKey>${key}</OutputKey><OutputValue>${escaped(value)}</OutputValue></member>`,
  );
  const results: Readonly<Record<string, string>> = {
    DescribeStacks: `<Stacks><member><StackName>${stackName}</StackName><CreationTime>2026-11-20T12:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${members.join('')}</Outputs></member></Stacks>`,
    // As on AWS, which gives templates back in ASCII.
    GetTemplateSummary: `<Metadata>${escaped(JSON.stringify(Metadata).replaceAll(/[^ -~]/gu, '?'))}</Metadata>`,
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const form = new URLSearchParams(body);
      const action = form.get('Action') ?? '';
      const isKnown = form.get('StackName') === stackName;
      response.writeHead(isKnown ? 200 : 400, { 'content-type': 'text/xml' });
      response.end(
        isKnown
          ? `<${action}Response xmlns="${namespace}"><${action}Result>${results[action]}</${action}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${action}Response>`
          : `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id ${form.get('StackName')} does not exist</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    environment: {
      AWS_ENDPOINT_URL_CLOUDFORMATION: `http://127.0.0.1:${port}`,
      AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
      AWS_ENDPOINT_URL_SQS: endpoints.sqs,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsManager,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    },
    close: () => server.close(),
  };
}

const namespace = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
