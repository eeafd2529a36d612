import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { sharersOf } from '#shared/customers/senderShare.ts';
import type { MessageInHand } from './messageInHand.ts';

/** Senders beyond the share of their domain of whom FreeScout is asked; a flood of new names may not take its calls from others. */
const askedPerMinute = { maxRequests: 10, windowSeconds: 60 };

/**
 * Whether a message has to wait until those of others are brought in, because within the hour before it its sender, or their domain, sent
 * more than the share of a day. It is found out before FreeScout is asked anything, of all but the customers whom the team has answered,
 * and counts the message once.
 */
export async function isOverShare(
  { settings, store, clock, customers }: WorkerDependencies,
  { job, message: { identity, receivedAt } }: Pick<MessageInHand, 'job' | 'message'>,
): Promise<boolean> {
  const { messagesPerAddress, messagesPerDomain } = settings.limits;
  const sender = identity.kind === 'email' ? identity.address : `phone:${identity.number}`;
  const { address, domain } = sharersOf(sender);
  const isOver = async (digest: string, most: number) =>
    most > 0 && (await store.state.countMailOfSender(job.alias, digest, job.messageId, receivedAt)) > most;
  if (await isOver(address, messagesPerAddress)) {
    return true;
  }
  if (domain === null || !(await isOver(domain, messagesPerDomain))) {
    return false;
  }
  const mayAsk = (await store.state.takeCalls('known-senders', 1, askedPerMinute, clock.now())) > 0;
  return !(mayAsk && (await customers.isAnswered(sender)));
}
