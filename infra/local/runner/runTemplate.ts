import { SQSClient } from '@aws-sdk/client-sqs';
import { apiType, integrationType, routeType, stageType } from './apiRoutes.ts';
import { type Backing, createBacking } from './backing.ts';
import { type EventSource, eventSourceType, startEventSource } from './eventSource.ts';
import { functionType, type RunningFunction } from './functions.ts';
import type { FunctionOutput, Invocation } from './functionThreads.ts';
import type { HttpApi } from './httpApi.ts';
import { ignoredResourceTypes } from './ignoredResources.ts';
import { queueType, topicType } from './queues.ts';
import { scheduleType, startSchedule } from './schedules.ts';
import { type LocalEndpoints, localCredentials, sdkEnvironment } from './sdkEnvironment.ts';
import { type LocalSecrets, secretType } from './secrets.ts';
import { tableTypes } from './tables.ts';
import type { Template } from './template.ts';
import { localRegion, templateValues } from './templateValues.ts';
import { type Wiring, wire } from './wiring.ts';

export interface TemplateRun {
  readonly dynamodbEndpoint: string;
  /** Goes before the names of the tables, so that other systems may have theirs in the same database. */
  readonly tablePrefix: string;
  /** Throw away what an earlier run left in the tables. */
  readonly emptyTables: boolean;
  readonly httpApi: HttpApi;
  /** Other intervals than the template's, by construct id of the function. */
  readonly scheduleSeconds: Readonly<Record<string, number>>;
  /** Wait before the first call, by construct id of the function; at once when absent. */
  readonly firstTickSeconds?: Readonly<Record<string, number>>;
  /** Variables besides the template's, by construct id of the function. */
  readonly functionEnvironment?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly output: FunctionOutput;
  /** Gets what the platform itself would log: a function that threw, timed out or ended. */
  readonly report: (functionId: string, sentence: string) => void;
}

export interface RunningTemplate {
  readonly endpoints: LocalEndpoints;
  /** Physical names by construct id. */
  readonly tables: Readonly<Record<string, string>>;
  readonly secrets: LocalSecrets;
  /** Value of an output of the stack. */
  readonly stackOutput: (name: string) => string | undefined;
  readonly stackOutputNames: readonly string[];
  /** Opens the API, the queue and the schedules. */
  readonly startIntake: () => void;
  /** Invokes a function at once with the event of its schedule, or with an empty one. */
  readonly runNow: (functionId: string) => Promise<Invocation>;
  /** Stops intake, waits for the work in hand, gives back what is not done, ends everything. */
  readonly stop: (graceMilliseconds: number) => Promise<void>;
}

const handledTypes: ReadonlySet<string> = new Set([
  ...tableTypes,
  queueType,
  topicType,
  secretType,
  functionType,
  eventSourceType,
  scheduleType,
  apiType,
  integrationType,
  routeType,
  stageType,
]);

/** How long a stop waits for the last HTTP answer once nothing is in hand. */
const lastAnswerMilliseconds = 1000;

/**
 * Runs a synthesized template on this machine: tables in DynamoDB's stand-in, queues and secrets in memory, every function as
 * its built bundle.
 *
 * @throws when the template contains a resource that matters and cannot run here; nothing is left running then.
 */
export async function runTemplate(template: Template, run: TemplateRun): Promise<RunningTemplate> {
  const values = templateValues(template);
  const resources = Object.entries(template.Resources).filter(([, resource]) =>
    values.holds(resource.Condition),
  );
  const unknown = resources.filter(
    ([, { Type }]) => !handledTypes.has(Type) && !ignoredResourceTypes.has(Type),
  );
  if (unknown.length > 0) {
    const names = unknown.map(([logicalId, { Type }]) => `${logicalId} (${Type})`).join(', ');
    throw new Error(`The template contains resources that one machine cannot run: ${names}.`);
  }
  const backing = await createBacking(template.stackName, resources, values, {
    endpoint: run.dynamodbEndpoint,
    prefix: run.tablePrefix,
    empty: run.emptyTables,
  });
  try {
    const wiring = wire(template, resources, values, {
      environment: sdkEnvironment(backing.endpoints),
      functionEnvironment: run.functionEnvironment ?? {},
      apiUrl: run.httpApi.url,
      output: run.output,
      report: run.report,
    });
    const { endpoints, tables, secrets } = backing;
    return {
      endpoints,
      tables,
      secrets,
      stackOutputNames: Object.keys(template.Outputs),
      stackOutput: (name) => {
        const found = template.Outputs[name];
        return found && values.text(found.Value);
      },
      ...operate(wiring, backing, run),
    };
  } catch (error) {
    await backing.close();
    throw error;
  }
}

function operate(
  { functions, apiId, routes, mappings, schedules }: Wiring,
  backing: Backing,
  run: TemplateRun,
): Pick<RunningTemplate, 'startIntake' | 'runNow' | 'stop'> {
  const sqs = new SQSClient({
    endpoint: backing.endpoints.sqs,
    region: localRegion,
    credentials: localCredentials,
    useQueueUrlAsEndpoint: false,
  });
  const reportFor = (of: RunningFunction) => (sentence: string) => run.report(of.definition.id, sentence);
  let eventSources: EventSource[] = [];
  let stopSchedules: (() => void)[] = [];
  return {
    startIntake: () => {
      run.httpApi.serve(apiId, routes);
      eventSources = mappings
        .filter(({ mapping }) => mapping.enabled)
        .map(({ mapping, behind }) => {
          const url = backing.queueUrls.get(mapping.queueArn) ?? '';
          return startEventSource(sqs, url, mapping, behind.invoke, reportFor(behind));
        });
      stopSchedules = schedules
        .filter(({ schedule }) => schedule.enabled)
        .map(({ schedule, behind }) =>
          startSchedule(
            {
              every: run.scheduleSeconds[behind.definition.id] ?? schedule.seconds,
              first: run.firstTickSeconds?.[behind.definition.id] ?? 0,
            },
            () => behind.invoke(schedule.event()),
            reportFor(behind),
          ),
        );
    },
    runNow: (functionId) => {
      const wanted = functions.find((each) => each.definition.id === functionId);
      if (wanted === undefined) {
        throw new Error(`There is no function ${functionId}.`);
      }
      const own = schedules.find(({ behind }) => behind === wanted);
      return wanted.invoke(own?.schedule.event() ?? {});
    },
    stop: async (graceMilliseconds) => {
      for (const stop of [...stopSchedules, ...eventSources.map((source) => source.stop)]) {
        stop();
      }
      const closingApi = run.httpApi.close();
      await Promise.all(functions.map((each) => each.drain(graceMilliseconds)));
      await Promise.all(eventSources.map((source) => source.giveBack()));
      await Promise.all(functions.map((each) => each.close()));
      await Promise.race([
        closingApi,
        new Promise((resolve) => setTimeout(resolve, lastAnswerMilliseconds).unref()),
      ]);
      sqs.destroy();
      await backing.close();
    },
  };
}
