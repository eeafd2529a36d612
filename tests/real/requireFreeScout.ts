import { findChromium } from '#tests/support/chromium.ts';
import { readTrialVariables } from './trialVariables.ts';

const read = readTrialVariables(process.env);
const faults = [
  ...('faults' in read ? read.faults : []),
  ...(findChromium() === null
    ? ['a Chromium (Debian: apt-get install chromium, or CHROMIUM=/path/to/chromium)']
    : []),
];
if (faults.length > 0) {
  process.stderr.write(
    `The trials on a real FreeScout need:\n${faults.map((fault) => `  ${fault}\n`).join('')}`,
  );
  process.exit(1);
}
