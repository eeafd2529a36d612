import { Stack } from 'aws-cdk-lib';
import { QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { LogCode } from '#shared/observability/logCatalogue.ts';
import type { Watched } from './watched.ts';

const codes = (...names: readonly LogCode[]) => `code in [${names.map((name) => `"${name}"`).join(', ')}]`;

/** What a person has to look at, newest first. */
export const recentFailures = new QueryString({
  fields: [
    '@timestamp',
    'service',
    'code',
    'failureCode',
    'reason',
    'conversationId',
    'messageId',
    'requestId',
    'message',
  ],
  filterStatements: [
    `level = "ERROR" or ${codes('JOB_FAILED', 'ALERT_FAILED', 'CONFIGURATION_FAULT')} or ispresent(errorType) or @message like /Task timed out/`,
  ],
  sort: '@timestamp desc',
  limit: 100,
});

/** Placeholder: the operator who runs the query replaces it with an id. */
const putId = '0000';

const queries: Readonly<Record<string, QueryString>> = {
  'messages-by-status': new QueryString({
    fields: ['coalesce(failureCode, reason, "-") as why'],
    filterStatements: [
      codes(
        'MAIL_CREATED',
        'MAIL_APPENDED',
        'MAIL_NOTED',
        'MAIL_FILTERED',
        'CONVERSATION_DEFERRED',
        'JOB_FAILED',
        'JOB_FAILED_FOR_GOOD',
      ),
    ],
    statsStatements: ['count(*) as messages by code, why'],
    sort: 'messages desc',
  }),
  'recent-failures': recentFailures,
  // By the id that the webhook or the poll began with: it stands in every line, those of the calls to FreeScout included.
  'one-message': new QueryString({
    fields: [
      '@timestamp',
      'service',
      'code',
      'message',
      'route',
      'status',
      'reason',
      'failureCode',
      'conversationId',
      'durationMs',
    ],
    filterStatements: [
      `requestId = "${putId}" or messageId = "${putId}" or jobId = "${putId}" or rowKey = "${putId}"`,
    ],
    sort: '@timestamp asc',
    limit: 1000,
  }),
  'drafts-of-conversation': new QueryString({
    fields: ['@timestamp', 'code', 'message', 'draftThreadId', 'outcome', 'similarity', 'reason'],
    filterStatements: [`conversationId = ${putId}`, 'code like /^DRAFT/'],
    sort: '@timestamp asc',
    limit: 1000,
  }),
  'slowest-jobs': new QueryString({
    fields: ['@timestamp', 'durationMs', 'jobKind', 'cause', 'conversationId', 'messageId', 'requestId'],
    filterStatements: [codes('JOB_DONE', 'JOB_FAILED', 'JOB_FAILED_FOR_GOOD')],
    sort: 'durationMs desc',
    limit: 50,
  }),
  'spend-by-model': new QueryString({
    filterStatements: [codes('MODEL_CALL'), 'ispresent(model)'],
    statsStatements: [
      'sum(usd) as spentUsd, count(*) as calls, sum(inputTokens) as inTokens, sum(cachedTokens) as cachedIn, sum(outputTokens) as outTokens by model, purpose, bin(1d)',
    ],
    sort: 'spentUsd desc',
  }),
};

/** The saved queries of CloudWatch Logs Insights, in a folder named after the stack. */
export function createSavedQueries(scope: Construct, { functions }: Watched): void {
  const logGroups = Object.values(functions).map(({ logGroup }) => logGroup);
  for (const [name, queryString] of Object.entries(queries)) {
    new QueryDefinition(scope, `Query-${name}`, {
      queryDefinitionName: `${Stack.of(scope).stackName}/${name}`,
      queryString,
      logGroups,
    });
  }
}

export function logGroupNames({ functions }: Pick<Watched, 'functions'>): string[] {
  return Object.values(functions).map(({ logGroup }) => logGroup.logGroupName);
}
