import type { LogCode } from '#shared/observability/logCatalogue.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';
import { readEnvironment, unreadVariables } from './environment.ts';
import { type LocalSystem, startLocalSystem } from './localSystem.ts';
import { askReady, type LocalReadiness, readinessAfterStart, tellWhenBetter } from './readiness.ts';
import { chosenSettings } from './runSettings.ts';
import { readKeptSecrets } from './secretsFile.ts';
import { StartRefused } from './startRefused.ts';
import { type LineStyle, platformLine, readableLine } from './terminal/readableLine.ts';
import { readinessLine, welcome } from './terminal/welcome.ts';

/*
 * `npm start`: runs the system on this machine until Ctrl-C or SIGTERM. Exit code 0 after a stop that was asked for, 1 with one
 * line on the standard error when it cannot start or loses a part.
 */
const say = (line: string) => void process.stdout.write(`${line}\n`);
const repeatedSignalMilliseconds = 1000;
/** A first poll, or the first report of a function, needs a moment. */
const readyGraceMilliseconds = 10_000;
const askAgainMilliseconds = 2000;
const systemName = 'local system';
const complain = (line: string) => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  for (const sentence of unreadVariables(process.env)) {
    complain(sentence);
  }
  const options = readEnvironment({
    ...readKeptSecrets(process.env.CSM_DATA_DIR || '.csm'),
    ...Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== '')),
  });
  const stopAsked = Promise.withResolvers<string | undefined>();
  const stopping = new AbortController();
  const askToStop = (fault?: string) => {
    stopAsked.resolve(fault);
    stopping.abort();
  };
  onSignals(askToStop);
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
    onPartLost: askToStop,
    giveUp: stopping.signal,
  }).catch((error: unknown) => {
    if (stopping.signal.aborted) {
      return undefined;
    }
    throw error;
  });
  if (system !== undefined) {
    await tellReadiness(system, json, style, stopping.signal);
  }
  const fault = await stopAsked.promise;
  if (!json && fault === undefined) {
    say(
      system === undefined
        ? 'Stopped before everything had started.'
        : 'Stopping: no new work is taken, what is in hand is finished …',
    );
  }
  await system?.stop();
  if (fault !== undefined) {
    complain(fault);
    process.exitCode = 1;
  }
}

/** Says "ready" only when `/ready` does, else what is wrong; then, in one line each time, when it has got better. */
async function tellReadiness(
  system: LocalSystem,
  json: boolean,
  style: LineStyle,
  giveUp: AbortSignal,
): Promise<void> {
  const { report } = terminalOutput(json, style);
  const tellInOneLine = (readiness: LocalReadiness) =>
    readiness.status === 'ready' && json
      ? say(platformJson('INFO', systemName, readinessLine(readiness)))
      : report(
          systemName,
          readinessLine(readiness),
          readiness.status === 'not_ready' ? 'NOT_READY' : undefined,
        );
  const readiness = await readinessAfterStart({
    ask: () => askReady(system.description, { fresh: true, giveUp }),
    graceMilliseconds: readyGraceMilliseconds,
    everyMilliseconds: askAgainMilliseconds,
    giveUp,
  });
  if (giveUp.aborted) {
    return;
  }
  if (json) {
    tellInOneLine(readiness);
  } else {
    say(welcome(system, readiness));
  }
  void tellWhenBetter(readiness, {
    ask: () => askReady(system.description, { fresh: false, giveUp }),
    everyMilliseconds: minuteMilliseconds,
    giveUp,
    tell: tellInOneLine,
  });
}

/** A second signal does not wait for the work in hand; npm repeats the first one at once, which is not meant so. */
function onSignals(askToStop: () => void): void {
  let first: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (first !== undefined && signal !== 'SIGHUP' && Date.now() - first > repeatedSignalMilliseconds) {
        process.exit(1);
      }
      first ??= Date.now();
      askToStop();
    });
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
          ? platformJson('WARN', functionId, sentence, code)
          : platformLine(functionId, sentence, new Date(), style),
      ),
  };
}

function platformJson(level: 'INFO' | 'WARN', service: string, message: string, code?: LogCode): string {
  return JSON.stringify({ level, timestamp: new Date().toISOString(), service, code, message });
}

try {
  await main();
} catch (error) {
  complain(error instanceof StartRefused ? `Cannot start: ${error.message}` : String(error));
  process.exitCode = 1;
}
// Connections that others keep open must not keep a stopped system alive.
process.exit();
