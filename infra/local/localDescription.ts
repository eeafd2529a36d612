import type { LocalEndpoints } from './runner/sdkEnvironment.ts';

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
