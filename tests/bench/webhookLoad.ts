import autocannon from 'autocannon';
import { startSystem } from '#tests/support/runningSystem.ts';
import { type Spread, spreadOf } from './statistics.ts';
import { signed, webhookBody } from './webhooks.ts';

/** Webhooks of one kind under load. */
export interface WebhookLoad {
  readonly signature: 'valid' | 'wrong';
  readonly bytes: number;
  readonly requestsPerSecond: Spread;
  /** Milliseconds. */
  readonly p50: Spread;
  readonly p99: Spread;
  /** Answers that were not the expected ones. */
  readonly unexpected: number;
}

const roundCount = 3;
const seconds = 2;
const warmUpSeconds = 6;
const connections = 10;

type Kind = Pick<WebhookLoad, 'bytes' | 'signature'>;

const kinds = [
  { bytes: 2000, signature: 'valid' },
  { bytes: 2000, signature: 'wrong' },
  { bytes: 200_000, signature: 'valid' },
  { bytes: 200_000, signature: 'wrong' },
] as const;

/** Fires webhooks at the running local system, through its API, the kinds in turn. */
export async function measureWebhooks(): Promise<readonly WebhookLoad[]> {
  const system = await startSystem({
    // The throttle of the defaults would be measured.
    settings: { api: { requestsPerSecond: 100_000, burst: 100_000 } },
    environment: { CSM_GMAIL_POLL_SECONDS: '3600' },
  });
  try {
    const { api, desk } = system.local;
    const run = async ({ bytes, signature }: Kind, seconds: number) => {
      // Always the same bytes: the queue takes a repeated event once, so that no job disturbs the measurement.
      const body = webhookBody(1, bytes);
      const { requests, latency, errors, statusCodeStats } = await autocannon({
        url: `${api}/freescout`,
        method: 'POST',
        connections: connections,
        duration: seconds,
        headers: {
          'content-type': 'application/json',
          'x-freescout-event': 'convo.note.created',
          'x-freescout-signature': signed(body, signature === 'valid' ? desk.webhookSecret : 'wrong'),
        },
        body,
      });
      const expected = statusCodeStats?.[signature === 'valid' ? '200' : '401']?.count ?? 0;
      return {
        requests: requests.average,
        p50: latency.p50,
        p99: latency.p99,
        unexpected: requests.total - expected + errors,
      };
    };
    await run(kinds[0], warmUpSeconds);
    const rounds: Awaited<ReturnType<typeof run>>[][] = [];
    for (let round = 0; round < roundCount; round += 1) {
      const results: Awaited<ReturnType<typeof run>>[] = [];
      for (const kind of kinds) {
        results.push(await run(kind, seconds));
      }
      rounds.push(results);
    }
    return kinds.map((kind, index) => {
      const results = rounds.flatMap((round) => round[index] ?? []);
      return {
        ...kind,
        requestsPerSecond: spreadOf(results.map(({ requests }) => requests)),
        p50: spreadOf(results.map(({ p50 }) => p50)),
        p99: spreadOf(results.map(({ p99 }) => p99)),
        unexpected: results.reduce((sum, { unexpected }) => sum + unexpected, 0),
      };
    });
  } finally {
    await system.stop();
  }
}
