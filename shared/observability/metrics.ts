import type { ConditionName } from './conditions.ts';

/** Written with 1 at every look while a condition stands. */
type ConditionMetric = `Condition${ConditionName}`;

/** Metrics that the system emits; counts unless the name says otherwise. `Mails…` counts messages of any channel: dashboards name it. */
export type MetricName =
  | 'MailsCreated'
  | 'MailsAppended'
  | 'MailsNoted'
  | 'MailsFiltered'
  | 'MailsSkipped'
  | 'MailsQueued'
  | 'MailsMissing'
  | 'GmailUnits'
  | 'PollFailed'
  | 'JobsFailed'
  | 'JobsFailedForGood'
  | 'ConversationsTriaged'
  | 'ConversationsDeferred'
  | 'DraftsCreated'
  | 'DraftsReplaced'
  | 'DraftsWithdrawn'
  | 'DraftsNoted'
  | 'DraftsUnusable'
  | 'DraftsStopped'
  | 'DraftUnchanged'
  | 'DraftLightEdit'
  | 'DraftHeavyEdit'
  | 'DraftReplacedByAgent'
  | 'DraftDiscarded'
  | 'DraftMinutesToSend'
  | 'MinutesToDraft'
  | 'DraftSimilarity'
  | 'FollowUpsSeen'
  | 'FollowUpsQualified'
  | 'FollowUpsQueued'
  | 'FollowUpsSkipped'
  | 'FollowUpsFailed'
  | 'FollowUpsDrafted'
  | 'FollowUpsTagged'
  | 'AlertsSent'
  | 'AlertsFailed'
  | 'FreeScoutCalls'
  | 'FreeScoutFailures'
  | 'ModelCalls'
  | 'ModelFailures'
  | 'ModelSpendUsd'
  | 'SweepQueued'
  | 'SweepMissing'
  | 'SweepWoken'
  | 'SweepFailed'
  | 'WebhooksReceived'
  | 'WebhooksRefused'
  | 'WebhookSignaturesWrong'
  | 'LooksDone'
  | ConditionMetric;

/** Adds `value` (default 1) to a metric; flushed when the unit of work ends. */
export type Measure = (name: MetricName, value?: number) => void;

/** Functions whose metrics tell of conditions, by their folders: the `service` of the metrics that each writes. */
export const measuringServices = {
  worker: 'conversation-worker',
  sweep: 'freescout-sweep',
  webhook: 'freescout-webhook',
  status: 'status',
} as const;
export type MeasuringService = (typeof measuringServices)[keyof typeof measuringServices];
