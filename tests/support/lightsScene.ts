import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { readEnvironment } from '#infra/local/environment.ts';
import { type LocalSystem, startLocalSystem } from '#infra/local/localSystem.ts';
import { createDynamoSystemState } from '#shared/store/dynamo/dynamoSystemState.ts';
import type { SystemState } from '#shared/store/systemState.ts';
import { systemClock } from '#shared/time/clock.ts';

const readySchema = z.object({
  status: z.string(),
  issues: z.array(z.string()).default([]),
  conditions: z.array(z.string()).default([]),
});

/** The whole system in this process, whose lights a test looks at. */
export interface LightsScene {
  readonly system: LocalSystem;
  readonly state: SystemState;
  /** What `/ready` says now. */
  ready(): Promise<z.infer<typeof readySchema>>;
  /** Runs the sweep and waits for its end. */
  sweep(): Promise<void>;
  /** Makes the last trial of webhooks that much older, as if time had gone by. */
  ageTrial(milliseconds: number): Promise<void>;
  stop(): Promise<void>;
}

/** @param environment - variables of `npm start` beside those that keep it apart from other systems. */
export async function startLightsScene(
  settings: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<LightsScene> {
  const directory = mkdtempSync(join(tmpdir(), 'csm-lights-'));
  const system = await startLocalSystem({
    ...readEnvironment({
      CSM_PORT: '0',
      CSM_SAMPLES: 'off',
      CSM_GMAIL_POLL_SECONDS: '1',
      CSM_DESK_DELAY_FACTOR: '0.05',
      CSM_DATA_DIR: directory,
      CSM_SETTINGS: JSON.stringify(settings),
      ...environment,
    }),
    output: () => {},
    report: () => {},
    onPartLost: (sentence) => {
      throw new Error(sentence);
    },
  });
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: system.description.aws.dynamodb,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  );
  const state = createDynamoSystemState({
    client,
    clock: systemClock,
    tableName: z.string().parse(system.description.aws.tables.SystemState),
  });
  return {
    system,
    state,
    async ready() {
      const answer = await fetch(`${system.description.api}/ready`, {
        headers: {
          authorization: `Bearer ${system.description.statusToken}`,
          'cache-control': 'no-cache',
        },
      });
      return readySchema.parse(await answer.json());
    },
    async sweep() {
      await system.runNow('FreescoutSweep');
    },
    async ageTrial(milliseconds) {
      const cursor = await state.getSweepCursor();
      const older = (time: string) => new Date(Date.parse(time) - milliseconds).toISOString();
      const trial = cursor.webhookTrial;
      if (trial !== undefined) {
        await state.saveSweepCursor({
          ...cursor,
          webhookTrial: {
            at: older(trial.at),
            unansweredSince: trial.unansweredSince && older(trial.unansweredSince),
          },
        });
      }
    },
    async stop() {
      client.destroy();
      await system.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
