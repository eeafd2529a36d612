import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { ComeBackLater } from '#shared/failure/failure.ts';
import type { Remark } from '#shared/intake/remark.ts';
import { isTerminal, type LedgerRow } from '#shared/store/ledger.ts';
import type { MessageInHand } from './messageInHand.ts';

/** What other messages of the same id mean for the one in hand. */
type Copies = { readonly kind: 'double' } | { readonly kind: 'own'; readonly remarks: readonly Remark[] };

/** Seconds after which a message looks again whether the one before it is through. */
const waitSeconds = 15;

/**
 * Compares the message in hand with those that came in under the same id. A copy in the same mailbox is a double. What is in another
 * mailbox, and what differs, stays a message of its own that says so.
 *
 * @throws {ComeBackLater} while the other message is being brought in.
 */
export async function lookForCopies(deps: WorkerDependencies, inHand: MessageInHand): Promise<Copies> {
  const { message, row, channel } = inHand;
  if (message.digests === null) {
    return { kind: 'own', remarks: [] };
  }
  const { idDigest, contentDigest } = message.digests;
  const { mailboxId } = channel;
  const own = { key: message.key, contentDigest };
  const entered = await deps.store.state.enterMessage(idDigest, mailboxId, own);
  const rows = await deps.store.ledger.getAll(
    [...entered.values()].flatMap(({ key }) => (key === row.key ? [] : [key])),
  );
  const remarks: Remark[] = [];
  for (const [otherMailbox, { key, contentDigest: otherContent }] of entered) {
    const other = rows.get(key) ?? null;
    const isCopy = otherContent === contentDigest;
    const isHere = otherMailbox === mailboxId;
    if (key === row.key || (other !== null && mustWait(deps, row, other, isHere))) {
      continue;
    }
    if (other?.status !== 'success' || other.conversationId === undefined) {
      if (isHere) {
        await deps.store.state.enterMessage(idDigest, mailboxId, own, key);
      }
      continue;
    }
    if (isCopy && isHere) {
      return { kind: 'double' };
    }
    remarks.push({
      code: isCopy ? 'same-mail-elsewhere' : 'same-message-id',
      conversationId: other.conversationId,
    });
  }
  return { kind: 'own', remarks };
}

/**
 * Whether nothing can be said yet of the other message, and nothing has to be: of two that are brought into two mailboxes at the same time
 * the one with the greater key waits, and names the other.
 */
function mustWait(
  { clock }: Pick<WorkerDependencies, 'clock'>,
  row: LedgerRow,
  other: LedgerRow,
  isHere: boolean,
): boolean {
  const isAtWork = other.leaseUntil !== undefined && Date.parse(other.leaseUntil) > clock.now().getTime();
  const mayHaveWritten = isHere && other.writeStartedAt !== undefined;
  if (isTerminal(other) || !(isAtWork || mayHaveWritten)) {
    return false;
  }
  if (isHere || row.key > other.key) {
    throw new ComeBackLater('leased', waitSeconds);
  }
  return true;
}
