import { type PollSettings, pollMinutesOf } from '#shared/settings/channels.ts';
import { type ConditionName, conditions } from './conditions.ts';
import { type MeasuringService, type MetricName, measuringServices } from './metrics.ts';
import { silentAfterMinutes } from './silence.ts';

/** What functions measured within the last minutes, and from which value on it tells of a condition. */
export interface Sign {
  /** Added up. */
  readonly metrics: readonly { readonly name: MetricName; readonly by: MeasuringService }[];
  /** `max`: of one metric only. */
  readonly statistic: 'sum' | 'max';
  readonly minutes: number;
  /** `below`: nothing measured counts as 0. */
  readonly beyond: { readonly atLeast: number } | { readonly below: number };
}

/** Of the conditions that work itself tells of, sooner than a look does or where no look can find them. */
const signs: Readonly<Partial<Record<ConditionName, (settings: PollSettings) => Sign>>> = {
  FreeScoutFailing: () => ({
    metrics: [
      { name: 'FreeScoutFailures', by: measuringServices.worker },
      { name: 'FreeScoutFailures', by: measuringServices.sweep },
    ],
    statistic: 'sum',
    minutes: 15,
    beyond: { atLeast: 10 },
  }),
  InvalidGrant: (settings) => ({
    metrics: [
      { name: 'InvalidGrant', by: measuringServices.poll },
      { name: 'InvalidGrant', by: measuringServices.worker },
    ],
    statistic: 'sum',
    // Holds a poll at any time, also one that ends two minutes late; else the alarm would clear and go off with every poll.
    minutes: 5 * Math.ceil((pollMinutesOf(settings) + 2) / 5),
    beyond: { atLeast: 1 },
  }),
  DraftingStopped: () => ({
    metrics: [{ name: 'DraftsStopped', by: measuringServices.worker }],
    statistic: 'sum',
    minutes: 5,
    beyond: { atLeast: 1 },
  }),
  FailedForGood: () => ({
    // The sweep gives up what failed for three days.
    metrics: [
      { name: 'JobsFailedForGood', by: measuringServices.worker },
      { name: 'JobsFailedForGood', by: measuringServices.sweep },
    ],
    statistic: 'sum',
    minutes: 5,
    beyond: { atLeast: 1 },
  }),
  PollerSilent: (settings) => ({
    metrics: [{ name: 'PollsDone', by: measuringServices.poll }],
    statistic: 'sum',
    minutes: silentAfterMinutes({ pollMinutes: pollMinutesOf(settings) }),
    beyond: { below: 1 },
  }),
  OpenAIFailing: () => ({
    metrics: [{ name: 'ModelFailures', by: measuringServices.worker }],
    statistic: 'sum',
    minutes: 15,
    beyond: { atLeast: 3 },
  }),
  BudgetAlmostUsed: () => ({
    metrics: [{ name: 'BudgetUsedPercent', by: measuringServices.sweep }],
    statistic: 'max',
    // Told by every sweep, so five minutes may miss it.
    minutes: 15,
    beyond: { atLeast: 80 },
  }),
  BudgetUsedUp: () => ({
    metrics: [{ name: 'ConversationsDeferred', by: measuringServices.worker }],
    statistic: 'sum',
    minutes: 5,
    beyond: { atLeast: 1 },
  }),
  MailMissing: () => ({
    metrics: [
      { name: 'MailsMissing', by: measuringServices.poll },
      { name: 'SweepMissing', by: measuringServices.sweep },
    ],
    statistic: 'sum',
    minutes: 5,
    beyond: { atLeast: 1 },
  }),
  DoubleFetching: () => ({
    metrics: [
      { name: 'MailsFetchedTwice', by: measuringServices.worker },
      { name: 'MailsFetchedTwice', by: measuringServices.sweep },
    ],
    statistic: 'sum',
    minutes: 5,
    beyond: { atLeast: 1 },
  }),
  WebhookSignatures: () => ({
    metrics: [{ name: 'WebhookSignaturesWrong', by: measuringServices.webhook }],
    statistic: 'sum',
    minutes: 15,
    beyond: { atLeast: 3 },
  }),
  LooksSilent: () => ({
    metrics: [{ name: 'LooksDone', by: measuringServices.status }],
    statistic: 'sum',
    minutes: 10,
    beyond: { below: 1 },
  }),
};

/** A look may come late, and the next one comes a minute after it. */
const lookMinutes = 5;

/**
 * What functions measure of a condition: its own sign, or that the looks of the function `status` say that it stands.
 *
 * @returns null for what no function measures, only AWS.
 */
export function signOf(name: ConditionName, settings: PollSettings): Sign | null {
  const sign = signs[name];
  if (sign !== undefined) {
    return sign(settings);
  }
  return conditions[name].level === null
    ? null
    : {
        metrics: [{ name: `Condition${name}`, by: measuringServices.status }],
        statistic: 'sum',
        minutes: lookMinutes,
        beyond: { atLeast: 1 },
      };
}
