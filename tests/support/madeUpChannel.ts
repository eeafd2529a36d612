import type { Channel, ChannelLookup } from '#shared/channels/channel.ts';
import type { IncomingMessage, TeamMessage } from '#shared/channels/incomingMessage.ts';
import type { CustomerIdentity } from '#shared/customers/customerIdentity.ts';
import { textToHtml } from '#shared/mail/visible/safeHtml.ts';
import { messageKey, threadMapKey } from '#shared/store/keys.ts';

export interface MadeUpMessage {
  readonly messageId: string;
  /** Thread of the channel: the caller's number, for example. */
  readonly threadId: string;
  readonly text: string;
  readonly receivedAt: Date;
  readonly target?: number | null;
}

export interface MadeUpChannel {
  readonly channel: Channel;
  /** What the source still has, by message id. */
  readonly messages: Map<string, IncomingMessage | TeamMessage>;
  /** Ids of messages of which the source was told that FreeScout has them. */
  readonly acknowledged: Set<string>;
  /** A message of a customer. What it is written in by `target` is not where its thread goes on. */
  receive(
    message: MadeUpMessage,
    identity: CustomerIdentity,
    more?: Partial<
      Pick<IncomingMessage, 'verdict' | 'remarks' | 'digests' | 'writtenThrough' | 'answers' | 'attachments'>
    >,
  ): IncomingMessage;
  receiveFromTeam(
    message: MadeUpMessage & Pick<TeamMessage, 'author'> & Partial<Pick<TeamMessage, 'reachedCustomer'>>,
  ): TeamMessage;
  /** Job of a message that was received. */
  jobOf(messageId: string): {
    readonly kind: 'incoming-message';
    readonly channel: 'whatsapp';
    readonly alias: string;
    readonly messageId: string;
    readonly threadId: string;
    readonly cause: 'webhook';
    readonly requestId: string;
  };
  /** Finds this channel, and every other one where `others` does. */
  beside(others: ChannelLookup): ChannelLookup;
}

/** A second channel, of which the product knows nothing but the seam: people have numbers, the team writes there too. */
export function madeUpChannel({
  alias = 'phone',
  mailboxId = 1,
  beforeRead = async () => {},
}: {
  readonly alias?: string;
  readonly mailboxId?: number;
  /** May wait, or throw as a source does that cannot be reached. */
  readonly beforeRead?: () => Promise<void>;
} = {}): MadeUpChannel {
  const kind = 'whatsapp';
  const messages: MadeUpChannel['messages'] = new Map();
  const threads = new Map<string, string>();
  const acknowledged = new Set<string>();
  const common = ({ messageId, threadId, target = null, text, receivedAt }: MadeUpMessage) => {
    threads.set(messageId, threadId);
    return {
      key: messageKey(kind, alias, messageId),
      thread: threadMapKey.thread(kind, alias, threadId),
      target,
      html: () => textToHtml(text),
      receivedAt,
    };
  };
  const channel: Channel = {
    kind,
    alias,
    mailboxId,
    reviveAfterDays: null,
    read: async ({ messageId }) => {
      await beforeRead();
      return messages.get(messageId) ?? null;
    },
    acknowledge: async (messageId) => void acknowledged.add(messageId),
  };
  return {
    channel,
    messages,
    acknowledged,
    receive(received, identity, more = {}) {
      const known = common(received);
      const message: IncomingMessage = {
        kind: 'message',
        ...known,
        identity,
        writtenThrough: null,
        hints: { category: null, priority: null, language: null, reference: null },
        answers: [],
        digests: null,
        ownKeys: known.target === null ? [known.thread] : [],
        startsOwn: false,
        subject: '',
        text: received.text,
        attachments: [],
        recipients: [],
        remarks: [],
        verdict: { kind: 'customer', noDraft: null },
        ...more,
      };
      messages.set(received.messageId, message);
      return message;
    },
    receiveFromTeam(received) {
      const { author, reachedCustomer = true } = received;
      const message: TeamMessage = {
        kind: 'team-message',
        ...common(received),
        answers: [],
        author,
        reachedCustomer,
      };
      messages.set(received.messageId, message);
      return message;
    },
    jobOf: (messageId) => ({
      kind: 'incoming-message',
      channel: kind,
      alias,
      messageId,
      threadId: threads.get(messageId) ?? messageId,
      cause: 'webhook',
      requestId: 'run-1',
    }),
    beside: (others) => (otherKind, otherAlias) =>
      otherKind === kind && otherAlias === alias ? channel : others(otherKind, otherAlias),
  };
}
