import { minuteMilliseconds } from '#shared/time/durations.ts';
import type {
  NewAttachment,
  NewConversation,
  NewCustomer,
  NewCustomerMessage,
  NewNote,
} from './conversationWriter.ts';
import type { NewDraftReply } from './draftWriter.ts';
import type { ConversationStatus } from './model.ts';
import { proofSubject } from './proofConversations.ts';

/*
 * What is sent to FreeScout. `type` and `state` are literal types that no input reaches: FreeScout stores an unknown `type` as a
 * customer's message and an unknown `state` as published, which mails it. There is no body here for a published message.
 */

type CustomerBody =
  | { readonly email: string; readonly firstName?: string; readonly lastName?: string }
  | { readonly phone: string; readonly firstName: string; readonly lastName?: string };

interface CustomerThreadBody {
  readonly type: 'customer';
  readonly text: string;
  readonly customer: CustomerBody;
  readonly cc: readonly string[];
  readonly imported: boolean;
  readonly createdAt?: string;
  readonly status?: 'spam';
  readonly attachments?: readonly {
    readonly fileName: string;
    readonly mimeType: string;
    /** Base64. */
    readonly data: string;
  }[];
}

interface NoteThreadBody {
  readonly type: 'note';
  readonly text: string;
  readonly user: number;
  readonly cc: readonly string[];
  readonly imported?: true;
  readonly createdAt?: string;
}

interface DraftThreadBody {
  readonly type: 'message';
  readonly state: 'draft';
  readonly text: string;
  readonly user: number;
  readonly status: ConversationStatus;
  readonly cc: readonly string[];
}

/** Everything that may be posted to `/conversations/{id}/threads`. */
export type ThreadBody = CustomerThreadBody | NoteThreadBody | DraftThreadBody;

/** Everything that may be posted to `/conversations`. */
export type ConversationBody =
  | {
      /** A published reply in a `chat` is mailed to nobody, and stays a message; in a `phone` conversation it would become a note. */
      readonly type: 'email' | 'chat';
      readonly mailboxId: number;
      readonly subject: string;
      readonly customer: CustomerBody;
      readonly threads: readonly [CustomerThreadBody];
      readonly imported: boolean;
      readonly createdAt?: string;
    }
  | {
      readonly type: 'phone';
      readonly mailboxId: number;
      readonly subject: string;
      readonly customer: { readonly phone: string; readonly firstName: string };
      readonly threads: readonly [CustomerThreadBody];
      /** So that it stands in no list of open conversations. */
      readonly status: 'closed';
      readonly imported: true;
    };

/** What may be changed of a conversation by `PUT /conversations/{id}`, which writes no message. */
export type ConversationChange =
  | { readonly assignTo: number }
  | { readonly status: 'active' }
  | { readonly customerId: number };

/** A date nearer than this is left to FreeScout: one in the future would swallow every later reply of an agent. */
export const safelyPastMilliseconds = 10 * minuteMilliseconds;

export function conversationBody(conversation: NewConversation, now: Date): ConversationBody {
  const dated = createdAtOf(conversation.createdAt, now);
  return {
    type: 'phone' in conversation.customer ? 'chat' : 'email',
    mailboxId: conversation.mailboxId,
    subject: conversation.subject,
    customer: customerBody(conversation.customer),
    threads: [{ ...customerThread(conversation), imported: conversation.imported, ...dated }],
    imported: conversation.imported,
    ...dated,
  };
}

export function customerThreadBody(message: NewCustomerMessage, now: Date): ThreadBody {
  const dated = createdAtOf(message.createdAt, now);
  return {
    ...customerThread(message),
    imported: dated.createdAt !== undefined,
    ...dated,
    ...(message.keepSpam ? { status: 'spam' } : {}),
  };
}

export function noteBody(note: NewNote, user: number, now: Date): ThreadBody {
  return {
    type: 'note',
    text: note.html,
    user,
    cc: addresses(note.cc),
    ...(note.imported ? { imported: true, ...dateOfNote(note.createdAt, now) } : {}),
  };
}

export function draftBody(draft: NewDraftReply, user: number): ThreadBody {
  return {
    type: 'message',
    state: 'draft',
    text: draft.html,
    user,
    status: draft.status,
    cc: addresses(draft.cc),
  };
}

/**
 * A conversation that nobody can be mailed from: by phone, its customer has no e-mail address. It begins with a customer's thread,
 * because FreeScout sends `convo.created` at once then. For one that begins with a note its queue worker does so after 15 seconds, and
 * only to webhooks that were there when that process began (seen on core 1.8.235, API module 1.0.87).
 *
 * @param phone - digits of no real telephone; FreeScout takes an existing customer who has that number.
 */
export function proofConversationBody(mailboxId: number, phone: string): ConversationBody {
  const customer = { phone, firstName: 'Automatic check' };
  return {
    type: 'phone',
    mailboxId,
    subject: proofSubject,
    customer,
    threads: [
      {
        type: 'customer',
        text: '<div>An automatic check that drafts are kept as drafts and that webhooks arrive. This conversation deletes itself within seconds; if it is still here, delete it.</div>',
        customer,
        cc: [],
        imported: true,
      },
    ],
    status: 'closed',
    imported: true,
  };
}

/**
 * Each address once, whatever its case: FreeScout answers a list from which it dropped a repeated one as an object with gaps
 * (`{"0": …, "2": …}`, seen live).
 */
export function addresses(list: readonly string[]): readonly string[] {
  const once = new Map<string, string>();
  for (const address of list.map((entry) => entry.trim())) {
    if (address !== '' && !once.has(address.toLowerCase())) {
      once.set(address.toLowerCase(), address);
    }
  }
  return [...once.values()];
}

/** UTC in whole seconds, as everywhere in FreeScout's API. */
export function instantOf(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

function customerThread(
  message: Pick<NewCustomerMessage, 'html' | 'customer' | 'cc' | 'attachments'>,
): Omit<CustomerThreadBody, 'imported' | 'createdAt'> {
  return {
    type: 'customer',
    text: message.html,
    customer: customerBody(message.customer),
    cc: addresses(message.cc),
    ...(message.attachments.length === 0 ? {} : { attachments: message.attachments.map(attachmentBody) }),
  };
}

function customerBody(customer: NewCustomer): CustomerBody {
  const { firstName } = customer;
  const lastName = customer.lastName ? { lastName: customer.lastName } : {};
  return 'phone' in customer
    ? // FreeScout makes no customer who has neither an address nor a first name.
      { phone: customer.phone, firstName: firstName || customer.phone, ...lastName }
    : { email: customer.email, ...(firstName ? { firstName } : {}), ...lastName };
}

function attachmentBody({ fileName, mimeType, content }: NewAttachment) {
  return {
    fileName,
    mimeType,
    data: Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64'),
  };
}

function createdAtOf(createdAt: Date | undefined, now: Date): { readonly createdAt?: string } {
  return createdAt !== undefined && now.getTime() - createdAt.getTime() > safelyPastMilliseconds
    ? { createdAt: instantOf(createdAt) }
    : {};
}

/**
 * A note keeps no reply from being mailed, so any date of the past may be sent. Written with the present date it would stand behind what
 * a customer wrote meanwhile.
 */
function dateOfNote(createdAt: Date | undefined, now: Date): { readonly createdAt?: string } {
  return createdAt !== undefined && createdAt < now ? { createdAt: instantOf(createdAt) } : {};
}
