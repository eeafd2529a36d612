import { Construct } from 'constructs';
import { createAlarms } from './alarms.ts';
import { createEngineersDashboard } from './engineersDashboard.ts';
import { createPeoplesDashboard } from './peoplesDashboard.ts';
import { createSavedQueries } from './savedQueries.ts';
import type { Watched } from './watched.ts';

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
