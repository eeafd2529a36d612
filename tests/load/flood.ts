import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningSystem, startSystem } from '#tests/support/runningSystem.ts';
import { signed, webhookBody } from '../bench/webhooks.ts';
import { type Attack, attacks } from './attacks.ts';

/*
 * `npm run load:flood`: attacks a system of its own, on loopback and with stand-ins alone, in each way of `attacks.ts`. Takes about six
 * minutes (Linux) and ends with 1 when a target is missed. `-- <part of a name>` runs only some attacks.
 */
const megabyte = 1_000_000;
/** The system is ended at this size: the machine must not suffer. */
const largest = 1_500 * megabyte;
const healthMilliseconds = 1000;
const settleSeconds = 10;
/** FreeScout sends whole conversations. */
const genuineBytes = 900_000;

interface Outcome {
  readonly attack: string;
  readonly ended: string;
  readonly before: number;
  readonly peak: number;
  readonly after: number;
  readonly health: number;
  readonly genuine: string;
  readonly missed: readonly string[];
}

/** Resident bytes of the process and of those that it started. */
function residentBytes(pid: number): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return (
      pages * 4096 +
      (children === '' ? [] : children.split(' ')).reduce(
        (sum, child) => sum + residentBytes(Number(child)),
        0,
      )
    );
  } catch {
    return 0;
  }
}

/** Status and milliseconds of one request on a connection of its own; status 0 when there was no answer. */
function timed(url: string, headers: Record<string, string> = {}, body?: Buffer) {
  const begun = performance.now();
  return new Promise<{ status: number; milliseconds: number }>((resolve) => {
    const end = (status: number) => resolve({ status, milliseconds: performance.now() - begun });
    const asked = request(
      url,
      {
        agent: false,
        method: body ? 'POST' : 'GET',
        headers: { ...headers, ...(body && { 'content-length': body.length }) },
        signal: AbortSignal.timeout(5000),
      },
      (answer) => {
        answer.resume();
        answer.on('close', () => end(answer.statusCode ?? 0));
      },
    );
    asked.on('error', () => end(0));
    asked.end(body);
  });
}

function genuineWebhook({ local }: RunningSystem) {
  // Always the same bytes: the queue takes a repeated event once.
  const body = webhookBody(1, genuineBytes);
  return timed(
    `${local.api}/freescout`,
    {
      'content-type': 'application/json',
      'x-freescout-event': 'convo.note.created',
      'x-freescout-signature': signed(body, local.desk.webhookSecret),
    },
    body,
  );
}

async function startAttack(port: string, attack: Attack): Promise<string> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'attacker.ts'), port, JSON.stringify(attack)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let printed = '';
  child.stdout.on('data', (text) => {
    printed += text;
  });
  await new Promise((resolve) => child.once('close', resolve));
  return printed.trim();
}

async function run(system: RunningSystem, attack: Attack): Promise<Outcome> {
  const { api, pid } = system.local;
  const before = residentBytes(pid);
  let peak = before;
  let slowest = 0;
  let over = false;
  const genuine: number[] = [];
  const repeat = async (milliseconds: number, once: () => Promise<void> | void) => {
    while (!over) {
      await once();
      await sleep(milliseconds);
    }
  };
  const watching = [
    repeat(20, async () => {
      peak = Math.max(peak, residentBytes(pid));
      if (peak > largest) {
        over = true;
        await system.kill();
      }
    }),
    repeat(100, async () => {
      const { status, milliseconds } = await timed(`${api}/health`);
      slowest = Math.max(slowest, status === 200 ? milliseconds : Number.POSITIVE_INFINITY);
    }),
    repeat(500, async () => {
      genuine.push((await genuineWebhook(system)).status);
    }),
  ];
  const begun = performance.now();
  const ended = await Promise.race([
    startAttack(new URL(api).port, attack),
    repeat(20, () => {}).then(
      () =>
        `killed after ${((performance.now() - begun) / 1000).toFixed(1)} s at ${(peak / megabyte).toFixed(0)} MB`,
    ),
  ]);
  over = true;
  await Promise.all(watching);
  await sleep(settleSeconds * 1000);
  const after = residentBytes(pid);
  const taken = genuine.filter((status) => status === 200).length;
  return {
    attack: attack.name,
    ended,
    before,
    peak,
    after,
    health: slowest,
    genuine: `${taken} of ${genuine.length}`,
    missed: [
      ...(slowest <= healthMilliseconds ? [] : ['/health']),
      ...(after > 0 && after <= attack.memoryFactor * before ? [] : ['memory']),
      ...(!attack.sparesGenuine || taken === genuine.length ? [] : ['genuine webhooks']),
    ],
  };
}

const megabytes = (bytes: number) => (bytes / megabyte).toFixed(0).padStart(5);

const wanted = process.argv[2] ?? '';
const chosen = attacks.filter(({ name }) => name.includes(wanted));
const results: Outcome[] = [];
const system = await startSystem({ environment: { CSM_GMAIL_POLL_SECONDS: '3600' } });
try {
  const { api, desk, gmail, openai } = system.local;
  if (desk.external || gmail.external || openai.external) {
    throw new Error('Only a system with stand-ins alone may be attacked.');
  }
  // As it is after a while: every function has run.
  for (let round = 0; round < 20; round += 1) {
    await Promise.all(Array.from({ length: 5 }, () => genuineWebhook(system)));
    await Promise.all([timed(`${api}/health`), timed(`${api}/ready`)]);
  }
  await sleep(settleSeconds * 1000);
  process.stdout.write(
    'MB before, at most, after; slowest /health; genuine webhooks answered 200; how the connections ended\n',
  );
  for (const attack of chosen) {
    const outcome = await run(system, attack);
    results.push(outcome);
    process.stdout.write(
      [
        outcome.attack.padEnd(40),
        megabytes(outcome.before),
        megabytes(outcome.peak),
        megabytes(outcome.after),
        `${outcome.health.toFixed(0).padStart(5)} ms`,
        outcome.genuine.padStart(9),
        outcome.ended,
        ...(outcome.missed.length > 0 ? [`MISSED: ${outcome.missed.join(', ')}`] : []),
      ]
        .join('  ')
        .concat('\n'),
    );
    if (outcome.after === 0) {
      break;
    }
  }
} finally {
  await system.stop().catch(() => undefined);
}
process.exit(results.length === chosen.length && results.every(({ missed }) => missed.length === 0) ? 0 : 1);
