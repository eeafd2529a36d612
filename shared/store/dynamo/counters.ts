import { createHash } from 'node:crypto';
import type { DraftOutcome, DraftState } from '../botDrafts.ts';
import type { LedgerStatus } from '../ledger.ts';
import type { TransactItem } from './requests.ts';

/** Names of the figures in the counter items. */
export const statusCounter: Readonly<Record<LedgerStatus, string>> = {
  processing: 'rowsProcessing',
  deferred: 'rowsDeferred',
  failed: 'rowsFailed',
  filtered: 'rowsFiltered',
  success: 'rowsSuccess',
};
export const outcomeCounter: Readonly<Record<DraftOutcome, string>> = {
  unchanged: 'draftsUnchanged',
  'light-edit': 'draftsLightEdit',
  'heavy-edit': 'draftsHeavyEdit',
  replaced: 'draftsReplaced',
  discarded: 'draftsDiscarded',
  withdrawn: 'draftsWithdrawn',
};
export const draftStateCounter: Readonly<Record<DraftState, string>> = {
  creating: 'draftStateCreating',
  live: 'draftStateLive',
  sent: 'draftStateSent',
  replaced: 'draftStateReplaced',
  gone: 'draftStateGone',
};
export const threadMappingCounter = 'threadMappings';
export const webhookCounter = {
  received: 'webhooksReceived',
  failed: 'webhooksFailed',
  lastAt: 'webhookLastAt',
} as const;
/** When a worker last took a row. */
export const claimedAtCounter = 'rowClaimedAt';

/**
 * Figures are spread over this many items, so that many workers can move them at the same time without getting in each other's
 * way. Never change it: what a row added to one item would be taken from another.
 */
const spread = 16;

/**
 * Adds to the figures of one of the counter items, as part of a transaction.
 *
 * @param spreadBy - what is counted; the same text always moves the same item.
 * @param set - texts to store beside the figures.
 */
export function addToCounters(
  tableName: string,
  spreadBy: string,
  deltas: Readonly<Record<string, number>>,
  set: Readonly<Record<string, string>> = {},
): TransactItem {
  const parts = [...Object.entries(deltas), ...Object.entries(set)];
  const adds = parts.flatMap(([, value], index) => (typeof value === 'number' ? `#${index} :${index}` : []));
  const sets = parts.flatMap(([, value], index) =>
    typeof value === 'string' ? `#${index} = :${index}` : [],
  );
  return {
    Update: {
      TableName: tableName,
      Key: { key: counterKey(createHash('sha256').update(spreadBy).digest().readUInt16BE() % spread) },
      UpdateExpression: [
        ...(adds.length === 0 ? [] : [`ADD ${adds.join(', ')}`]),
        ...(sets.length === 0 ? [] : [`SET ${sets.join(', ')}`]),
      ].join(' '),
      ExpressionAttributeNames: Object.fromEntries(parts.map(([name], index) => [`#${index}`, name])),
      ExpressionAttributeValues: Object.fromEntries(parts.map(([, value], index) => [`:${index}`, value])),
    },
  };
}

/** Keys of all counter items. */
export const counterKeys = Array.from({ length: spread }, (_, index) => ({ key: counterKey(index) }));

function counterKey(index: number): string {
  return `counter#${index}`;
}
