import type { WebhookCounter } from '../counters.ts';
import { addToCounters, webhookCounter } from './counters.ts';
import { type Dynamo, transact } from './requests.ts';

/** All that receiving a webhook needs of the system's state. */
export function createDynamoWebhookCounter(dynamo: Dynamo & { readonly tableName: string }): WebhookCounter {
  return {
    async countWebhook(spreadBy, failed, at) {
      const deltas = { [webhookCounter.received]: 1, ...(failed ? { [webhookCounter.failed]: 1 } : {}) };
      await transact(dynamo, [
        addToCounters(dynamo.tableName, spreadBy, deltas, { [webhookCounter.lastAt]: at.toISOString() }),
      ]);
    },
  };
}
