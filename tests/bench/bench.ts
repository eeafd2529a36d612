import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureColdStart } from './coldStart.ts';
import { type CaseCost, measureCosts } from './costs.ts';
import { measureGrowth } from './growth.ts';
import { describeMachine } from './machine.ts';
import { measureMemory } from './memory.ts';
import { writeReport } from './report.ts';
import { measureThroughput } from './throughput.ts';
import { measureWebhooks } from './webhookLoad.ts';

/*
 * `npm run bench`: measures and prints everything, in under 8 minutes on 2 processors. `-- --full` sends 300 mails at every
 * concurrency. Tables go to the terminal, figures and charts into bench-results/. Ends with 1 when a target is missed.
 */
const startedAt = performance.now();
const full = process.argv.includes('--full');
const machine = describeMachine();
const step = (what: string) =>
  process.stderr.write(`${Math.round((performance.now() - startedAt) / 1000)} s: ${what}\n`);

step('cold start: 20 processes per bundle');
const coldStart = await measureColdStart();
step('webhooks under load');
const webhooks = await measureWebhooks();
step('growth');
const growth = await measureGrowth();
step('throughput, with costs beside its first part');
let costs: readonly CaseCost[] = [];
const throughput = await measureThroughput(full, async () => {
  costs = await measureCosts();
});
step('memory over 2,000 jobs');
const memory = await measureMemory();

const results = {
  machine,
  seconds: Math.round((performance.now() - startedAt) / 1000),
  coldStart,
  webhooks,
  throughput,
  growth,
  costs,
  memory,
};
const folder = join(import.meta.dirname, '../../bench-results');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
const { text, charts, missed } = writeReport(results);
for (const [name, svg] of Object.entries(charts)) {
  writeFileSync(join(folder, `${name}.svg`), svg);
}
writeFileSync(join(folder, 'tables.md'), text);
process.stdout.write(text);
process.exit(missed.length === 0 ? 0 : 1);
