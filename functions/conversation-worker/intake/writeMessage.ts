import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { FreeScoutFailure } from '#shared/freescout/freescoutClient.ts';
import type { MessageForFreeScout } from './messageForFreeScout.ts';
import type { MessageInHand } from './messageInHand.ts';
import { withSenderLock } from './senderLock.ts';
import { writeOnce } from './writeOnce.ts';

type Content = Pick<MessageForFreeScout, 'html' | 'attachments'>;

/**
 * Writes the message in hand to FreeScout once, as large as FreeScout takes it.
 *
 * @param options - `mayBeNew`: the write may tell FreeScout of a new customer, so no other worker may do so for the same one meanwhile.
 */
export async function writeMessage<Written>(
  deps: WorkerDependencies,
  { row, delivery }: MessageInHand,
  shaped: MessageForFreeScout,
  { mayBeNew }: { readonly mayBeNew: boolean },
  write: (content: Content) => Promise<Written>,
): Promise<Written> {
  const writing = () => writeOnce(deps, row, delivery, () => smallerIfTooLarge(shaped, write));
  return mayBeNew ? withSenderLock(deps, row, shaped.identity, writing) : writing();
}

/**
 * 413 proves that nothing was written: the message goes in once more without its attachments, which the text then names, and if that is
 * still too large, with the beginning of its text alone.
 *
 * @throws the last 413, which is retryable: what refuses 200 kB is a limit that somebody has to raise, and the message waits for that.
 */
async function smallerIfTooLarge<Written>(
  shaped: MessageForFreeScout,
  write: (content: Content) => Promise<Written>,
): Promise<Written> {
  const smaller = [
    ...(shaped.attachments.length === 0 ? [] : [shaped.htmlWithoutAttachments]),
    shaped.htmlOfBeginning,
  ];
  let written = write(shaped);
  for (const html of smaller) {
    written = written.catch((thrown: unknown) => {
      if (thrown instanceof FreeScoutFailure && thrown.status === 413) {
        return write({ html, attachments: [] });
      }
      throw thrown;
    });
  }
  return written;
}
