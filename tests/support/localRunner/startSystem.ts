import { join } from 'node:path';
import { readEnvironment } from '#infra/local/environment.ts';
import { startLocalSystem } from '#infra/local/localSystem.ts';

/* A system of its own process, with functions that do nothing; SIGTERM stops it. */
const system = await startLocalSystem({
  ...readEnvironment(process.env),
  functionsFolder: join(import.meta.dirname, 'functions'),
  output: () => {},
  report: () => {},
  onPartLost: () => process.exit(2),
});
process.on('SIGTERM', () => void system.stop().then(() => process.exit(0)));
process.stdout.write('ready\n');
