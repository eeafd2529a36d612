import type { ConditionName } from '#shared/observability/conditions.ts';

/** Conditions that only the function which meets them knows of, and `/ready` has to be told. */
export const rememberedConditions = ['OpenAIFailing', 'DoubleFetching'] as const satisfies ConditionName[];
export type RememberedCondition = (typeof rememberedConditions)[number];

/** What went wrong, and how often without a success in between. Never text of a mail. */
export interface RememberedFault {
  readonly condition: RememberedCondition;
  /** What kind of fault it is; another code begins a new fault. */
  readonly code: string;
  /** ISO 8601: when it was first met. */
  readonly since: string;
  /** ISO 8601: when it was last met. */
  readonly at: string;
  /** How often it was met. */
  readonly count: number;
  /** FreeScout conversation in which it was last met; null = it belongs to none. */
  readonly conversationId: number | null;
}

/** Faults that one function meets and another one tells, one for each condition. */
export interface RememberedFaults {
  /** Remembers that a fault was met once more, or `count` times since it was last remembered. */
  rememberFault(
    condition: RememberedCondition,
    met: {
      readonly code: string;
      readonly at: Date;
      readonly count: number;
      readonly conversationId: number | null;
    },
  ): Promise<void>;
  /** The condition does not stand any more. Harmless when it never stood. */
  forgetFault(condition: RememberedCondition): Promise<void>;
  /** All that stand. */
  rememberedFaults(): Promise<readonly RememberedFault[]>;
}
