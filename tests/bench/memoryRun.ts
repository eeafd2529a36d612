import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { bindFunctions, type Endpoints } from './benchSystem.ts';
import { workOnQueue } from './workOnQueue.ts';

/*
 * A worker alone in a process (`--expose-gc`): works on the queue at the endpoints it is given until so many jobs are done, and
 * writes its resident memory every hundred jobs as one line of JSON. `memoryRun.ts <jobs> <endpoints as JSON>`.
 */
const [jobs = '200', endpointsJson = '{}'] = process.argv.slice(2);
// Written by the process that starts this one.
const endpoints = z.custom<Endpoints>(() => true).parse(JSON.parse(endpointsJson));
const worker = workOnQueue(bindFunctions(endpoints, {}), 8);
const measured: {
  readonly jobs: number;
  readonly residentMegabytes: number;
  readonly heapMegabytes: number;
}[] = [];
for (let next = 100; next <= Number(jobs); next += 100) {
  while (worker.done() < next) {
    await sleep(20);
  }
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  measured.push({ jobs: worker.done(), residentMegabytes: rss / 1e6, heapMegabytes: heapUsed / 1e6 });
}
process.stdout.write(`${JSON.stringify(measured)}\n`);
process.exit(0);
