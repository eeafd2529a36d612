import { type ConditionName, conditions } from './conditions.ts';
import { type MeasuringService, type MetricName, measuringServices } from './metrics.ts';

/** What functions measured within the last minutes, and from which sum on it tells of a condition. */
export interface Sign {
  /** Added up. */
  readonly metrics: readonly { readonly name: MetricName; readonly by: MeasuringService }[];
  readonly minutes: number;
  /** `below`: nothing measured counts as 0. */
  readonly beyond: { readonly atLeast: number } | { readonly below: number };
}

/** Of the conditions that only work itself tells of, or tells of where a look may see nothing. */
const signsOfWork: Readonly<Partial<Record<ConditionName, Sign>>> = {
  // FreeScout may answer a look, and refuse much of the work.
  FreeScoutFailing: {
    metrics: [
      { name: 'FreeScoutFailures', by: measuringServices.worker },
      { name: 'FreeScoutFailures', by: measuringServices.sweep },
    ],
    minutes: 15,
    beyond: { atLeast: 10 },
  },
  // A look no longer sees failures between which a call was answered.
  OpenAIFailing: {
    metrics: [{ name: 'ModelFailures', by: measuringServices.worker }],
    minutes: 15,
    beyond: { atLeast: 3 },
  },
  // Measured also when the table does not take in what the look reads.
  DraftingStopped: {
    metrics: [{ name: 'DraftsStopped', by: measuringServices.worker }],
    minutes: 5,
    beyond: { atLeast: 1 },
  },
  WebhookSignatures: {
    metrics: [{ name: 'WebhookSignaturesWrong', by: measuringServices.webhook }],
    minutes: 15,
    beyond: { atLeast: 3 },
  },
  LooksSilent: {
    metrics: [{ name: 'LooksDone', by: measuringServices.status }],
    minutes: 10,
    beyond: { below: 1 },
  },
};

/** A look may come late, and the next one comes a minute after it. */
const lookMinutes = 5;

/**
 * What functions measure of a condition: that the looks of the function `status` say that it stands, and what work tells of it. It
 * stands while one of the signs says so.
 *
 * @returns none for what no function measures, only AWS.
 */
export function signsOf(name: ConditionName): readonly Sign[] {
  const ofWork = signsOfWork[name];
  const ofLooks: Sign = {
    metrics: [{ name: `Condition${name}`, by: measuringServices.status }],
    minutes: lookMinutes,
    beyond: { atLeast: 1 },
  };
  return [...(ofWork === undefined ? [] : [ofWork]), ...(conditions[name].level === null ? [] : [ofLooks])];
}
