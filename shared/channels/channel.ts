import type { IncomingMessageJob } from '#shared/jobs/jobs.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import type { ChannelKind } from './channelKinds.ts';
import type { Filtered, IncomingMessage, TeamMessage } from './incomingMessage.ts';

/** One way in: an account, a form, a number. Several may feed one mailbox of FreeScout. */
export interface Channel {
  readonly kind: ChannelKind;
  /** Its name in the settings. */
  readonly alias: string;
  /** The FreeScout mailbox in which it starts conversations. */
  readonly mailboxId: number;
  /**
   * Days of silence after which a message under another subject is a new matter and starts a conversation of its own. null: never, as in
   * a channel without subjects.
   */
  readonly reviveAfterDays: number | null;
  /**
   * Reads the message of a job afresh. A second read tells the same, but for what people changed meanwhile.
   *
   * @param options - `anyway`: the operator restored the message; nothing but its absence keeps it out.
   * @returns null when the message is gone at its source.
   */
  read(
    job: IncomingMessageJob,
    options: { readonly anyway: boolean },
  ): Promise<IncomingMessage | TeamMessage | Filtered | null>;
  /**
   * Tells the source that FreeScout has the message. Best effort: it never throws, because nothing may depend on it.
   *
   * @param log - of the job, for what went wrong.
   */
  acknowledge?(messageId: string, log: Log): Promise<void>;
}

/** Finds a channel; null when the settings have no such channel (any more). */
export type ChannelLookup = (kind: ChannelKind, alias: string) => Channel | null;
