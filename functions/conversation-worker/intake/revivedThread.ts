import type { Conversation } from '#shared/freescout/model.ts';
import { dayMilliseconds } from '#shared/time/durations.ts';
import type { MessageInHand } from './messageInHand.ts';

/**
 * A thread that was silent for long and comes back under another subject is a new matter: answered in the old conversation it
 * would go out under the old subject.
 */
export function isRevived(
  conversation: Conversation,
  { channel, message }: Pick<MessageInHand, 'channel' | 'message'>,
): boolean {
  if (channel.reviveAfterDays === null) {
    return false;
  }
  const newest = conversation.threads.at(-1)?.createdAt ?? conversation.createdAt;
  const silentDays = (message.receivedAt.getTime() - newest) / dayMilliseconds;
  return (
    silentDays > channel.reviveAfterDays && bareSubject(message.subject) !== bareSubject(conversation.subject)
  );
}

/** Subject without the prefixes that mail programs put before answers and forwards, without case and spacing. */
function bareSubject(subject: string): string {
  return subject
    .toLowerCase()
    .replace(
      /^(\s*(re|aw|wg|fw|fwd|sv|vs|antw|tr|rif|rv|res|enc|odp|ynt|回复|转发|答复|返信)(\[\d+\])?\s*[:：])+/u,
      '',
    )
    .replace(/\s+/gu, ' ')
    .trim();
}
