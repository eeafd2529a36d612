import { findChromium } from '#tests/support/chromium.ts';

if (findChromium() === null) {
  process.stderr.write(
    'No Chromium was found: the browser tests need it (Debian: apt-get install chromium, or CHROMIUM=/path/to/chromium).\n',
  );
  process.exit(1);
}
