import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { API_TYPE, apiRoutes, INTEGRATION_TYPE, ROUTE_TYPE } from './apiRoutes.ts';
import {
  EVENT_SOURCE_TYPE,
  type EventSource,
  readEventSourceMapping,
  startEventSource,
} from './eventSource.ts';
import {
  FUNCTION_PROPERTIES,
  FUNCTION_TYPE,
  functionDefinition,
  type RunningFunction,
  runFunction,
} from './functions.ts';
import type { FunctionOutput, Invocation } from './functionThreads.ts';
import type { HttpApi } from './httpApi.ts';
import { ignoredResourceTypes } from './ignoredResources.ts';
import { QUEUE_TYPE, redriveOrder, startQueues } from './queues.ts';
import { readSchedule, SCHEDULE_TYPE, type Schedule, startSchedule } from './schedules.ts';
import { type LocalEndpoints, localCredentials, sdkEnvironment } from './sdkEnvironment.ts';
import { type LocalSecrets, SECRET_TYPE, startSecrets } from './secrets.ts';
import { createTable, TABLE_TYPES } from './tables.ts';
import { constructId, type Template, type TemplateResource } from './template.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION, templateValues } from './templateValues.ts';

export interface TemplateRun {
  readonly dynamodbEndpoint: string;
  /** Throw away what an earlier run left in the tables. */
  readonly emptyTables: boolean;
  readonly httpApi: HttpApi;
  /** Other intervals than the template's, by construct id of the function. */
  readonly scheduleSeconds: Readonly<Record<string, number>>;
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
  /** Invokes a function with the event of its schedule (or an empty one), whatever the time. */
  readonly runNow: (functionId: string) => Promise<Invocation>;
  /** Stops intake, waits for the work in hand, gives back what is not done, ends everything. */
  readonly stop: (graceMilliseconds: number) => Promise<void>;
}

const HTTP_THREADS = 10;

const handledTypes: ReadonlySet<string> = new Set([
  ...TABLE_TYPES,
  QUEUE_TYPE,
  SECRET_TYPE,
  FUNCTION_TYPE,
  EVENT_SOURCE_TYPE,
  SCHEDULE_TYPE,
  API_TYPE,
  INTEGRATION_TYPE,
  ROUTE_TYPE,
]);

/**
 * Runs a synthesized template on this machine: tables in DynamoDB's stand-in, queues and secrets in memory, every function as
 * its built bundle.
 *
 * @throws when the template contains a resource that matters and cannot run here.
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
  const ofType = (...types: readonly string[]) =>
    resources.filter(([, resource]) => types.includes(resource.Type));

  const queues = await startQueues();
  const secrets = await startSecrets();
  const endpoints = {
    dynamodb: run.dynamodbEndpoint,
    sqs: queues.endpoint,
    secretsManager: secrets.endpoint,
  };

  const dynamodb = new DynamoDBClient({
    endpoint: endpoints.dynamodb,
    region: LOCAL_REGION,
    credentials: localCredentials,
  });
  const tables: Record<string, string> = {};
  for (const [logicalId, resource] of ofType(...TABLE_TYPES)) {
    const name = `${template.stackName}-${logicalId}`;
    const properties = values.resolve(resource.Properties);
    values.register(logicalId, await createTable(dynamodb, name, properties, run.emptyTables));
    tables[constructId(logicalId, resource)] = name;
  }
  dynamodb.destroy();

  const queueUrls = new Map<string, string>();
  for (const [logicalId, { Properties }] of ofType(QUEUE_TYPE).toSorted(
    ([, a], [, b]) => redriveOrder(a.Properties) - redriveOrder(b.Properties),
  )) {
    const identity = queues.create(`${template.stackName}-${logicalId}`, values.resolve(Properties));
    values.register(logicalId, identity);
    queueUrls.set(identity.attributes.Arn ?? '', identity.ref);
  }
  for (const [logicalId, { Properties }] of ofType(SECRET_TYPE)) {
    values.register(
      logicalId,
      secrets.create(`${template.stackName}-${logicalId}`, values.resolve(Properties)),
    );
  }

  const functionNames = new Map<string, TemplateResource>();
  for (const [logicalId, resource] of ofType(FUNCTION_TYPE)) {
    const name = `${template.stackName}-${logicalId}`;
    const arn = `arn:aws:lambda:${LOCAL_REGION}:${LOCAL_ACCOUNT}:function:${name}`;
    values.register(logicalId, { ref: name, attributes: { Arn: arn } });
    functionNames.set(name, resource);
  }
  const apis = ofType(API_TYPE);
  for (const [logicalId] of [...apis, ...ofType(INTEGRATION_TYPE)]) {
    values.register(logicalId, {
      ref: logicalId,
      attributes: { ApiId: logicalId, ApiEndpoint: run.httpApi.url },
    });
  }

  const mappings = ofType(EVENT_SOURCE_TYPE).map(([, { Properties }]) =>
    readEventSourceMapping(values.resolve(Properties)),
  );
  const functions = new Map<string, RunningFunction>();
  for (const [logicalId, resource] of ofType(FUNCTION_TYPE)) {
    const name = values.text({ Ref: logicalId });
    const definition = functionDefinition(
      constructId(logicalId, resource),
      name,
      values.resolve(only(resource.Properties, FUNCTION_PROPERTIES)),
      template.assetPath,
      sdkEnvironment(endpoints),
    );
    const needed = mappings
      .filter((mapping) => mapping.functionName === name)
      .map((m) => m.maximumConcurrency);
    functions.set(name, runFunction(definition, Math.max(HTTP_THREADS, ...needed), run.output));
  }
  const functionOf = (nameOrArn: string): RunningFunction => {
    const found = functions.get(nameOrArn.split(':').at(-1) ?? '');
    if (found === undefined) {
      throw new Error(`The template invokes ${nameOrArn}, which is none of its functions.`);
    }
    return found;
  };
  const reportFor = (of: RunningFunction) => (sentence: string) => run.report(of.definition.id, sentence);

  const schedules = ofType(SCHEDULE_TYPE).map(
    ([logicalId, { Properties }]): readonly [RunningFunction, Schedule] => {
      const schedule = readSchedule(logicalId, Properties, values.text);
      return [functionOf(schedule.functionArn), schedule];
    },
  );
  const routes = apiRoutes(resources, values, (functionArn) => {
    const behind = functionOf(functionArn);
    return async (event) => {
      const invocation = await behind.invoke(event);
      if (!invocation.ok) {
        reportFor(behind)(`${invocation.error.errorType}: ${invocation.error.errorMessage}`);
      }
      return invocation;
    };
  });

  const sqs = new SQSClient({
    endpoint: endpoints.sqs,
    region: LOCAL_REGION,
    credentials: localCredentials,
    useQueueUrlAsEndpoint: false,
  });
  let eventSources: EventSource[] = [];
  let stopSchedules: (() => void)[] = [];
  return {
    endpoints,
    tables,
    secrets,
    stackOutputNames: Object.keys(template.Outputs),
    stackOutput: (name) => {
      const found = template.Outputs[name];
      return found && values.text(found.Value);
    },
    startIntake: () => {
      run.httpApi.serve(apis[0]?.[0] ?? 'local', routes);
      eventSources = mappings
        .filter((mapping) => mapping.enabled)
        .map((mapping) => {
          const behind = functionOf(mapping.functionName);
          const url = queueUrls.get(mapping.queueArn) ?? '';
          return startEventSource(sqs, url, mapping, behind.invoke, reportFor(behind));
        });
      stopSchedules = schedules
        .filter(([, schedule]) => schedule.enabled)
        .map(([behind, schedule]) =>
          startSchedule(
            run.scheduleSeconds[behind.definition.id] ?? schedule.seconds,
            () => behind.invoke(schedule.event()),
            reportFor(behind),
          ),
        );
    },
    runNow: (functionId) => {
      const wanted = [...functions.values()].find((each) => each.definition.id === functionId);
      if (wanted === undefined) {
        throw new Error(`There is no function ${functionId}.`);
      }
      const own = schedules.find(([behind]) => behind === wanted);
      return wanted.invoke(own?.[1].event() ?? {});
    },
    stop: async (graceMilliseconds) => {
      for (const stop of [...stopSchedules, ...eventSources.map((source) => source.stop)]) {
        stop();
      }
      const closingApi = run.httpApi.close();
      await Promise.all([...functions.values()].map((each) => each.drain(graceMilliseconds)));
      await Promise.all(eventSources.map((source) => source.giveBack()));
      await Promise.all([...functions.values()].map((each) => each.close()));
      await Promise.race([closingApi, new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
      sqs.destroy();
      await Promise.all([queues.close(), secrets.close()]);
    },
  };
}

function only(
  properties: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => names.includes(name)));
}
