import type { LogCode } from '#shared/observability/logCatalogue.ts';
import { readEnvironment } from './environment.ts';
import { type LocalSystem, startLocalSystem } from './localSystem.ts';
import { chosenSettings } from './runSettings.ts';
import { readKeptSecrets } from './secretsFile.ts';
import { StartRefused } from './startRefused.ts';
import { type LineStyle, platformLine, readableLine } from './terminal/readableLine.ts';
import { welcome } from './terminal/welcome.ts';

/*
 * `npm start`: runs the system on this machine until Ctrl-C or SIGTERM. Exit code 0 after a stop that was asked for, 1 with one
 * line on the standard error when it cannot start or loses a part.
 */
const say = (line: string) => void process.stdout.write(`${line}\n`);
const REPEATED_SIGNAL_MILLISECONDS = 1000;
const complain = (line: string) => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const options = readEnvironment({
    ...readKeptSecrets(process.env.CSM_DATA_DIR || '.csm'),
    ...Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== '')),
  });
  const stopAsked = Promise.withResolvers<string | undefined>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stopAsked.resolve(undefined));
  }
  const json = options.logJson ?? (await chosenSettings(options)).logging.jsonFormat;
  const style: LineStyle = {
    colours: process.stdout.isTTY && process.env.NO_COLOR === undefined,
    everything: options.logLevel === 'DEBUG',
  };
  if (!json) {
    say('Starting …');
  }
  const system = await startLocalSystem({
    ...options,
    ...terminalOutput(json, style),
    onPartLost: stopAsked.resolve,
  });
  if (!json) {
    say(welcome(system));
  }
  const fault = await stopAsked.promise;
  if (!json && fault === undefined) {
    say('Stopping: no new work is taken, what is in hand is finished …');
  }
  await stopOnce(system);
  if (fault !== undefined) {
    complain(fault);
    process.exitCode = 1;
  }
}

function terminalOutput(json: boolean, style: LineStyle) {
  return {
    output: (functionId: string, line: string) => {
      const shown = json ? line : readableLine(functionId, line, new Date(), style);
      if (shown !== undefined) {
        say(shown);
      }
    },
    report: (functionId: string, sentence: string, code?: LogCode) =>
      say(
        json
          ? JSON.stringify({
              level: 'WARN',
              timestamp: new Date().toISOString(),
              service: functionId,
              code,
              message: sentence,
            })
          : platformLine(functionId, sentence, new Date(), style),
      ),
  };
}

/** A second signal does not wait for the work in hand; npm repeats the first one at once, which is not meant so. */
async function stopOnce(system: LocalSystem): Promise<void> {
  const asked = Date.now();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (Date.now() - asked > REPEATED_SIGNAL_MILLISECONDS) {
        process.exit(1);
      }
    });
  }
  await system.stop();
}

try {
  await main();
} catch (error) {
  complain(error instanceof StartRefused ? `Cannot start: ${error.message}` : String(error));
  process.exitCode = 1;
}
// Connections that others keep open must not keep a stopped system alive.
process.exit();
