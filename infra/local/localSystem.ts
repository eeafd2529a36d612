import { rmSync } from 'node:fs';
import type { LogCode } from '#shared/observability/logCatalogue.ts';
import type { Settings } from '#shared/settings/settings.ts';
import { dayMilliseconds } from '#shared/time/durations.ts';
import { createMetricWindow } from './alarms/metricWindow.ts';
import { startAlarms } from './alarms/startAlarms.ts';
import { openToldConditions } from './alarms/toldConditions.ts';
import { openDataDirectory, writeWhole } from './dataDirectory.ts';
import { startDynamodb } from './dynoxide.ts';
import type { LocalOptions } from './environment.ts';
import { describe, describeStack, type LocalDescription } from './localDescription.ts';
import { resumeWorkOf } from './resumeWork.ts';
import type { FunctionOutput, Invocation } from './runner/functionThreads.ts';
import { openHttpApi } from './runner/httpApi.ts';
import { type RunningTemplate, runTemplate } from './runner/runTemplate.ts';
import { chosenSettings, runSettings } from './runSettings.ts';
import { fillSecrets, slackWebhookUrl } from './secretValues.ts';
import { StartRefused } from './startRefused.ts';
import {
  mailAddresses,
  pollSeconds,
  type StandIns,
  standInWarning,
  startSampleMails,
  startStandIns,
  withPort,
} from './startStandIns.ts';
import { synthesize } from './synthesize.ts';
import { refusedUnread } from './unsignedWebhooks.ts';

export interface LocalSystemOptions extends LocalOptions {
  /** Folder with one folder per function; the project's when absent. */
  readonly functionsFolder?: string;
  /** Gets every line a function writes. */
  readonly output: FunctionOutput;
  /** Gets what the platform itself would log about a function; `code` as in the log catalogue. */
  readonly report: (functionId: string, sentence: string, code?: LogCode) => void;
  /** Called when a part that cannot be done without is gone; the caller should stop the system. */
  readonly onPartLost: (sentence: string) => void;
  /** Ends the start before its time. */
  readonly giveUp?: AbortSignal;
}

export interface LocalSystem {
  /** What stands in `local.json`. */
  readonly description: LocalDescription;
  readonly settings: Settings;
  readonly dataDirectory: string;
  readonly standIns: StandIns;
  readonly samplesArrive: boolean;
  readonly running: RunningTemplate;
  /** Invokes a function by its construct id at once, for example `FreescoutSweep`, with the event of its schedule. */
  readonly runNow: (functionId: string) => Promise<Invocation>;
  /** Stops intake, finishes or gives back the work in hand, ends every part. */
  readonly stop: () => Promise<void>;
}

/** Time for the work in hand; with everything else a stop takes less than 30 s. */
const graceMilliseconds = 20_000;

const followUps = 'FollowUps';
const worker = 'ConversationWorker';

/** Gives intake a head start: mails that came while the system was down may answer conversations that look stale. */
const firstFollowUpsSeconds = 15 * 60;

/**
 * Starts the whole system on this machine: the CDK app's own template on local parts, with stand-ins for what is not real.
 *
 * With the FreeScout stand-in the tables are emptied first: it starts without conversations and gives their ids again, so rows
 * about older ones would be wrong. With a real FreeScout the tables are kept.
 *
 * @throws {StartRefused} one line that says why it cannot start, also when it was given up; nothing is left running then.
 */
export async function startLocalSystem(options: LocalSystemOptions): Promise<LocalSystem> {
  const chosen = await chosenSettings(options);
  const closing: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const each of closing.toReversed()) {
      await each();
    }
    closing.length = 0;
  };
  try {
    return await start(options, chosen, (each) => void closing.push(each), close);
  } catch (error) {
    await close();
    throw error instanceof StartRefused
      ? error
      : new StartRefused(`A part did not start: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function start(
  options: LocalSystemOptions,
  chosen: Settings,
  onClose: (close: () => Promise<void> | void) => void,
  close: () => Promise<void>,
): Promise<LocalSystem> {
  const report = (sentence: string) => options.report('local system', sentence);
  const giveUp = options.giveUp ?? new AbortController().signal;
  const directory = await openDataDirectory(options.dataDirectory);
  onClose(directory.release);
  const owner = { freescout: options.freescout?.url ?? 'the stand-in', addresses: mailAddresses(chosen) };
  directory.checkOwner(owner);

  const httpApi = await withPort('API', options.ports.api, (port) =>
    openHttpApi(port, {
      host: options.host,
      refusedUnread,
      report: (sentence) => options.report('local system', sentence, 'REQUESTS_REFUSED'),
    }),
  );
  onClose(httpApi.close);
  const standIns = await startStandIns(options, chosen, onClose, report);
  const settings = runSettings(chosen, options, standIns);
  const warning = standInWarning(standIns);
  if (warning !== null) {
    options.report('local system', warning, 'STAND_INS_IN_USE');
  }

  const [dynamodb, template] = await settledTogether(
    startDynamodb({
      endpoint: options.dynamodbEndpoint,
      databaseFile: directory.databaseFile,
      onUnexpectedEnd: options.onPartLost,
      say: report,
      giveUp,
    }).then((started) => {
      onClose(started.close);
      directory.holdDynamodb(started.pid);
      return started;
    }),
    synthesize(settings, directory.cloudAssembly, options.functionsFolder, giveUp),
  );
  directory.rememberOwner(owner);
  const metrics = createMetricWindow(Date.now, dayMilliseconds);
  const running = await runTemplate(template, {
    dynamodbEndpoint: dynamodb.endpoint,
    tablePrefix: options.dynamodbEndpoint === undefined ? '' : directory.tablePrefix(),
    emptyTables: standIns.freescout !== undefined,
    httpApi: { ...httpApi, url: options.publicUrl ?? httpApi.url },
    scheduleSeconds: {
      ...pollSeconds(options),
      ...(options.followUpSeconds && { [followUps]: options.followUpSeconds }),
    },
    firstTickSeconds: { [followUps]: options.followUpSeconds ?? firstFollowUpsSeconds },
    functionEnvironment: { [worker]: options.smtp?.variables ?? {} },
    output: (functionId, line) => {
      metrics.observe(line);
      options.output(functionId, line);
    },
    report: options.report,
  });
  onClose(() => running.stop(graceMilliseconds));
  giveUp.throwIfAborted();
  fillSecrets(running, settings, options, standIns);

  if (standIns.freescout !== undefined) {
    // What was told belongs to the tables, and they are empty.
    rmSync(directory.toldConditionsFile, { force: true });
  } else {
    const resumed = await resumeWorkOf(running, settings);
    if (resumed > 0) {
      report(`${resumed} job(s) that the last stop left behind are queued again.`);
    }
  }

  const description = describe(options, settings, standIns, running, httpApi.url);
  running.startIntake();
  onClose(
    startAlarms({
      metrics,
      settings,
      told: openToldConditions(directory.toldConditionsFile, report),
      slackWebhookUrl: () => slackWebhookUrl(running),
      smtpVariables: options.smtp?.variables ?? {},
      report,
    }),
  );
  if (settings.freescout.webhookEnabled) {
    standIns.freescout?.registerWebhook(`${httpApi.url}/freescout`);
  }
  onClose(() => {
    rmSync(directory.descriptionFile, { force: true });
    rmSync(directory.stackFile, { force: true });
  });
  writeWhole(directory.stackFile, `${JSON.stringify(describeStack(running), null, 2)}\n`);
  writeWhole(directory.descriptionFile, `${JSON.stringify(description, null, 2)}\n`);
  const samplesMayCome = options.samples && (standIns.freescout !== undefined || options.standInsAllowed);
  const stopSamples = samplesMayCome ? startSampleMails(settings, standIns, report) : undefined;
  if (stopSamples !== undefined) {
    onClose(stopSamples);
  }
  return {
    description,
    settings,
    dataDirectory: directory.path,
    standIns,
    samplesArrive: stopSamples !== undefined,
    running,
    runNow: running.runNow,
    stop: close,
  };
}

/** Both results, or the first error once both have come to an end, so that nothing is started behind its back. */
async function settledTogether<First, Second>(
  first: Promise<First>,
  second: Promise<Second>,
): Promise<[First, Second]> {
  await Promise.allSettled([first, second]);
  return await Promise.all([first, second]);
}
