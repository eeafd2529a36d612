import * as z from 'zod';
import { isTeamMessage } from '#shared/drafts/markers.ts';

/*
 * What FreeScout's API tells us, read leniently (unknown keys are dropped, most strings can be null) and turned into the words
 * and types the rest of the code uses. Writes use literal types only: FreeScout silently turns an unknown value into its
 * default, and the default of a thread's `state` is *published*.
 */

export type ConversationStatus = 'active' | 'pending' | 'closed' | 'spam';
export type ConversationState = 'draft' | 'published' | 'deleted';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

/** FreeScout writes UTC in whole seconds; some answers have dashes in the time, which is read as colons. */
const instant = z
  .string()
  .nullish()
  .transform((value) => {
    const time = Date.parse((value ?? '').replace(/T(\d\d)-(\d\d)-(\d\d)/, 'T$1:$2:$3'));
    return Number.isNaN(time) ? 0 : time;
  });

const personSchema = z
  .object({ id: z.int(), type: z.string().nullish(), firstName: text, lastName: text, email: text })
  .nullish()
  .transform((person) =>
    person ? { ...person, type: person.type === 'customer' ? 'customer' : 'user' } : null,
  );

/**
 * An object with numbers as keys once FreeScout dropped an invalid or repeated address from the list; with a bracket left at the
 * first and the last address once an agent undid a sending (both seen on core 1.8.235). Written back unmended, they would stay.
 */
const addresses = z
  .union([z.array(z.string()), z.record(z.string(), z.string()).transform((list) => Object.values(list))])
  .nullish()
  .transform((list) => (list ?? []).map((address) => address.replace(/^[["\s]+|[\]"\s]+$/g, '')))
  .transform((list) => list.filter((address) => address.includes('@')));

function threadSchemaFor(botUserId: number) {
  return z
    .object({
      id: z.int(),
      type: z.string(),
      state: z.string(),
      status: text,
      body: text,
      source: z.object({ type: text, via: text }).nullish(),
      createdBy: personSchema,
      customer: personSchema,
      cc: addresses,
      createdAt: instant,
      _embedded: z
        .object({ attachments: z.array(z.object({ fileName: text, mimeType: text })).nullish() })
        .nullish(),
    })
    .transform(({ _embedded, source, ...thread }) => ({
      ...thread,
      /** `api` also for a draft of ours that a human sent. */
      sourceType: source?.type ?? '',
      /** A note of our bot user that holds what the team wrote to the customer elsewhere. */
      isTeamMessage: isTeamMessage(thread, botUserId),
      attachmentNames: (_embedded?.attachments ?? []).map((attachment) => attachment.fileName),
    }));
}

/** A published thread of a conversation; `createdAt` in milliseconds since 1970. Drafts are never among them. */
export type Thread = z.infer<ReturnType<typeof threadSchemaFor>>;

/**
 * Reads a conversation as FreeScout's API tells it.
 *
 * @param botUserId - our user in FreeScout, by whom team messages are told from other notes.
 */
export function conversationSchemaFor(botUserId: number) {
  return z
    .object({
      id: z.int().positive(),
      number: z.int().nullish(),
      /** `email`, `chat` or `phone`. */
      type: text,
      status: z.string(),
      state: z.string(),
      subject: text,
      mailboxId: z.int(),
      assignee: personSchema,
      customer: personSchema,
      cc: addresses,
      createdAt: instant,
      updatedAt: instant,
      closedAt: instant,
      customerWaitingSince: z.object({ time: instant, latestReplyFrom: text }).nullish(),
      customFields: z
        .array(z.object({ id: z.int(), name: text, value: z.union([z.string(), z.number()]).nullish() }))
        .nullish(),
      _embedded: z
        .object({
          threads: z.array(threadSchemaFor(botUserId)).nullish(),
          tags: z.array(z.object({ name: z.string() })).nullish(),
        })
        .nullish(),
    })
    .transform(({ _embedded, customFields, number, closedAt, customerWaitingSince, ...conversation }) => ({
      ...conversation,
      /**
       * A customer's message re-opens a conversation, unless FreeScout died in the middle of storing it: then it lies in one that was
       * closed before it came.
       */
      isClosedBeforeNewest:
        conversation.status === 'closed' &&
        customerWaitingSince?.latestReplyFrom === 'customer' &&
        closedAt < customerWaitingSince.time,
      number: number ?? conversation.id,
      /** null: the Custom Fields module is absent. */
      customFields: customFields
        ? customFields.map((field) => ({ ...field, value: field.value ?? null }))
        : null,
      /** Published threads, in the order of {@link byTime}: oldest first. */
      threads: (_embedded?.threads ?? []).filter((thread) => thread.state === 'published').sort(byTime),
      /** null: not asked for, or the Tags module is absent. */
      tags: _embedded?.tags ? _embedded.tags.map((tag) => tag.name) : null,
    }));
}

export type Conversation = z.infer<ReturnType<typeof conversationSchemaFor>>;

/** Oldest first. Ids are not monotonic (a sent draft keeps its old id), so the time decides and the id breaks ties. */
function byTime(a: Thread, b: Thread): number {
  return a.createdAt - b.createdAt || a.id - b.id;
}

/** A reply that an agent sent from FreeScout: a published message. Event names and `latestReplyFrom` prove nothing. */
export function isAgentMessage(thread: Thread): boolean {
  return thread.type === 'message';
}

/** What the team wrote to the customer: a reply sent from FreeScout, or a message that was sent elsewhere and stands here as a note. */
export function isTeamAnswer(thread: Thread): boolean {
  return isAgentMessage(thread) || thread.isTeamMessage;
}

export function isCustomerMessage(thread: Thread): boolean {
  return thread.type === 'customer';
}

/** Newest message of the team to the customer, or undefined. */
export function newestTeamAnswer(conversation: Conversation): Thread | undefined {
  return conversation.threads.findLast(isTeamAnswer);
}

/** Newest message of the customer, or undefined. */
export function newestCustomerMessage(conversation: Conversation): Thread | undefined {
  return conversation.threads.findLast(isCustomerMessage);
}

/** Messages of the customer that no answer of the team follows, oldest first. */
export function unansweredCustomerMessages(conversation: Conversation): readonly Thread[] {
  const lastAnswer = conversation.threads.findLastIndex(isTeamAnswer);
  return conversation.threads.slice(lastAnswer + 1).filter(isCustomerMessage);
}

const knownStatuses: readonly string[] = [
  'active',
  'pending',
  'closed',
  'spam',
] satisfies ConversationStatus[];

/**
 * Status to send along when a conversation must keep the one it has. Modules may register further statuses, which the API
 * would turn into `active` anyway.
 */
export function statusToKeep(conversation: Conversation): ConversationStatus {
  return knownStatuses.includes(conversation.status) ? (conversation.status as ConversationStatus) : 'active';
}

/** Why nothing more is to be done in a conversation, or null. */
export function conversationIsOver(conversation: Conversation): 'closed' | 'spam' | 'deleted' | null {
  if (conversation.state === 'deleted') {
    return 'deleted';
  }
  if (conversation.status === 'spam' || conversation.status === 'closed') {
    return conversation.status;
  }
  return null;
}
