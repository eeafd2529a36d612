import { type Job, type JobQueue, messageGroupOf } from '#shared/jobs/jobs.ts';

/** SQS: how long a message that was received and neither deleted nor delayed stays away, and how often it is delivered. */
const visibilitySeconds = 1080;
const deliveries = 5;
const deduplicationSeconds = 300;

interface Message {
  readonly body: string;
  readonly group: string;
  visibleAt: number;
  receives: number;
}

export interface Received {
  readonly body: string;
  readonly receiveCount: number;
  readonly last: boolean;
  done(): void;
  comeBackIn(seconds: number): void;
}

export interface SimulatedQueue extends JobQueue {
  /** The next message that may be worked on now: first of its group, visible. Unless told otherwise it stays away like in SQS. */
  receive(): Received | null;
  /** Messages that are not yet done. */
  readonly length: number;
  /** When the next message becomes visible; null when there is none. */
  nextVisibleAt(): number | null;
}

/** A FIFO queue of SQS on virtual time: order within a group, deduplication, visibility, dead letters (which vanish). */
export function createSimulatedQueue(now: () => number): SimulatedQueue {
  const messages: Message[] = [];
  const seen = new Map<string, number>();
  const remove = (message: Message) => {
    const index = messages.indexOf(message);
    if (index >= 0) messages.splice(index, 1);
  };
  const firstOfEachGroup = () => [
    ...new Map(messages.toReversed().map((each) => [each.group, each])).values(),
  ];
  const send = async (job: Job, deduplicationId: string) => {
    const last = seen.get(deduplicationId);
    if (last !== undefined && now() - last < deduplicationSeconds * 1000) return;
    seen.set(deduplicationId, now());
    messages.push({ body: JSON.stringify(job), group: messageGroupOf(job), visibleAt: now(), receives: 0 });
  };
  return {
    send,
    sendAll: async (jobs) => {
      for (const { job, deduplicationId } of jobs) await send(job, deduplicationId);
    },
    receive() {
      const message = firstOfEachGroup().find((each) => each.visibleAt <= now());
      if (message === undefined) return null;
      message.receives += 1;
      message.visibleAt = now() + visibilitySeconds * 1000;
      const last = message.receives >= deliveries;
      return {
        body: message.body,
        receiveCount: message.receives,
        last,
        done: () => remove(message),
        comeBackIn: (seconds) => {
          if (last) remove(message);
          else message.visibleAt = now() + seconds * 1000;
        },
      };
    },
    get length() {
      return messages.length;
    },
    nextVisibleAt: () => {
      const times = firstOfEachGroup().map((each) => each.visibleAt);
      return times.length === 0 ? null : Math.min(...times);
    },
  };
}
