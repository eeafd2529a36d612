import { type Job, type JobQueue, messageGroupOf } from '#shared/jobs/jobs.ts';

/** As the template sets them. */
const visibilitySeconds = 1080;
const deliveries = 5;
/** SQS drops a second message with the same deduplication id for this long. */
const deduplicationSeconds = 300;

interface Message {
  readonly body: string;
  readonly group: string;
  receiveCount: number;
  visibleAt: number;
}

/** One delivery of a message. */
export interface Received {
  readonly body: string;
  readonly receiveCount: number;
  /** After this one the queue gives the message up. */
  readonly last: boolean;
  /** Acknowledges; without effect when the visibility is over and the message was delivered again. */
  done(): void;
  comeBackIn(seconds: number): void;
}

export interface FifoQueue extends JobQueue {
  /** Takes a message that nobody of ours would send. */
  sendRaw(body: string): void;
  /** The first message of a group of which none is being worked on; it stays away for the visibility timeout. */
  receive(): Received | null;
  /** Milliseconds since 1970 at which a message may be received next; null when none will be. */
  nextAt(): number | null;
  /** Messages that are neither done nor dead. */
  readonly length: number;
  readonly deadLetters: readonly string[];
}

/**
 * A FIFO queue as SQS keeps it: order and one delivery at a time within a message group, deduplication for five minutes, visibility,
 * dead letters after five deliveries.
 */
export function createFifoQueue(now: () => Date, groupOf: (job: Job) => string = messageGroupOf): FifoQueue {
  const groups = new Map<string, Message[]>();
  const accepted = new Map<string, number>();
  const deadLetters: string[] = [];
  let length = 0;

  const remove = (message: Message) => {
    const group = groups.get(message.group) ?? [];
    const index = group.indexOf(message);
    if (index < 0) {
      return;
    }
    group.splice(index, 1);
    length -= 1;
    if (group.length === 0) {
      groups.delete(message.group);
    }
  };
  const add = (body: string, group: string) => {
    const message: Message = { body, group, receiveCount: 0, visibleAt: now().getTime() };
    groups.set(group, [...(groups.get(group) ?? []), message]);
    length += 1;
  };
  const send = async (job: Job, deduplicationId: string) => {
    const at = now().getTime();
    const earlier = accepted.get(deduplicationId);
    if (earlier !== undefined && at - earlier < deduplicationSeconds * 1000) {
      return;
    }
    accepted.set(deduplicationId, at);
    add(JSON.stringify(job), groupOf(job));
  };

  return {
    send,
    sendRaw: (body) => add(body, 'raw'),
    async sendAll(jobs) {
      for (const { job, deduplicationId } of jobs) {
        await send(job, deduplicationId);
      }
    },
    receive() {
      const at = now().getTime();
      for (const [message] of [...groups.values()]) {
        if (message === undefined || message.visibleAt > at) {
          continue;
        }
        if (message.receiveCount >= deliveries) {
          deadLetters.push(message.body);
          remove(message);
          continue;
        }
        message.receiveCount += 1;
        message.visibleAt = at + visibilitySeconds * 1000;
        const receiveCount = message.receiveCount;
        const isMine = () => message.receiveCount === receiveCount;
        return {
          body: message.body,
          receiveCount,
          last: receiveCount >= deliveries,
          done: () => {
            if (isMine()) {
              remove(message);
            }
          },
          comeBackIn: (seconds) => {
            if (isMine()) {
              message.visibleAt = now().getTime() + seconds * 1000;
            }
          },
        };
      }
      return null;
    },
    nextAt() {
      let next: number | null = null;
      for (const [message] of groups.values()) {
        if (message !== undefined) {
          next = Math.min(next ?? message.visibleAt, message.visibleAt);
        }
      }
      return next;
    },
    get length() {
      return length;
    },
    deadLetters,
  };
}
