import { conversationLink } from '#shared/freescout/conversationLink.ts';
import { firstCharacters } from '#shared/text/firstCharacters.ts';
import { oneLine } from '#shared/text/invisibleCharacters.ts';
import { ageOf } from '#shared/time/age.ts';
import type { AlertKind } from './alertKinds.ts';

/** What operators read. Never text of a mail, except the subject where the settings allow it. */
export interface Alert {
  /** One line of ASCII, at most 100 characters: what a topic takes as a subject. */
  readonly title: string;
  readonly text: string;
}

export interface AlertedConversation {
  readonly id: number;
  readonly number: number;
  readonly subject: string;
  readonly tags: readonly string[] | null;
  /** When the customer last wrote; null when they never did. */
  readonly customerWroteAt: Date | null;
}

const titles: Readonly<Record<AlertKind, string>> = {
  p0: 'Urgent conversation',
  'p0-follow-up': 'Urgent conversation waits',
  loop: 'Too many mails of one sender in conversation',
};

const reasons: Readonly<Record<AlertKind, (loopLimit: number) => string>> = {
  p0: () => 'It is p0, by its judgement or by words of escalation.',
  'p0-follow-up': () =>
    'It is p0, and the customer has waited for an answer so long that a follow-up is due.',
  loop: (limit) =>
    `Its sender wrote more than ${limit} mails within an hour, perhaps a machine. These mails are ticketed without a draft.`,
};

/**
 * Words an alert about a conversation.
 *
 * @param options - `deskUrl`: address of FreeScout; `loopLimit`: mails per hour beyond which a sender counts as a loop.
 */
export function alertText(
  alert: AlertKind,
  conversation: AlertedConversation,
  options: {
    readonly deskUrl: string;
    readonly includeSubject: boolean;
    readonly loopLimit: number;
    readonly now: Date;
  },
): Alert {
  const { number, subject, tags, customerWroteAt } = conversation;
  const title = `${titles[alert]} ${number}`;
  return {
    title,
    text: [
      title,
      `Why: ${reasons[alert](options.loopLimit)}`,
      ...(options.includeSubject ? [`Subject: ${brief(subject)}`] : []),
      `Tags: ${tags === null || tags.length === 0 ? 'none' : tags.map(brief).join(', ')}`,
      `Customer wrote: ${customerWroteAt === null ? 'never' : ageOf(customerWroteAt, options.now)}`,
      `Link: ${conversationLink(options.deskUrl, conversation.id)}`,
    ].join('\n'),
  };
}

function brief(text: string): string {
  return firstCharacters(oneLine(text), 200);
}
