import type { Logger } from '@aws-lambda-powertools/logger';
import { type Log, type LogFieldName, type LogFields, logCatalogue } from './logCatalogue.ts';

/**
 * Name under which a field stands in the line. Nothing that is not named here gets into a line. The catalogue's code stands under
 * `code`, so the code of a failure stands under `failureCode`.
 */
const nameInLine: Readonly<Record<LogFieldName, string>> = {
  account: 'account',
  action: 'action',
  alert: 'alert',
  attempt: 'attempt',
  attempts: 'attempts',
  bucket: 'bucket',
  cachedTokens: 'cachedTokens',
  calls: 'calls',
  cause: 'cause',
  channel: 'channel',
  code: 'failureCode',
  conversationId: 'conversationId',
  customField: 'customField',
  decision: 'decision',
  digest: 'digest',
  draftThreadId: 'draftThreadId',
  durationMs: 'durationMs',
  errorName: 'errorName',
  event: 'event',
  failed: 'failed',
  faults: 'faults',
  found: 'found',
  hours: 'hours',
  importance: 'importance',
  inputTokens: 'inputTokens',
  jobId: 'jobId',
  jobKind: 'jobKind',
  known: 'known',
  language: 'language',
  messageId: 'messageId',
  method: 'method',
  missing: 'missing',
  mode: 'mode',
  model: 'model',
  module: 'module',
  otherConversationId: 'otherConversationId',
  outcome: 'outcome',
  outputTokens: 'outputTokens',
  ownAddress: 'ownAddress',
  pages: 'pages',
  purpose: 'purpose',
  qualified: 'qualified',
  queued: 'queued',
  reason: 'reason',
  reasons: 'reasons',
  requestId: 'requestId',
  retryable: 'retryable',
  route: 'route',
  rowKey: 'rowKey',
  seconds: 'seconds',
  similarity: 'similarity',
  size: 'size',
  skipped: 'skipped',
  status: 'status',
  step: 'step',
  threadId: 'threadId',
  type: 'type',
  units: 'units',
  usd: 'usd',
  woken: 'woken',
};

/**
 * A log whose lines Powertools writes: level and sentence (`message`) from the catalogue, its code under `code`, then the fields.
 * Errors are never handed over: their messages may quote mails, so callers log `errorName` and the failure's `code`.
 */
export function createPowertoolsLog(
  logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>,
  always: LogFields = {},
): Log {
  return {
    write(code, fields = {}) {
      const [level, sentence] = logCatalogue[code];
      const line = { code, ...inLine({ ...always, ...fields }) };
      switch (level) {
        case 'DEBUG':
          logger.debug(sentence, line);
          break;
        case 'INFO':
          logger.info(sentence, line);
          break;
        case 'WARN':
          logger.warn(sentence, line);
          break;
        case 'ERROR':
          logger.error(sentence, line);
          break;
      }
    },
    with: (fields) => createPowertoolsLog(logger, { ...always, ...fields }),
  };
}

/** Ids and codes are short; what is longer than this is not one. */
const longestValue = 300;

/** Fields under the names that they have in a line. */
export function inLine(
  fields: Readonly<Record<string, LogFields[LogFieldName]>>,
): Record<string, string | number | boolean | null> {
  const named: Readonly<Record<string, string>> = nameInLine;
  const line: Record<string, string | number | boolean | null> = {};
  for (const [name, value] of Object.entries(fields)) {
    const lineName = Object.hasOwn(named, name) ? named[name] : undefined;
    if (lineName !== undefined && value !== undefined) {
      line[lineName] = typeof value === 'string' ? value.slice(0, longestValue) : value;
    }
  }
  return line;
}
