import {
  type ConversationState,
  type ConversationStatus,
  type ConversationType,
  conversationStates,
  conversationStatuses,
  conversationTypes,
  type ThreadState,
  type ThreadType,
  threadStates,
  threadTypes,
} from './records.ts';

/**
 * FreeScout's silent coercions: an unknown word never fails, it becomes the first, often the most dangerous, meaning.
 * An unknown thread `state` becomes published, that is: mailed to the customer.
 */
const oneOf =
  <Word extends string>(words: readonly Word[], otherwise: Word) =>
  (value: unknown): Word =>
    words.find((word) => word === value) ?? otherwise;

export const threadTypeOf: (value: unknown) => ThreadType = oneOf(threadTypes, 'customer');
export const threadStateOf: (value: unknown) => ThreadState = oneOf(threadStates, 'published');
export const conversationTypeOf: (value: unknown) => ConversationType = oneOf(conversationTypes, 'email');
export const conversationStateOf: (value: unknown) => ConversationState = oneOf(
  conversationStates,
  'published',
);
export const statusOf: (value: unknown) => ConversationStatus = oneOf(conversationStatuses, 'active');
