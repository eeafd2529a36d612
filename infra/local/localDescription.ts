import { openaiAddress } from '#shared/openai/openaiAddress.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { LocalOptions } from './environment.ts';
import type { RunningTemplate } from './runner/runTemplate.ts';
import type { LocalEndpoints } from './runner/sdkEnvironment.ts';
import { statusToken } from './secretValues.ts';
import { mailAddresses, type StandIns } from './startStandIns.ts';

/** What `local.json` says while the system runs; others find their way by it. */
export interface LocalDescription {
  readonly pid: number;
  /** Address of the API. */
  readonly api: string;
  readonly statusToken: string;
  readonly desk: {
    readonly url: string;
    readonly apiKey: string;
    /** Valid for both webhook headers. */
    readonly webhookSecret: string;
    readonly external: boolean;
  };
  readonly gmail: { readonly url: string; readonly account: string; readonly external: boolean };
  readonly openai: { readonly url: string; readonly external: boolean };
  /** `slack`: the stand-in, null with a real one or a real FreeScout. `sns`: where the topic `aws.alertTopicArn` is. */
  readonly alerts: { readonly slack: string | null; readonly sns: string | null };
  readonly aws: {
    readonly dynamodb: string;
    readonly sqs: string;
    readonly queueUrl: string;
    readonly deadLetterQueueUrl: string;
    readonly alertTopicArn: string;
    /** Physical names by the names of the design, for example `ProcessedMessages`. */
    readonly tables: Readonly<Record<string, string>>;
  };
}

/** What `stack.json` says while the system runs: what CloudFormation tells on AWS, and where its services stand here. */
export interface StackDescription {
  readonly outputs: Readonly<Record<string, string>>;
  readonly endpoints: LocalEndpoints;
}

export function describeStack(running: RunningTemplate): StackDescription {
  return {
    outputs: Object.fromEntries(
      running.stackOutputNames.map((name) => [name, running.stackOutput(name) ?? '']),
    ),
    endpoints: running.endpoints,
  };
}

/** @param api - where this machine reaches the API. */
export function describe(
  options: LocalOptions,
  settings: Settings,
  standIns: StandIns,
  running: RunningTemplate,
  api: string,
): LocalDescription {
  const desk = standIns.freescout ?? options.freescout;
  const tables = running.stackOutputNames
    .filter((name) => name.startsWith('Table'))
    .map((name) => [name.slice('Table'.length), running.stackOutput(name) ?? ''] as const);
  return {
    pid: process.pid,
    api,
    statusToken: statusToken(running),
    desk: {
      url: desk?.url ?? '',
      apiKey: desk?.apiKey ?? '',
      webhookSecret: desk?.webhookSecret ?? '',
      external: standIns.freescout === undefined,
    },
    gmail: {
      url: standIns.gmail?.url ?? options.gmail?.rootUrl ?? 'https://gmail.googleapis.com',
      account: mailAddresses(settings)[0] ?? '',
      external: standIns.gmail === undefined,
    },
    openai: {
      url: standIns.openai?.url ?? options.openai?.baseUrl ?? openaiAddress,
      external: standIns.openai === undefined,
    },
    alerts: { slack: standIns.slack?.url ?? null, sns: running.endpoints.sqs },
    aws: {
      dynamodb: running.endpoints.dynamodb,
      sqs: running.endpoints.sqs,
      queueUrl: running.stackOutput('JobsQueueUrl') ?? '',
      deadLetterQueueUrl: running.stackOutput('DeadLetterQueueUrl') ?? '',
      alertTopicArn: running.stackOutput('AlertTopicArn') ?? '',
      tables: Object.fromEntries(tables),
    },
  };
}

/** The part that brings mail in, as the terminal names it: name, address, remark. */
export function mailPart({ gmail }: LocalDescription): readonly [string, string, string] {
  return ['Gmail', gmail.url, `${gmail.external ? 'real' : 'stand-in'}, ${gmail.account}`];
}
