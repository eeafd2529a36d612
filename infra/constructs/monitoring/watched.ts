import type { Settings } from '#shared/settings/settings.ts';
import type { AlertTopic } from '../alertTopic.ts';
import type { JobsQueue } from '../jobsQueue.ts';
import type { PublicApi } from '../publicApi.ts';
import type { ServiceFunction } from '../serviceFunction.ts';
import type { Tables } from '../tables.ts';

/** What is watched. */
export interface Watched {
  readonly settings: Settings;
  readonly functions: {
    readonly webhook: ServiceFunction;
    readonly poll: ServiceFunction;
    readonly sweep: ServiceFunction;
    readonly followUps: ServiceFunction;
    readonly worker: ServiceFunction;
    readonly status: ServiceFunction;
    readonly alarmToSlack?: ServiceFunction;
  };
  readonly queues: JobsQueue;
  readonly tables: Tables;
  readonly api: PublicApi;
  readonly alerts: AlertTopic;
}
