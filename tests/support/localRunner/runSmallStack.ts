import { randomUUID } from 'node:crypto';
import { openHttpApi } from '#infra/local/runner/httpApi.ts';
import { type RunningTemplate, runTemplate } from '#infra/local/runner/runTemplate.ts';
import { removeTables, startDynoxide } from '#tests/support/dynoxide.ts';
import { type SmallStack, smallTemplate } from './cloudAssembly.ts';

export interface SmallSystem {
  readonly url: string;
  readonly running: RunningTemplate;
  readonly lines: string[];
  readonly reports: string[];
  readonly stop: () => Promise<void>;
}

/** Runs a small stack with a DynamoDB in memory; intake starts at once. */
export async function runSmallStack(
  stack: SmallStack,
  scheduleSeconds: Record<string, number> = {},
): Promise<SmallSystem> {
  const lines: string[] = [];
  const reports: string[] = [];
  const { template, remove } = await smallTemplate(stack);
  const dynamodb = await startDynoxide((sentence) => reports.push(sentence));
  const httpApi = await openHttpApi(0);
  const running = await runTemplate(template, {
    dynamodbEndpoint: dynamodb.endpoint,
    tablePrefix: `test-${randomUUID()}-`,
    emptyTables: true,
    httpApi,
    scheduleSeconds,
    output: (id, line) => lines.push(`${id}: ${line}`),
    report: (id, sentence) => reports.push(`${id}: ${sentence}`),
  }).catch(async (error: unknown) => {
    await Promise.all([dynamodb.close(), httpApi.close()]);
    remove();
    throw error;
  });
  running.startIntake();
  return {
    url: httpApi.url,
    running,
    lines,
    reports,
    stop: async () => {
      await running.stop(20_000);
      await removeTables(dynamodb.endpoint, Object.values(running.tables));
      await dynamodb.close();
      remove();
    },
  };
}
