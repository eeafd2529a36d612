/** One message as Gmail holds it. */
export interface RawGmailMessage {
  readonly messageId: string;
  readonly gmailThreadId: string;
  readonly labelIds: readonly string[];
  /** When Gmail took the message in; the only date that cannot be forged by the sender. */
  readonly internalDate: Date;
  /** RFC 822 bytes as they came. */
  readonly raw: Uint8Array;
}

/** A message that history or a list names. `labelIds` is null where the answer does not carry labels. */
export interface GmailMessageRef {
  readonly messageId: string;
  readonly gmailThreadId: string;
  readonly labelIds: readonly string[] | null;
}

/** A message whose labels changed, with those that it has since. */
export interface RelabelledMessage extends GmailMessageRef {
  /** Id of the newest of the records that tell of it. */
  readonly recordId: string;
}

/** A label of the account, Gmail's own ones included. */
export interface GmailLabel {
  readonly id: string;
  readonly name: string;
}

export type HistoryPage =
  | {
      readonly outcome: 'page';
      readonly added: readonly GmailMessageRef[];
      /** Each once, though its labels changed more than once. */
      readonly relabelled: readonly RelabelledMessage[];
      readonly nextPageToken: string | null;
      readonly historyId: string;
      /** Id of the page's last record: everything up to it is in this page or an earlier one; null on an empty page. */
      readonly lastRecordId: string | null;
    }
  /** Gmail no longer knows the cursor (404): a back-fill by date has to close the gap. */
  | { readonly outcome: 'expired' };

/**
 * Reading one Gmail account; asks for `gmail.readonly`. There is nothing here that sends or drafts.
 *
 * Calls back off on 403 rateLimitExceeded, 429 and 5xx with jitter, honour Retry-After, and throw a {@link Failure}:
 * `gmail-invalid-grant` (permanent), `gmail-rate-limited`, `gmail-unreachable` (retryable), `gmail-rejected`, `gmail-too-large`
 * (permanent).
 */
export interface GmailClient {
  /** Newest history id of the mailbox. */
  currentHistoryId(): Promise<string>;
  history(startHistoryId: string, pageToken: string | null): Promise<HistoryPage>;
  /**
   * Messages that came in since, whatever their labels (Gmail leaves out SPAM and TRASH), newest first.
   *
   * @param labelId - only those that carry this label.
   */
  listSince(
    since: Date,
    pageToken: string | null,
    labelId?: string,
  ): Promise<{ readonly messages: readonly GmailMessageRef[]; readonly nextPageToken: string | null }>;
  /** Labels and date without the mail; null when Gmail answers 404. */
  getLabels(
    messageId: string,
  ): Promise<{ readonly labelIds: readonly string[]; readonly internalDate: Date } | null>;
  /** All labels of the account. */
  labels(): Promise<readonly GmailLabel[]>;
  /** null when Gmail answers 404: deleted for good. */
  getRaw(messageId: string): Promise<RawGmailMessage | null>;
  /** Puts the cosmetic label on a thread's message; needs `gmail.modify`. */
  addLabel(messageId: string, labelName: string): Promise<void>;
  /** Quota units spent by this client so far. */
  unitsSpent(): number;
}

/** For the operator's commands: what a search finds decides nothing about any mail. */
export interface SearchableGmail extends GmailClient {
  /** Ids of every message from an address, spam and trash included; and of some from addresses that contain it. */
  messageIdsFrom(address: string): Promise<readonly string[]>;
}
