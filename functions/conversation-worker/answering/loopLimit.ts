import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { hasOwnNote } from '#shared/drafts/markers.ts';
import { unansweredCustomerMessages } from '#shared/freescout/model.ts';
import { senderDigest, threadKey } from '#shared/store/keys.ts';
import { noteMarkerOf } from './applyTriage.ts';
import type { MessageInWork } from './messageInWork.ts';

/** Of a burst, operators get one alert and agents one note an hour: each of the mails may have a conversation of its own. */
const onceAnHour = { maxRequests: 1, windowSeconds: 3600 };

/**
 * Decides for a mail beyond the loop limit whether it is the first of its sender in this hour, which carries alert and note, and
 * remembers it in the row of the message. The decision is announced in the row before it is made: a delivery that finds no more than
 * the announcement counts the mail as the first, because nobody else would write the note.
 */
export async function decideBurst(
  { store, clock, settings }: Pick<WorkerDependencies, 'store' | 'clock' | 'settings'>,
  inWork: MessageInWork,
): Promise<'first' | 'later'> {
  const { row, delivery, conversation, message } = inWork;
  if (row.burst === 'first' || row.burst === 'later') {
    return row.burst;
  }
  await store.ledger.progress(row.key, delivery.owner, { burst: 'deciding' });
  const name = `loop-alert:${senderDigest(message.customer?.email || `conversation ${conversation.id}`)}`;
  const isFirst =
    (await store.state.takeCalls(name, 1, onceAnHour, clock.now())) > 0 ||
    row.burst === 'deciding' ||
    (await owesNote({ store, settings }, inWork));
  const burst = isFirst ? 'first' : 'later';
  await store.ledger.progress(row.key, delivery.owner, { burst });
  return burst;
}

/** When the work on the first mail of a burst fails and a newer mail of the conversation covers it, the newer one owes its note. */
async function owesNote(
  { store, settings }: Pick<WorkerDependencies, 'store' | 'settings'>,
  { conversation, message }: MessageInWork,
): Promise<boolean> {
  const others = unansweredCustomerMessages(conversation)
    .filter(({ id }) => id !== message.id)
    .map(({ id }) => threadKey(conversation.id, id));
  const rows = await store.ledger.getAll(others);
  return others.some((key) => {
    const burst = rows.get(key)?.burst;
    const isFirst = burst === 'first' || burst === 'deciding';
    return isFirst && !hasOwnNote(conversation, settings.freescout.botUserId, noteMarkerOf(key));
  });
}
