import { permanent } from '#shared/failure/failure.ts';
import type { Remark } from '#shared/intake/remark.ts';
import type { LedgerKey } from './keys.ts';
import {
  type Claim,
  type DeferReason,
  isTerminal,
  type Ledger,
  type LedgerOutcome,
  type LedgerProgress,
  type LedgerRow,
} from './ledger.ts';

/** What a worker asks for when it claims a row. */
export type ClaimOptions = Parameters<Ledger['claim']>[1];
/** One row that {@link Ledger.settle} is asked to write. */
export type SettleEntry = Parameters<Ledger['settle']>[0][number];

/**
 * The decisions of {@link Ledger}, without storage: each answers the row as it has to be written, or why nothing is written. The
 * store writes it only if the row still is the one that was decided on.
 */
export type ClaimDecision =
  | { readonly next: LedgerRow }
  | { readonly refused: Exclude<Claim, { outcome: 'claimed' }> };

export function claimRow(
  row: LedgerRow | null,
  key: LedgerKey,
  options: ClaimOptions,
  now: Date,
): ClaimDecision {
  if (row !== null && isTerminal(row)) {
    return { refused: { outcome: 'terminal', row } };
  }
  const leasedUntil = row === null ? null : activeLease(row, now);
  if (leasedUntil !== null) {
    return { refused: { outcome: 'leased', until: leasedUntil } };
  }
  const at = now.toISOString();
  const { reason, retryable, action, ...kept } = row ?? { ...unseen(key, at) };
  return {
    next: {
      ...kept,
      ...(options.channelThreadId === undefined ? {} : { channelThreadId: options.channelThreadId }),
      ...(options.conversationId === undefined ? {} : { conversationId: options.conversationId }),
      ...(options.lastDelivery
        ? {
            status: 'failed',
            reason: 'worker-stopped',
            retryable: true,
            failedSince: kept.failedSince ?? at,
          }
        : { status: 'processing' }),
      statusAt: at,
      attempts: kept.attempts + 1,
      leaseOwner: options.owner,
      leaseUntil: new Date(now.getTime() + options.leaseSeconds * 1000).toISOString(),
    },
  };
}

/** A stored row may have 400 KB in all. A judgement has a few; anything near this is none. */
const largestTriageBytes = 64 * 1024;

/**
 * @returns null when the lease is not the owner's.
 * @throws a permanent failure when the judgement is too long to be stored.
 */
export function progressRow(
  row: LedgerRow | null,
  owner: string,
  progress: LedgerProgress,
): LedgerRow | null {
  if (row?.leaseOwner !== owner) {
    return null;
  }
  if (Buffer.byteLength(JSON.stringify(progress.triage ?? null)) > largestTriageBytes) {
    throw permanent(
      'unexpected',
      `The judgement for ${row.key} is too long to be stored. The row is unchanged; a smaller limit of output tokens helps.`,
    );
  }
  const { writeStartedAt, remarks: _, ...learned } = { ...row, ...progress };
  const remarks = [...(row.remarks ?? []), ...(progress.remarks ?? [])];
  return {
    ...learned,
    ...(remarks.length === 0 ? {} : { remarks: oneOfEachCode(remarks) }),
    ...(writeStartedAt === null || writeStartedAt === undefined ? {} : { writeStartedAt }),
  };
}

function oneOfEachCode(remarks: readonly Remark[]): readonly Remark[] {
  return [...new Map(remarks.map((remark) => [remark.code, remark])).values()];
}

/** @returns null when the lease is not the owner's. An ended lease that nobody took over still is. */
export function finishRow(
  row: LedgerRow | null,
  owner: string,
  outcome: LedgerOutcome,
  now: Date,
): LedgerRow | null {
  return row?.leaseOwner === owner ? withOutcome(row, outcome, now) : null;
}

/** @returns null when the lease is not the owner's. */
export function releaseRow(row: LedgerRow | null, owner: string): LedgerRow | null {
  if (row?.leaseOwner !== owner) {
    return null;
  }
  const { leaseOwner, leaseUntil, ...kept } = row;
  return kept;
}

/** @returns null when the row is terminal or somebody works on it. */
export function settleRow(row: LedgerRow | null, entry: SettleEntry, now: Date): LedgerRow | null {
  if (row !== null && (isTerminal(row) || activeLease(row, now) !== null)) {
    return null;
  }
  const settled = withOutcome(row ?? unseen(entry.key, now.toISOString()), entry.outcome, now);
  return entry.channelThreadId === undefined
    ? settled
    : { ...settled, channelThreadId: entry.channelThreadId };
}

/** Whether a row may be taken away: it is open, and the owner's or nobody's. */
export function mayBeWithdrawn(row: LedgerRow | null, owner: string | null, now: Date): boolean {
  return (
    row !== null && !isTerminal(row) && (activeLease(row, now) === null || (row.leaseOwner ?? null) === owner)
  );
}

/** @returns null when the row is not a retryable failure, or somebody works on it. */
export function giveUpRow(row: LedgerRow | null, now: Date): LedgerRow | null {
  if (row?.status !== 'failed' || row.retryable !== true || activeLease(row, now) !== null) {
    return null;
  }
  return { ...row, retryable: false };
}

/**
 * An ended row starts from the beginning; one that failed keeps how far it came, so that a replay tells nobody twice.
 *
 * @returns null when there is no row or somebody works on it.
 */
export function reopenRow(
  row: LedgerRow | null,
  options: { readonly ticketAnyway?: true },
  now: Date,
): LedgerRow | null {
  if (row === null || activeLease(row, now) !== null) {
    return null;
  }
  const { reason, retryable, action, failedSince, leaseOwner, leaseUntil, ...kept } = row;
  const { followUp, alertedBy, ...anew } = kept;
  return {
    ...(isTerminal(row) ? anew : kept),
    ...options,
    status: 'processing',
    statusAt: now.toISOString(),
    attempts: 0,
  };
}

/** @returns null when the row is not filtered for just that reason. */
export function reconsiderRow(
  row: LedgerRow | null,
  { was, reason }: { readonly was: string; readonly reason: DeferReason },
  now: Date,
): LedgerRow | null {
  return row?.status === 'filtered' && row.reason === was
    ? { ...row, status: 'deferred', reason, statusAt: now.toISOString(), attempts: 0 }
    : null;
}

/** @returns null when there is no row or somebody works on it. */
export function forgottenRow(row: LedgerRow | null, now: Date): LedgerRow | null {
  if (row === null || activeLease(row, now) !== null) {
    return null;
  }
  const { key, firstSeenAt, attempts } = row;
  return { key, firstSeenAt, attempts, status: 'filtered', reason: 'forgotten', statusAt: now.toISOString() };
}

function activeLease(row: LedgerRow, now: Date): Date | null {
  const until = row.leaseUntil === undefined ? null : new Date(row.leaseUntil);
  return until !== null && until > now ? until : null;
}

function unseen(key: LedgerKey, at: string): LedgerRow {
  return { key, status: 'processing', statusAt: at, firstSeenAt: at, attempts: 0 };
}

function withOutcome(row: LedgerRow, outcome: LedgerOutcome, now: Date): LedgerRow {
  const at = now.toISOString();
  const { action, reason, retryable, failedSince, leaseOwner, leaseUntil, ...kept } = row;
  const ended = { ...kept, status: outcome.status, statusAt: at };
  switch (outcome.status) {
    case 'success':
      return {
        ...ended,
        action: outcome.action,
        ...(outcome.reason === undefined ? {} : { reason: outcome.reason }),
        ...(outcome.conversationId === undefined ? {} : { conversationId: outcome.conversationId }),
        ...(outcome.threadId === undefined ? {} : { threadId: outcome.threadId }),
      };
    case 'filtered':
      return { ...ended, reason: outcome.reason };
    case 'deferred':
      return {
        ...ended,
        reason: outcome.reason,
        ...(outcome.conversationId === undefined ? {} : { conversationId: outcome.conversationId }),
      };
    case 'failed':
      return {
        ...ended,
        reason: outcome.reason,
        retryable: outcome.retryable,
        failedSince: failedSince ?? at,
      };
  }
}
