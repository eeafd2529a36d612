import type { Template } from './template.ts';

/** What a resource that runs here answers to `Ref` and `Fn::GetAtt`. */
export interface ResourceIdentity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export const localRegion = 'us-east-1';
export const localAccount = '000000000000';

type JsonObject = Readonly<Record<string, unknown>>;

/** Marks a property that `AWS::NoValue` removes. */
const noValue = Symbol('AWS::NoValue');

/** Resolves the intrinsic functions of a template against the resources that run on this machine. */
export interface TemplateValues {
  readonly resolve: (value: unknown) => unknown;
  readonly text: (value: unknown) => string;
  /** False when the resource has a condition that does not hold. */
  readonly holds: (condition: string | undefined) => boolean;
  readonly register: (logicalId: string, identity: ResourceIdentity) => void;
}

/**
 * @throws from `resolve` for an unknown function and for a reference to a resource that was not registered, because a
 * value that only AWS knows must never silently reach a function.
 */
export function templateValues(template: Template): TemplateValues {
  const identities = new Map<string, ResourceIdentity>();
  const pseudo: Record<string, unknown> = {
    'AWS::AccountId': localAccount,
    'AWS::Region': localRegion,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': template.stackName,
    'AWS::StackId': `arn:aws:cloudformation:${localRegion}:${localAccount}:stack/${template.stackName}/local`,
    'AWS::NotificationARNs': [],
    'AWS::NoValue': noValue,
  };

  const identity = (logicalId: string): ResourceIdentity => {
    const found = identities.get(logicalId);
    if (found === undefined) {
      const type = template.Resources[logicalId]?.Type ?? 'no resource of the template';
      throw new Error(`A value refers to ${logicalId} (${type}), which does not run on one machine.`);
    }
    return found;
  };

  const ref = (logicalId: string): unknown => {
    if (logicalId in pseudo) {
      return pseudo[logicalId];
    }
    const parameter = template.Parameters[logicalId];
    return parameter ? parameter.Default : identity(logicalId).ref;
  };

  const attribute = (logicalId: string, name: string): string => {
    const value = identity(logicalId).attributes[name];
    if (value === undefined) {
      throw new Error(`A value refers to ${logicalId}.${name}, which is not known on one machine.`);
    }
    return value;
  };

  const condition = (name: string): boolean => {
    if (!(name in template.Conditions)) {
      throw new Error(`The template has no condition ${name}.`);
    }
    return resolve(template.Conditions[name]) === true;
  };

  const substitute = (argument: unknown): string => {
    const [pattern, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const own: JsonObject = isObject(variables) ? variables : {};
    return text(pattern).replace(/\$\{(!?)([^}]+)\}/g, (_match, literal: string, name: string) => {
      if (literal !== '') {
        return `\${${name}}`;
      }
      if (name in own) {
        return text(own[name]);
      }
      const dot = name.indexOf('.');
      return dot > 0 ? attribute(name.slice(0, dot), name.slice(dot + 1)) : text(ref(name));
    });
  };

  const intrinsics: Record<string, (argument: unknown) => unknown> = {
    Ref: (argument) => ref(text(argument)),
    Condition: (argument) => condition(text(argument)),
    'Fn::GetAtt': (argument) => {
      const [logicalId, ...name] = Array.isArray(argument) ? argument.map(text) : text(argument).split('.');
      return attribute(logicalId ?? '', name.join('.'));
    },
    'Fn::Join': (argument) => {
      const [separator, parts] = list(argument);
      return list(resolve(parts)).map(text).join(text(separator));
    },
    'Fn::Split': (argument) => {
      const [separator, source] = list(argument);
      return text(source).split(text(separator));
    },
    'Fn::Select': (argument) => {
      const [index, from] = list(argument);
      return list(resolve(from))[Number(text(index))];
    },
    'Fn::Sub': substitute,
    'Fn::If': (argument) => {
      const [name, whenTrue, whenFalse] = list(argument);
      return resolve(condition(text(name)) ? whenTrue : whenFalse);
    },
    'Fn::Equals': (argument) => {
      const [left, right] = list(argument);
      return text(left) === text(right);
    },
    'Fn::And': (argument) => list(argument).every((each) => resolve(each) === true),
    'Fn::Or': (argument) => list(argument).some((each) => resolve(each) === true),
    'Fn::Not': (argument) => resolve(list(argument)[0]) !== true,
    'Fn::Base64': (argument) => Buffer.from(text(argument)).toString('base64'),
    'Fn::FindInMap': (argument) => {
      const [map, first, second] = list(argument).map(text);
      const value = template.Mappings[map ?? '']?.[first ?? '']?.[second ?? ''];
      if (value === undefined) {
        throw new Error(`The template has no mapping ${map}.${first}.${second}.`);
      }
      return value;
    },
  };

  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      return value.map(resolve).filter((item) => item !== noValue);
    }
    if (!isObject(value)) {
      return value;
    }
    const entries = Object.entries(value);
    const [first] = entries;
    if (entries.length === 1 && first !== undefined && /^(Ref|Condition|Fn::.+)$/.test(first[0])) {
      const intrinsic = intrinsics[first[0]];
      if (intrinsic !== undefined) {
        return intrinsic(first[1]);
      }
      throw new Error(`The template uses ${first[0]}, which is not supported on one machine.`);
    }
    return Object.fromEntries(
      entries.map(([key, inner]) => [key, resolve(inner)] as const).filter(([, inner]) => inner !== noValue),
    );
  };

  const text = (value: unknown): string => {
    const resolved = resolve(value);
    if (typeof resolved === 'string' || typeof resolved === 'number' || typeof resolved === 'boolean') {
      return String(resolved);
    }
    throw new Error(`The template has ${JSON.stringify(resolved)} where a text is expected.`);
  };

  return {
    resolve,
    text,
    holds: (name) => name === undefined || condition(name),
    register: (logicalId, own) => void identities.set(logicalId, own),
  };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new Error(`The template has ${JSON.stringify(value)} where a list is expected.`);
  }
  return value;
}
