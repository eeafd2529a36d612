import { apiRoutes, apiType, integrationType, stageType } from './apiRoutes.ts';
import type { NamedResource } from './backing.ts';
import { type EventSourceMapping, eventSourceType, readEventSourceMapping } from './eventSource.ts';
import {
  functionDefinition,
  functionProperties,
  functionType,
  type RunningFunction,
  runFunction,
} from './functions.ts';
import type { FunctionOutput } from './functionThreads.ts';
import type { HttpRoute } from './httpApi.ts';
import { readSchedule, type Schedule, scheduleType } from './schedules.ts';
import { constructId, type Template } from './template.ts';
import { localAccount, localRegion, type TemplateValues } from './templateValues.ts';
import { stageProperties, stageThrottle } from './throttle.ts';

/** The template's functions and what calls each of them; nothing is called yet. */
export interface Wiring {
  readonly functions: readonly RunningFunction[];
  readonly apiId: string;
  readonly routes: readonly HttpRoute[];
  readonly mappings: readonly { readonly mapping: EventSourceMapping; readonly behind: RunningFunction }[];
  readonly schedules: readonly { readonly schedule: Schedule; readonly behind: RunningFunction }[];
}

export interface WiringOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** Variables of single functions, by construct id. */
  readonly functionEnvironment: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly apiUrl: string;
  readonly output: FunctionOutput;
  /** Gets what the platform itself would log about a function. */
  readonly report: (functionId: string, sentence: string) => void;
}

/** Environments of a function nothing else limits. */
const usualThreads = 10;

/** @throws when something calls a function in a way that does not run here. */
export function wire(
  template: Template,
  resources: readonly NamedResource[],
  values: TemplateValues,
  options: WiringOptions,
): Wiring {
  const ofType = (type: string) => resources.filter(([, resource]) => resource.Type === type);
  const nameOf = (logicalId: string) => `${template.stackName}-${logicalId}`;
  for (const [logicalId] of ofType(functionType)) {
    const name = nameOf(logicalId);
    const arn = `arn:aws:lambda:${localRegion}:${localAccount}:function:${name}`;
    values.register(logicalId, { ref: name, attributes: { Arn: arn } });
  }
  for (const [logicalId] of [...ofType(apiType), ...ofType(integrationType)]) {
    values.register(logicalId, {
      ref: logicalId,
      attributes: { ApiId: logicalId, ApiEndpoint: options.apiUrl },
    });
  }
  const mappings = ofType(eventSourceType).map(([, { Properties }]) =>
    readEventSourceMapping(values.resolve(Properties)),
  );
  const functions = new Map(
    ofType(functionType).map(([logicalId, resource]) => {
      const name = nameOf(logicalId);
      const id = constructId(logicalId, resource);
      const definition = functionDefinition(
        id,
        name,
        values.resolve(only(resource.Properties, functionProperties)),
        template.assetPath,
        { ...options.functionEnvironment[id], ...options.environment },
      );
      const concurrencies = mappings
        .filter((mapping) => mapping.functionName === name)
        .map((mapping) => mapping.maximumConcurrency);
      return [name, runFunction(definition, Math.max(usualThreads, ...concurrencies), options.output)];
    }),
  );
  const functionOf = (nameOrArn: string): RunningFunction => {
    const found = functions.get(nameOrArn.split(':').at(-1) ?? '');
    if (found === undefined) {
      throw new Error(`The template invokes ${nameOrArn}, which is none of its functions.`);
    }
    return found;
  };
  const throttleOf = stageThrottle(
    values.resolve(only(ofType(stageType)[0]?.[1].Properties ?? {}, stageProperties)),
  );
  return {
    functions: [...functions.values()],
    apiId: ofType(apiType)[0]?.[0] ?? 'local',
    mappings: mappings.map((mapping) => ({ mapping, behind: functionOf(mapping.functionName) })),
    schedules: ofType(scheduleType).map(([logicalId, { Properties }]) => {
      const schedule = readSchedule(logicalId, Properties, values.text);
      return { schedule, behind: functionOf(schedule.functionArn) };
    }),
    routes: apiRoutes(resources, values, throttleOf, (functionArn) => {
      const { definition, invoke } = functionOf(functionArn);
      return async (event) => {
        const invocation = await invoke(event);
        if (!invocation.ok) {
          options.report(definition.id, `${invocation.error.errorType}: ${invocation.error.errorMessage}`);
        }
        return invocation;
      };
    }),
  };
}

function only(
  properties: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => names.includes(name)));
}
