import type { MailAddress } from './addresses.ts';

/** One file of a mail; nothing is opened or scanned here. */
export interface MailAttachment {
  /** never empty, no path, no control characters */
  readonly fileName: string;
  /** lower-case */
  readonly mimeType: string;
  readonly content: Uint8Array;
  /** shown inside the text, where the text has `[image: fileName]` */
  readonly inline: boolean;
  /** as sent, with angle brackets */
  readonly contentId: string | null;
}

/** A mail as the rest of the system sees it. */
export interface ParsedMail {
  /** false: could not be read; `text` then says so and `attachments` holds the raw mail as `message.eml` */
  readonly parsed: boolean;
  /** with angle brackets; null when missing */
  readonly messageId: string | null;
  /** ids with angle brackets */
  readonly inReplyTo: readonly string[];
  /** ids with angle brackets, oldest first; of a very long list the first and the newest */
  readonly references: readonly string[];
  /** From, else Sender */
  readonly from: MailAddress | null;
  /** `from` stands only in a header that anybody could have written: nobody joins a conversation as that person by headers alone */
  readonly fromIsClaimed: boolean;
  readonly replyTo: readonly MailAddress[];
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  /** '' when missing */
  readonly subject: string;
  /** lower-case name → all values in order, unfolded, encoded words as sent */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** as sent, not sanitised, but for pictures in `data:` addresses, which are attachments; null when there is none */
  readonly html: string | null;
  /** the text part, else the visible text of the HTML; hidden text and invisible characters removed */
  readonly text: string;
  readonly attachments: readonly MailAttachment[];
  /** charset of the main text part, lower-case; null when not declared */
  readonly charset: string | null;
}
