/**
 * Everything that can be wrong with the system and that operators are told of, in one place: `/ready`, `/metrics`, CloudWatch's alarms
 * and the watch on one machine are made of it, and RUNBOOK.md has a section for each entry.
 */
interface Condition {
  /** Whom it hurts, and how, for as long as it lasts; the first thing the operator reads. */
  readonly harm: string;
  /**
   * What `/ready` says while it finds the condition: nothing can be done for customers, or part of it. `null`: `/ready` does not find
   * it out, only the figures over time tell.
   */
  readonly level: 'not_ready' | 'degraded' | null;
}

export const conditions = {
  NotConfigured: {
    harm: 'Customers wait: an address or a key is not filled in, and the work that needs it is kept.',
    level: 'not_ready',
  },
  TableUnwritable: {
    harm: 'Customers wait: a table takes no writes, so no mail is brought in and no job can end.',
    level: 'not_ready',
  },
  FreeScoutFailing: {
    harm: 'Agents see no new conversations, notes or drafts while FreeScout refuses or does not answer.',
    level: 'not_ready',
  },
  MailboxGone: {
    harm: 'Customers of a channel wait: the FreeScout mailbox that gets their messages does not exist.',
    level: 'not_ready',
  },
  BotUserUnfit: {
    harm: 'Agents get no notes and drafts: the FreeScout user who writes them is gone, inactive or without access.',
    level: 'not_ready',
  },
  WebhookLost: {
    harm: 'What happens in FreeScout is noticed up to an hour late: its webhooks do not reach us, or not with our secret.',
    level: 'not_ready',
  },
  InvalidGrant: {
    harm: 'Mail of one channel stays unread until somebody connects its account again.',
    level: 'not_ready',
  },
  DraftingStopped: {
    harm: 'A customer may have been sent an unread draft; agents get no drafts until doctor passes.',
    level: 'not_ready',
  },
  DeadLetters: {
    harm: 'Customers whose message failed five times wait for a person; nothing is lost.',
    level: 'degraded',
  },
  FailedForGood: {
    harm: 'A customer may wait for ever: work on a message ended with a failure, and nothing repeats it.',
    level: 'degraded',
  },
  OldestJob: {
    harm: 'Every customer who wrote in the last quarter of an hour may wait: jobs are not worked on.',
    level: 'degraded',
  },
  PollerSilent: {
    harm: 'Mail of customers stays unread: no poll of a channel has gone through for a while.',
    level: 'degraded',
  },
  OpenAIFailing: {
    harm: 'Conversations arrive without judgement and draft while OpenAI refuses or does not answer.',
    level: 'degraded',
  },
  BudgetAlmostUsed: {
    harm: 'Nobody yet; beyond 100 % conversations wait without judgement and draft.',
    level: 'degraded',
  },
  BudgetUsedUp: {
    harm: 'Conversations wait without judgement and draft until the day or month turns or the budget is raised.',
    level: 'degraded',
  },
  MailMissing: {
    harm: 'A customer waited longer than usual: only a gap check found the message.',
    level: 'degraded',
  },
  DoubleFetching: {
    harm: 'Agents see mail twice and may answer a customer twice: FreeScout fetches the same address.',
    level: 'degraded',
  },
  LabelsUnknown: {
    harm: 'Mail may be ticketed that should not be, or left out: the account has no label of that name.',
    level: 'degraded',
  },
  AssigneeUnfit: {
    harm: 'Nobody is assigned: the FreeScout user of the settings is gone, inactive or without access.',
    level: 'degraded',
  },
  MailboxRenamed: {
    harm: 'Messages may go to the wrong team: a FreeScout mailbox is not the one that it was.',
    level: 'degraded',
  },
  TagsOrFieldsMissing: {
    harm: 'Agents do not see how urgent conversations are: FreeScout has no tags or fields to write it into.',
    level: 'degraded',
  },
  OwnAddressMissing: {
    harm: 'Drafts may copy in an address of your own, because the settings do not name it.',
    level: 'degraded',
  },
  ExampleSettings: {
    harm: 'Drafts speak for a company that is only an example, or mail of an example address is waited for.',
    level: 'degraded',
  },
  SecretTooShort: {
    harm: 'A stranger may guess a secret and pass for FreeScout or for an operator.',
    level: 'degraded',
  },
  PlainHttp: {
    harm: "Customers' messages and FreeScout's key cross the internet unencrypted.",
    level: 'degraded',
  },
  WebhookSignatures: {
    harm: 'What happens in FreeScout is noticed up to an hour late: its webhooks carry a wrong signature.',
    level: null,
  },
  FunctionsThrottled: {
    harm: 'Customers wait: AWS runs no more functions of this account at the same time.',
    level: null,
  },
  TablesThrottled: {
    harm: 'Customers wait: DynamoDB refuses reads or writes, and jobs go back to the queue.',
    level: null,
  },
  LooksSilent: {
    harm: 'Nobody hears of what else is wrong: the function that looks for it does not run.',
    level: null,
  },
} as const satisfies Readonly<Record<string, Condition>>;

export type ConditionName = keyof typeof conditions;

/** Every condition, in the order of the catalogue. */
export const conditionNames = Object.keys(conditions) as readonly ConditionName[];

/** The conditions that `/ready` finds. */
export const foundByLooks: readonly ConditionName[] = conditionNames.filter(
  (name) => conditions[name].level !== null,
);

/** What operators are told of a condition, in one line: whom it hurts, and which section of the RUNBOOK helps. */
export function harmAndRemedy(name: ConditionName): string {
  return `Harm: ${conditions[name].harm} Remedy: RUNBOOK.md, section "Alarm: ${name}".`;
}

/** A condition that stands now. */
export interface Issue {
  readonly condition: ConditionName;
  /** What is wrong and what to do, in words for the operator. */
  readonly says: string;
}
