import { barChart, lineChart } from './charts.ts';
import type { ColdStart } from './coldStart.ts';
import type { CaseCost } from './costs.ts';
import { type Growth, pageOfSweep } from './growth.ts';
import { listPrices } from './listPrices.ts';
import type { Machine } from './machine.ts';
import type { MemoryOverJobs } from './memory.ts';
import { shown } from './statistics.ts';
import { table } from './table.ts';
import { type Throughput, unavoidableMilliseconds } from './throughput.ts';
import type { WebhookLoad } from './webhookLoad.ts';

export interface Results {
  readonly machine: Machine;
  readonly seconds: number;
  readonly coldStart: readonly ColdStart[];
  readonly webhooks: readonly WebhookLoad[];
  readonly throughput: readonly Throughput[];
  readonly growth: readonly Growth[];
  readonly costs: readonly CaseCost[];
  readonly memory: MemoryOverJobs;
}

/** A figure that has to hold. */
export interface Target {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  readonly isMet: boolean;
}

const empty = 'empty handler';
const webhookFunction = 'freescout-webhook';

/** The tables as text and the charts as SVG by their names. */
export function writeReport(results: Results): {
  readonly text: string;
  readonly charts: Readonly<Record<string, string>>;
  readonly missed: readonly Target[];
} {
  const { machine } = results;
  const targets = targetsOf(results);
  const packages = Object.entries(machine.packages).map(([name, version]) => `${name} ${version}`);
  const sections: readonly (readonly [string, string])[] = [
    ['Targets', targetsTable(targets)],
    ['Cold start', coldStartTable(results.coldStart)],
    ['Webhook acknowledgement', webhookTable(results.webhooks)],
    [
      `Throughput (FreeScout 150 ms, triage 800 ms, draft 2.5 s, Gmail 80 ms; ${(unavoidableMilliseconds / 1000).toFixed(2)} s of unavoidable waits a mail)`,
      throughputTable(results.throughput),
    ],
    ['Growth', growthTable(results.growth)],
    [`Calls and money (list prices of ${listPrices.date})`, costTable(results.costs)],
    ['Memory of a worker', memoryTable(results.memory)],
  ];
  const text = [
    `Measured ${machine.at} in ${results.seconds} s on ${machine.processors}, ${machine.memoryGigabytes} GB, ${machine.system}, Node ${machine.node}, load ${machine.loadBefore.toFixed(1)} before the start; ${packages.join(', ')}.`,
    'Median (quartiles). Absolute times are those of this machine on that day; what is compared was measured in turn in the same run.',
    ...sections.flatMap(([heading, body]) => [`### ${heading}`, body]),
  ].join('\n\n');
  return {
    text: `${text}\n`,
    charts: charts(results),
    missed: targets.filter(({ isMet }) => !isMet),
  };
}

function targetsTable(targets: readonly Target[]): string {
  const rows = targets.map(({ what, target, measured, isMet }) => [
    what,
    target,
    measured,
    isMet ? 'met' : 'MISSED',
  ]);
  return table(['Target', 'At most / at least', 'Measured', ''], rows);
}

function targetsOf({ coldStart, throughput, growth, costs, memory }: Results): Target[] {
  const webhook = coldStart.find(({ name }) => name === webhookFunction);
  const at8 = throughput.find(({ concurrency }) => concurrency === 8)?.efficiency ?? 0;
  return [
    ...coldStart.flatMap(({ name, bytes, budgetBytes }) =>
      budgetBytes === null
        ? []
        : [
            target(
              `${name}, all its code`,
              `≤ ${kilobytes(budgetBytes)}`,
              kilobytes(bytes),
              bytes <= budgetBytes,
            ),
          ],
    ),
    target(
      'webhook, process time over an empty handler',
      '≤ 2.5 ×',
      `${webhook?.overEmpty.median.toFixed(2)} ×`,
      (webhook?.overEmpty.median ?? Number.POSITIVE_INFINITY) <= 2.5,
    ),
    ...coldStart.flatMap(({ name, bytes, naive }) =>
      naive === null
        ? []
        : [
            target(
              `${name}, smaller than the naive build`,
              '≥ 5 ×',
              `${(naive.bytes / bytes).toFixed(1)} ×`,
              naive.bytes >= 5 * bytes,
            ),
            target(
              `${name}, loads faster than the naive build`,
              '≥ 3 ×',
              `${naive.loadRatio.median.toFixed(1)} ×`,
              naive.loadRatio.median >= 3,
            ),
          ],
    ),
    target('efficiency at 8 jobs side by side', '≥ 85 %', percent(at8), at8 >= 0.85),
    ...growthTargets(growth),
    ...costs
      .filter(({ target: limit }) => limit !== null)
      .map(({ name, target: limit, counts, isMet }) =>
        target(
          name,
          limit ?? '',
          `FreeScout ${counts.freescoutCalls}, Gmail ${counts.gmailUnits}, model ${counts.modelCalls}`,
          isMet,
        ),
      ),
    target(
      'resident memory after 2,000 jobs over that after 200',
      '≤ 1.2 ×',
      `${memory.growth.toFixed(2)} ×`,
      memory.growth <= 1.2,
    ),
  ];
}

/** What may not grow with the tables, and what may grow only as fast as the work does. */
function growthTargets(growth: readonly Growth[]): Target[] {
  const sizesOf = (what: string) => growth.filter((each) => each.what === what);
  const constant = [
    'poll with nothing new, ledger rows',
    'GET /metrics, ledger rows',
    'GET /ready, ledger rows',
  ];
  const polls = sizesOf('poll, new mails');
  const sweeps = sizesOf('sweep, conversations');
  return [
    ...constant.map((what) => {
      const { few, many, asked, time } = ends(sizesOf(what));
      return target(
        `${what}: ${many.size.toLocaleString('en')} over ${few.size}`,
        '≤ 1 × asked of others, ≤ 2 × the time',
        `${asked.toFixed(2)} ×, ${time.toFixed(2)} ×`,
        asked <= 1 && time <= 2,
      );
    }),
    ...polls.slice(1).map((many, index) => {
      const { few, asked } = ends([polls[index] ?? many, many]);
      const times = many.size / few.size;
      return target(
        `poll, new mails: ${many.size} over ${few.size}`,
        `≤ ${times} × asked of others`,
        `${asked.toFixed(2)} ×`,
        asked <= times,
      );
    }),
    ...sweeps.map(({ size, counts: { freescoutCalls } }) => {
      const pages = Math.ceil(size / pageOfSweep);
      return target(
        `sweep of ${size} conversations, ${pageOfSweep} a page`,
        `FreeScout ≤ ${pages}`,
        `FreeScout ${freescoutCalls} (${(freescoutCalls / pages).toFixed(2)} ×)`,
        freescoutCalls <= pages,
      );
    }),
  ];
}

/** The largest size beside the smallest, with how much more is asked of others and how much longer it takes. */
function ends(sizes: readonly Growth[]) {
  const [few] = sizes;
  const many = sizes.at(-1);
  if (few === undefined || many === undefined) {
    throw new Error('Growth was not measured at two sizes.');
  }
  const askedBy = ({ counts }: Growth) =>
    counts.freescoutCalls +
    counts.gmailUnits +
    counts.dynamoRequests +
    counts.readUnits +
    counts.writeUnits +
    counts.sqsRequests;
  return {
    few,
    many,
    asked: askedBy(many) / askedBy(few),
    time: many.milliseconds.median / few.milliseconds.median,
  };
}

function target(what: string, limit: string, measured: string, isMet: boolean): Target {
  return { what, target: limit, measured, isMet };
}

function coldStartTable(coldStart: readonly ColdStart[]): string {
  return table(
    [
      'Function',
      'Code',
      'Process ms',
      'Load ms',
      'Process over empty',
      'Naive bundle',
      'Naive load ms',
      'Naive over ours',
    ],
    coldStart.map(({ name, bytes, process, load, overEmpty, naive }) => [
      name,
      kilobytes(bytes),
      shown(process),
      shown(load),
      `${shown(overEmpty, 2)} ×`,
      naive === null ? '' : kilobytes(naive.bytes),
      naive === null ? '' : shown(naive.load),
      naive === null ? '' : `${shown(naive.loadRatio, 1)} ×`,
    ]),
  );
}

function webhookTable(webhooks: readonly WebhookLoad[]): string {
  return table(
    ['Signature', 'Body', 'Requests/s', 'p50 ms', 'p99 ms', 'Other answers'],
    webhooks.map(({ signature, bytes, requestsPerSecond, p50, p99, unexpected }) => [
      signature,
      kilobytes(bytes),
      shown(requestsPerSecond),
      shown(p50),
      shown(p99),
      String(unexpected),
    ]),
  );
}

function throughputTable(throughput: readonly Throughput[]): string {
  const sequential = throughput.find(({ concurrency }) => concurrency === 0)?.mailsPerMinute ?? Number.NaN;
  return table(
    [
      'Jobs side by side',
      'Mails',
      'Seconds',
      'Mails/min',
      'Over one after the other',
      'Efficiency',
      'CPU ms/mail',
    ],
    throughput.map(
      ({ concurrency, mails, seconds, mailsPerMinute, efficiency, processorMillisecondsPerMail }) => [
        concurrency === 0 ? 'one mail after the other' : String(concurrency),
        String(mails),
        seconds.toFixed(1),
        mailsPerMinute.toFixed(1),
        `${(mailsPerMinute / sequential).toFixed(2)} ×`,
        efficiency === null ? '' : percent(efficiency),
        processorMillisecondsPerMail.toFixed(0),
      ],
    ),
  );
}

function growthTable(growth: readonly Growth[]): string {
  return table(
    [
      'What',
      'Size',
      'FreeScout calls',
      'Gmail units',
      'DynamoDB requests',
      'Read units',
      'Write units',
      'SQS requests',
      'ms',
    ],
    growth.map(({ what, size, counts, milliseconds }) => [
      what,
      size.toLocaleString('en'),
      String(counts.freescoutCalls),
      String(counts.gmailUnits),
      String(counts.dynamoRequests),
      String(counts.readUnits),
      String(counts.writeUnits),
      String(counts.sqsRequests),
      shown(milliseconds),
    ]),
  );
}

function costTable(costs: readonly CaseCost[]): string {
  return table(
    [
      'Case',
      'FreeScout',
      'Gmail units',
      'Model calls',
      'Tokens in/cached/out',
      'Read/write units',
      'SQS',
      'Lambda GB-s',
      'USD per 1,000',
      'of it model',
    ],
    costs.map(
      ({ name, counts, workerMilliseconds, otherMilliseconds, usdPerThousand, modelUsdPerThousand }) => [
        name,
        String(counts.freescoutCalls),
        String(counts.gmailUnits),
        String(counts.modelCalls),
        `${counts.inputTokens}/${counts.cachedTokens}/${counts.outputTokens}`,
        `${counts.readUnits}/${counts.writeUnits}`,
        String(counts.sqsRequests),
        (workerMilliseconds / 1000 + otherMilliseconds / 2000).toFixed(2),
        usdPerThousand.toFixed(3),
        modelUsdPerThousand.toFixed(3),
      ],
    ),
  );
}

function memoryTable({ points }: MemoryOverJobs): string {
  return table(
    ['Jobs', 'Resident MB', 'Heap MB'],
    points
      .filter((_, index) => index === 0 || index % 3 === 1)
      .map(({ jobs, residentMegabytes, heapMegabytes }) => [
        String(jobs),
        residentMegabytes.toFixed(0),
        heapMegabytes.toFixed(0),
      ]),
  );
}

function charts({ coldStart, throughput, costs, memory }: Results): Record<string, string> {
  const atConcurrency = throughput.filter(({ concurrency }) => concurrency > 0);
  return {
    'cold-start': barChart('Time to load in a fresh process', [
      ...coldStart.flatMap(({ name, bytes, load, naive }) => [
        {
          label: name,
          value: load.median,
          text: `${load.median.toFixed(0)} ms, ${kilobytes(bytes)}`,
          muted: name === empty,
        },
        ...(naive === null
          ? []
          : [
              {
                label: 'the same, built naively',
                value: naive.load.median,
                text: `${naive.load.median.toFixed(0)} ms, ${kilobytes(naive.bytes)}`,
                muted: true,
              },
            ]),
      ]),
    ]),
    throughput: lineChart('Mails a minute', { x: 'jobs side by side', y: 'mails a minute' }, [
      {
        name: 'measured',
        points: atConcurrency.map(
          ({ concurrency, mailsPerMinute }) => [concurrency, mailsPerMinute] as const,
        ),
      },
      {
        name: 'waits alone',
        points: atConcurrency.map(
          ({ concurrency }) => [concurrency, (concurrency * 60_000) / unavoidableMilliseconds] as const,
        ),
        muted: true,
      },
      {
        name: 'one after the other',
        points: [1, 16].map(
          (x) => [x, throughput.find(({ concurrency }) => concurrency === 0)?.mailsPerMinute ?? 0] as const,
        ),
      },
    ]),
    costs: barChart(
      'USD per 1,000',
      costs.map(({ name, usdPerThousand }) => ({
        label: name.length > 30 ? `${name.slice(0, 29)}…` : name,
        value: usdPerThousand,
        text: `$${usdPerThousand.toFixed(3)}`,
      })),
    ),
    memory: lineChart('Memory of a worker', { x: 'jobs', y: 'MB' }, [
      {
        name: 'resident',
        points: memory.points.map(({ jobs, residentMegabytes }) => [jobs, residentMegabytes] as const),
      },
      {
        name: 'heap',
        points: memory.points.map(({ jobs, heapMegabytes }) => [jobs, heapMegabytes] as const),
      },
    ]),
  };
}

function kilobytes(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${Math.round(bytes / 1000).toLocaleString('en')} kB`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
