import { Construct } from 'constructs';
import { createAlarms } from './alarms.ts';
import { createEngineeringDashboard } from './engineeringDashboard.ts';
import { createSavedQueries } from './savedQueries.ts';
import { createTeamDashboard } from './teamDashboard.ts';
import type { Watched } from './watched.ts';

/** Dashboards, alarms and saved queries: how people learn how the system is without asking it. */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, watched: Watched) {
    super(scope, id);
    createAlarms(this, watched);
    createTeamDashboard(this, watched);
    createEngineeringDashboard(this, watched);
    createSavedQueries(this, watched);
  }
}
