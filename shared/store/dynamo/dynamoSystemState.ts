import { probeName } from '../keys.ts';
import type { SystemState } from '../systemState.ts';
import { createDynamoCallLimits } from './dynamoCallLimits.ts';
import { createDynamoCounters } from './dynamoCounters.ts';
import { createDynamoCursors } from './dynamoCursors.ts';
import { createDynamoDraftProofs } from './dynamoDraftProofs.ts';
import { createDynamoIntakeStart } from './dynamoIntakeStart.ts';
import { createDynamoMessageCopies } from './dynamoMessageCopies.ts';
import { createDynamoMissingAddresses } from './dynamoMissingAddresses.ts';
import { createDynamoReadinessLooks } from './dynamoReadinessLooks.ts';
import { createDynamoRegisteredWebhooks } from './dynamoRegisteredWebhooks.ts';
import { createDynamoRememberedFaults } from './dynamoRememberedFaults.ts';
import { createDynamoSecretReports } from './dynamoSecretReports.ts';
import { createDynamoSenderCounts } from './dynamoSenderCounts.ts';
import { createDynamoSenderLocks } from './dynamoSenderLocks.ts';
import { createDynamoSpendMeter } from './dynamoSpendMeter.ts';
import { createDynamoThreadStarters } from './dynamoThreadStarters.ts';
import { createDynamoWebhookCounter } from './dynamoWebhookCounter.ts';
import { probeTable } from './probeTable.ts';
import type { Dynamo } from './requests.ts';

export function createDynamoSystemState(dynamo: Dynamo & { readonly tableName: string }): SystemState {
  return {
    ...createDynamoCursors(dynamo),
    ...createDynamoIntakeStart(dynamo),
    ...createDynamoThreadStarters(dynamo),
    ...createDynamoMessageCopies(dynamo),
    ...createDynamoDraftProofs(dynamo),
    ...createDynamoCounters(dynamo),
    ...createDynamoWebhookCounter(dynamo),
    ...createDynamoSpendMeter(dynamo),
    ...createDynamoCallLimits(dynamo),
    ...createDynamoSenderCounts(dynamo),
    ...createDynamoSenderLocks(dynamo),
    ...createDynamoMissingAddresses(dynamo),
    ...createDynamoRegisteredWebhooks(dynamo),
    ...createDynamoReadinessLooks(dynamo),
    ...createDynamoSecretReports(dynamo),
    ...createDynamoRememberedFaults(dynamo),
    probe: () => probeTable(dynamo, { key: probeName }),
  };
}
