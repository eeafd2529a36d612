/** Metrics that the system emits; counts unless the name says otherwise. `Mails…` counts messages of any channel: dashboards name it. */
export type MetricName =
  | 'MailsCreated'
  | 'MailsAppended'
  | 'MailsNoted'
  | 'MailsFiltered'
  | 'MailsSkipped'
  | 'MailsQueued'
  | 'MailsMissing'
  | 'MailsFetchedTwice'
  | ChannelUnits
  | 'PollsDone'
  | 'PollFailed'
  | 'InvalidGrant'
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
  | 'BudgetUsedPercent'
  | 'SweepQueued'
  | 'SweepMissing'
  | 'SweepWoken'
  | 'SweepFailed'
  | 'WebhooksReceived'
  | 'WebhooksRefused'
  | 'WebhookSignaturesWrong';

/** What the calls of a channel use up of its quota: the channel for people, and the metric that counts the units. */
export const channelQuotas = [{ channel: 'Gmail', units: 'GmailUnits' }] as const;

type ChannelUnits = (typeof channelQuotas)[number]['units'];

/** Adds `value` (default 1) to a metric; flushed when the unit of work ends. */
export type Measure = (name: MetricName, value?: number) => void;
