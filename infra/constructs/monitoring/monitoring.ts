import { Construct } from 'constructs';
import type { Settings } from '#shared/settings/settings.ts';
import type { AlertTopic } from '../alertTopic.ts';
import type { JobsQueue } from '../jobsQueue.ts';
import type { PublicApi } from '../publicApi.ts';
import type { ServiceFunction } from '../serviceFunction.ts';
import type { Tables } from '../tables.ts';
import { createAlarms } from './alarms.ts';
import { createEngineersDashboard } from './engineersDashboard.ts';
import { createPeoplesDashboard } from './peoplesDashboard.ts';
import { createSavedQueries } from './savedQueries.ts';

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

/** Dashboards, alarms and saved queries: how people learn how the system is without asking it. */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, watched: Watched) {
    super(scope, id);
    createAlarms(this, watched);
    createPeoplesDashboard(this, watched);
    createEngineersDashboard(this, watched);
    createSavedQueries(this, watched);
  }
}
