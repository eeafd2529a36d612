import type { MailHeaders } from '#tests/support/mailBuilder.ts';
import type { Alias } from './intakeWorld.ts';

/** What becomes of a mail when all goes as it should. */
export type Fate =
  /** exactly one entry in FreeScout */
  | 'ticket'
  /** no entry, and a row that says why */
  | 'filtered'
  /** an answer that somebody sent from Gmail: exactly one note in the conversation of its thread */
  | 'team'
  /** from before the first start: never touched */
  | 'ignored';

/** Headers of a newsletter that no hygiene can take for a person. */
export const newsletterHeaders: MailHeaders = {
  'List-Unsubscribe': '<https://news.example.net/u>',
  'List-Id': '<weekly.news.example.net>',
  Precedence: 'bulk',
  'Feedback-ID': '1:2:3:news',
};

/** A mail that came into Gmail, and what has to become of it. */
export interface ExpectedMail {
  readonly alias: Alias;
  readonly messageId: string;
  readonly gmailThreadId: string;
  fate: Fate;
  /** Whose mail it is: its sender's, or the person's who filled in a form. */
  readonly from: string;
  /** It came from a form, into whose Gmail thread the forms of others come. */
  readonly isForm: boolean;
  /** Gmail's history tells of it at once; otherwise late, or never. */
  readonly isToldAtOnce: boolean;
  /** To whom it went: its own address, or the customer whom the team answers. */
  readonly to: string;
  /** FreeScout reply that this mail answers: it belongs into that reply's conversation. */
  readonly answers: { readonly threadId: number; readonly messageId: string } | null;
}
