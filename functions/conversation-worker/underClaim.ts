import { asFailure, ComeBackLater } from '#shared/failure/failure.ts';
import { type LedgerKey, threadKey } from '#shared/store/keys.ts';
import type { LedgerOutcome, LedgerRow } from '#shared/store/ledger.ts';
import type { Delivery } from './delivery.ts';
import type { WorkerDependencies } from './workerDependencies.ts';

/** The work on a claimed row ends without an outcome: another job goes on with it, and the row waits for that job. */
export const requeued = { status: 'requeued' } as const;

/**
 * The work on a claimed row ends without an outcome: nothing was done and nothing is owed. The row is taken away, so that its work may
 * be due again.
 */
export const withdrawn = { status: 'withdrawn' } as const;

export type WorkEnd = LedgerOutcome | typeof requeued | typeof withdrawn;

/**
 * Claims a row, does the work and writes its outcome. No job is acknowledged without one.
 *
 * When the work throws, the row becomes `failed` with the failure's code, and the failure is thrown on. When the job has to come back
 * later, only the lease is given back.
 *
 * @returns what the work ended in, or the row when it was terminal already.
 * @throws {ComeBackLater} `leased` while another delivery holds the row.
 */
export async function underClaim(
  deps: Pick<WorkerDependencies, 'store' | 'leaseSeconds' | 'clock'>,
  key: LedgerKey,
  delivery: Delivery,
  known: { readonly channelThreadId?: string; readonly conversationId?: number },
  work: (row: LedgerRow) => Promise<WorkEnd>,
): Promise<WorkEnd | LedgerRow> {
  const { ledger } = deps.store;
  const claim = await ledger.claim(key, {
    owner: delivery.owner,
    leaseSeconds: deps.leaseSeconds,
    lastDelivery: delivery.last,
    ...known,
  });
  if (claim.outcome === 'leased') {
    throw new ComeBackLater('leased', secondsUntil(claim.until, deps.clock.now()));
  }
  if (claim.outcome === 'terminal') {
    return claim.row;
  }
  let end: WorkEnd;
  try {
    end = await work(claim.row);
  } catch (thrown) {
    await recordThrown(deps, key, delivery, thrown);
    throw thrown;
  }
  if (end.status === 'withdrawn') {
    await ledger.withdraw(key, delivery.owner);
  } else if (end.status !== 'requeued') {
    await ledger.finish(key, delivery.owner, end);
  }
  return end;
}

/**
 * Does a step that comes before any message is known, and so has no row of a message: reading the conversation, looking at its draft.
 * When the step fails, a row of the conversation itself keeps the failure, and the failure is thrown on. If that row is terminal
 * already, by an earlier failure, the next numbered row keeps it.
 */
export async function keptUnderConversation<Result>(
  deps: Pick<WorkerDependencies, 'store' | 'leaseSeconds' | 'clock'>,
  conversationId: number,
  delivery: Delivery,
  step: () => Promise<Result>,
): Promise<Result> {
  try {
    return await step();
  } catch (thrown) {
    if (thrown instanceof ComeBackLater && !delivery.last) {
      throw thrown;
    }
    for (let nth = 1; ; nth += 1) {
      const key = threadKey(conversationId, nth === 1 ? '-' : -nth);
      // `underClaim` returns only when the row was terminal already.
      await underClaim(deps, key, delivery, { conversationId }, () => Promise.reject(thrown));
    }
  }
}

/** Never throws: when the ledger cannot be reached either, the lease runs out and the next delivery takes the row. */
async function recordThrown(
  deps: Pick<WorkerDependencies, 'store'>,
  key: LedgerKey,
  delivery: Delivery,
  thrown: unknown,
): Promise<void> {
  try {
    if (thrown instanceof ComeBackLater) {
      await deps.store.ledger.release(key, delivery.owner);
      return;
    }
    const failure = asFailure(thrown);
    await deps.store.ledger.finish(key, delivery.owner, {
      status: 'failed',
      reason: failure.code,
      retryable: failure.retryable,
    });
  } catch {
    // The original failure matters more and is thrown by the caller.
  }
}

function secondsUntil(until: Date, now: Date): number {
  return Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000));
}
