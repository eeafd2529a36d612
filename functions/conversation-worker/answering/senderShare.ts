import { deferred } from '#functions/conversation-worker/outcomes.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { senderIn, sharersOf } from '#shared/customers/senderShare.ts';
import { hasOwnNote } from '#shared/drafts/markers.ts';
import type { Conversation } from '#shared/freescout/model.ts';
import { textToHtml } from '#shared/mail/visible/safeHtml.ts';
import type { LedgerKey } from '#shared/store/keys.ts';
import type { LedgerOutcome } from '#shared/store/ledger.ts';
import { postNote } from './applyTriage.ts';
import type { MessageInWork } from './messageInWork.ts';
import { remarkLines } from './remarkLines.ts';
import { tellOfWords } from './triageMessage.ts';

const heldBackLine =
  'Not judged yet, and no draft yet: this sender has used up what one sender gets of the judgements and drafts of a day. From tomorrow on it is judged by itself, as there is room; the operator’s command replay has it judged at once. Escalation words are found and tagged all the same.';

/**
 * Takes a place for a piece of work in the day's share of the customer who wrote last, and in that of their domain. A customer whom the
 * team has answered needs no place of the domain, so that nobody can take it from them by writing from there.
 *
 * @param key - row of the work; a repeated attempt finds its place taken by itself.
 * @returns false when the model may not be asked for this sender today.
 * @throws {FreeScoutFailure} while FreeScout cannot be asked whether the team has answered this customer.
 */
export async function hasShare(
  { settings, store, clock, customers }: WorkerDependencies,
  conversation: Conversation,
  key: LedgerKey,
): Promise<boolean> {
  const { messagesPerAddress, messagesPerDomain } = settings.limits;
  const sender = senderIn(conversation);
  const { address, domain } = sharersOf(sender);
  const takePlace = async (digest: string, most: number) =>
    most === 0 ||
    (await store.state.takePlace({ of: 'model', by: digest, per: 'day' }, key, most, clock.now()));
  // The address comes first: what is refused to one address takes nothing from its domain.
  if (!(await takePlace(address, messagesPerAddress))) {
    return false;
  }
  return (
    domain === null || (await takePlace(domain, messagesPerDomain)) || (await customers.isAnswered(sender))
  );
}

/**
 * Leaves a message of a sender over their share for another day. Code looks for escalation words at once; a note tells the agents, once,
 * except for the later mails of a burst, of which one note tells.
 */
export async function holdBack(deps: WorkerDependencies, inWork: MessageInWork): Promise<LedgerOutcome> {
  const { conversation, row, mailRow, waitingMailRows, silentNotes } = inWork;
  const { botUserId } = deps.settings.freescout;
  const marker = `share:${row.key}`;
  if (!hasOwnNote(conversation, botUserId, marker)) {
    await tellOfWords(deps, inWork);
    if (row.burst !== 'later') {
      const remarks = remarkLines(waitingMailRows, mailRow, deps.settings.hygiene.loopLimitPerHour);
      const html = textToHtml([heldBackLine, ...remarks].join('\n'));
      await postNote(deps, conversation, marker, html, silentNotes);
    }
  }
  return deferred(deps, conversation.id, 'share');
}
