import type { Counters } from '../counters.ts';
import { latestOf, readCounters, sumsOf } from './counterSums.ts';
import {
  claimedAtCounter,
  draftStateCounter,
  outcomeCounter,
  statusCounter,
  threadMappingCounter,
  webhookCounter,
} from './counters.ts';
import type { Dynamo } from './requests.ts';

/** Sums over the counter items, which the transactions of the other parts move. */
export function createDynamoCounters(dynamo: Dynamo & { readonly tableName: string }): Counters {
  return {
    async counts() {
      const items = await readCounters(dynamo, dynamo.tableName);
      const { threadMappings } = sumsOf(items, { threadMappings: threadMappingCounter });
      const { received, failed } = webhookCounter;
      return {
        messages: sumsOf(items, statusCounter),
        lastClaimAt: latestOf(items, claimedAtCounter),
        threadMappings,
        drafts: sumsOf(items, draftStateCounter),
        draftOutcomes: sumsOf(items, outcomeCounter),
        webhooks: { ...sumsOf(items, { received, failed }), lastAt: latestOf(items, webhookCounter.lastAt) },
      };
    },
  };
}
