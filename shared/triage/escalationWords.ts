import {
  type Conversation,
  isCustomerMessage,
  isTeamAnswer,
  type Thread,
  unansweredCustomerMessages,
} from '#shared/freescout/model.ts';
import { forwardSubject } from '#shared/mail/replies/forwardedMail.ts';
import { ownWords } from '#shared/mail/replies/ownWords.ts';
import { visibleText } from '#shared/mail/visible/safeHtml.ts';
import type { Settings } from '#shared/settings/settings.ts';
import { normalForm } from '#shared/text/normalForm.ts';

/**
 * Escalation words in what waits for an answer: in all that the customer wrote since the team's last answer, but real quotations, and
 * in the subject while the team has answered nothing. A later message only repeats the subject.
 */
export function waitingEscalationWords(
  conversation: Conversation,
  settings: Settings['escalation'],
): readonly string[] {
  const written = unansweredCustomerMessages(conversation).map((message) => wordsBy(message, conversation));
  return escalationWordsIn([...waitingSubject(conversation), ...written].join('\n'), settings);
}

/** The subject, where the customer chose it and nobody answered it yet. */
export function waitingSubject({ threads, subject }: Conversation): readonly string[] {
  return threads.some(isTeamAnswer) ? [] : [subject];
}

function wordsBy(message: Thread, { threads, subject, customer }: Conversation): string {
  const writer = message.customer ?? customer;
  const isFirst = message === threads.find((thread) => isCustomerMessage(thread) || isTeamAnswer(thread));
  return ownWords(
    visibleText(message.body),
    { name: `${writer?.firstName ?? ''} ${writer?.lastName ?? ''}`, email: writer?.email ?? '' },
    { isForward: isFirst && forwardSubject.test(subject) },
  );
}

/**
 * Words of the settings that stand in the text as whole words, whatever the language the model would see: a legal threat, a
 * security incident, a chargeback, the wish for a person. Compared without case and punctuation; each word once, in the order of the
 * settings.
 */
export function escalationWordsIn(text: string, settings: Settings['escalation']): readonly string[] {
  const haystack = wordsOf(text);
  const words = new Set(Object.values(settings.words).flat());
  return [...words].filter((word) => containsWord(haystack, wordsOf(word)));
}

/** Lower-case words, each between single spaces. */
function wordsOf(text: string): string {
  return ` ${normalForm(text, 'NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim()} `;
}

/** There a word has no edges to look at. */
const writtenWithoutSpaces =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

function containsWord(haystack: string, word: string): boolean {
  return haystack.includes(writtenWithoutSpaces.test(word) ? word.trim() : word);
}
