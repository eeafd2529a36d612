import { describe, expect, it } from 'vitest';
import { createConfigurationCheck } from '#functions/runtime/configuration.ts';
import type { LambdaRuntime } from '#functions/runtime/lambdaRuntime.ts';
import { withSecretReports } from '#functions/runtime/secretReporting.ts';
import { reportedFillings } from '#functions/status/reportedFillings.ts';
import { createSecrets } from '#shared/settings/secrets.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { createDocumentClient } from '#shared/store/dynamo/documentClient.ts';
import { createInMemoryStore, type StoreOperation } from '#tests/support/inMemoryStore.ts';
import { manualClock } from '#tests/support/manualClock.ts';
import { recordingLog, recordingMeasure } from '#tests/support/recordingLog.ts';

const openai = 'SECRET_OPENAI';
const gmail = 'SECRET_GMAIL_SUPPORT';
const empty = {
  ...{ clientId: '', clientSecret: '', refreshToken: '' },
  ...{ serviceAccountEmail: '', serviceAccountPrivateKey: '' },
};

/** The worker, which may read all secrets, and the status function, which sees its reports. */
function setUp() {
  const clock = manualClock();
  const log = recordingLog();
  const operations: StoreOperation[] = [];
  const outage = { isOn: false };
  const { state } = createInMemoryStore({
    clock,
    beforeEach: (operation) => {
      operations.push(operation);
      if (outage.isOn) {
        throw new Error('no table');
      }
    },
  });
  const stored = new Map<string, unknown>([
    [openai, { apiKey: 'sk-1' }],
    [gmail, empty],
  ]);
  const settings = parseSettings({});
  const secrets = createSecrets({
    // Without the cache of Powertools: every read sees what is stored.
    provider: { get: async (name: string) => stored.get(name) } as Parameters<
      typeof createSecrets
    >[0]['provider'],
    environment: { [openai]: openai, [gmail]: gmail },
  });
  const parts: LambdaRuntime = {
    settings,
    secrets,
    checkConfiguration: async () => [],
    dynamo: { client: createDocumentClient({ region: 'eu-central-1' }), clock },
    clock,
    log,
    measure: recordingMeasure().measure,
    correlate: () => undefined,
    wrap: () => () => undefined,
  };
  const check = createConfigurationCheck({
    settings,
    secrets,
    clock,
    fillings: reportedFillings({ state, clock }),
  });
  return {
    ...{ clock, state, stored, outage },
    worker: withSecretReports(parts, state),
    writes: () => operations.filter((operation) => operation === 'state.saveSecretReport').length,
    told: () => check({ openai: true, channels: ['support'] }),
  };
}

const gmailMissing =
  'Gmail account "support" not configured (its Gmail secret: clientId, clientSecret, refreshToken)';

describe('what functions report of secrets', () => {
  it('is told as if they were read, and holds no value', async () => {
    const { worker, told, state, stored } = setUp();
    await worker.reportSecrets();
    expect(await told()).toEqual([gmailMissing]);
    expect(await state.secretReportOf(openai)).toEqual({
      variable: openai,
      fillings: { apiKey: 'filled' },
      fault: null,
      at: '2026-11-20T12:00:00.000Z',
    });
    stored.set(openai, { apiKey: ' ' });
    stored.set(gmail, { ...empty, serviceAccountEmail: 'a@b.example', serviceAccountPrivateKey: 'k' });
    await worker.reportSecrets();
    expect(await told()).toEqual(['OPENAI_API_KEY not configured (OpenAI secret: apiKey)']);
  });

  it('is waited for after a start, and missing until a function has read the secret', async () => {
    const { worker, told, clock } = setUp();
    const faults = await told();
    expect(faults).toEqual([
      expect.stringMatching(/^No function has read the secret named by SECRET_OPENAI yet\. /),
      expect.stringMatching(/^No function has read the secret named by SECRET_GMAIL_SUPPORT yet\. /),
    ]);
    expect(clock.sleeps.length).toBeGreaterThan(0);
    await worker.secrets.openai();
    await worker.checkConfiguration({ channels: ['support'] });
    expect(await told()).toEqual([gmailMissing]);
  });

  it('is written again only when it changes or is a day old', async () => {
    const { worker, writes, clock, stored } = setUp();
    await worker.secrets.openai();
    await worker.secrets.openai();
    expect(writes()).toBe(1);
    stored.set(openai, { apiKey: '' });
    await worker.secrets.openai({ refresh: true });
    expect(writes()).toBe(2);
    clock.advance(24 * 3_600_000 + 1);
    await worker.secrets.openai();
    expect(writes()).toBe(3);
  });

  it('is renewed by a self-check although nothing changed', async () => {
    const { worker, state, clock } = setUp();
    await worker.reportSecrets();
    clock.advance(3_600_000);
    await worker.reportSecrets();
    expect(await state.secretReportOf(openai)).toMatchObject({ at: '2026-11-20T13:00:00.000Z' });
  });

  it('is that a secret cannot be read', async () => {
    const { worker, told, stored } = setUp();
    stored.set(openai, {});
    await expect(worker.secrets.openai()).rejects.toMatchObject({ code: 'secret-unreadable' });
    await worker.reportSecrets();
    expect(await told()).toEqual([
      expect.stringMatching(/^The secret named by SECRET_OPENAI could not be used: it lacks apiKey\./),
      gmailMissing,
    ]);
  });

  it('keeps no work from its key when the table cannot be written, and is tried again', async () => {
    const { worker, state, outage } = setUp();
    outage.isOn = true;
    expect(await worker.secrets.openai()).toEqual({ apiKey: 'sk-1' });
    outage.isOn = false;
    await worker.secrets.openai();
    expect(await state.secretReportOf(openai)).not.toBeNull();
  });
});
