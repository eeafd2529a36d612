import type { MessageKey } from './keys.ts';

/** A message that was brought into a mailbox under its id. */
export interface EnteredMessage {
  readonly key: MessageKey;
  /** Digest of who wrote it, when, and what. Copies of one message agree in it; other messages of the same id do not. */
  readonly contentDigest: string;
}

/**
 * Remembers which message came first under each id into each mailbox. One message can come in twice: by two channels, or under two names
 * of one channel. An entry stays for 30 days after the last message of its id.
 */
export interface MessageCopies {
  /**
   * Enters a message under its id, unless another is entered for that mailbox.
   *
   * @param idDigest - digest of the id that the sender's system gave the message.
   * @param insteadOf - another message whose place it takes, if that one is still entered.
   * @returns what is entered under that id now, by mailbox.
   */
  enterMessage(
    idDigest: string,
    mailboxId: number,
    message: EnteredMessage,
    insteadOf?: MessageKey,
  ): Promise<ReadonlyMap<number, EnteredMessage>>;
}
