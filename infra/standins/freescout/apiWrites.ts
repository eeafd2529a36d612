import { toSeconds } from './clock.ts';
import {
  changeAssignee,
  changeCustomer,
  changeStatus,
  folderOf,
  insertThread,
  type Loaded,
  load,
  moveToMailbox,
  save,
} from './conversations.ts';
import { isRefusal, type Refusal, resolveCustomer } from './customers.ts';
import { type DeskState, nextId, nowOf, undoMilliseconds } from './deskState.ts';
import { queueReplyMail } from './outgoingMail.ts';
import { addressesOf, isEmpty, isRecord, sanitizeEmail, sanitizeEmails } from './phpText.ts';
import {
  type AttachmentRecord,
  type ConversationRecord,
  type ConversationStatus,
  type CustomerRecord,
  mainEmail,
  type ThreadRecord,
  type ThreadType,
  type UserRecord,
} from './records.ts';
import {
  conversationStateOf,
  conversationTypeOf,
  statusOf,
  threadStateOf,
  threadTypeOf,
} from './threadInput.ts';
import { emit } from './webhooks.ts';

/** The API's writes to conversations, with FreeScout's checks in its order. Input is what the middleware left of the JSON. */

export type Input = Record<string, unknown>;
export type Written<Item> = { written: Item } | { refused: Refusal };

const refuse = (path: string, message: string) => ({ refused: { path, message } });

/** The first missing parameter; a present null counts as there. */
export const missing = (input: Input, ...names: string[]): Refusal | null => {
  const name = names.find((candidate) => !(candidate in input));
  return name === undefined ? null : { path: name, message: `\`${name}\` parameter is required` };
};

/** A date of the API as stored; null when it is none. */
const storedDate = (value: unknown): string | null => {
  const date = new Date(String(value));
  return isEmpty(value) || Number.isNaN(date.getTime()) ? null : toSeconds(date);
};

/** What the circumstances of a request add to what it says. */
export type Circumstances = {
  /** Newest customer that there was when the request came in. */
  latestCustomer?: number;
  /** The request dies once the customer's message is stored. */
  breaksOff?: boolean;
};

/** `POST /conversations`. */
export function createConversation(
  desk: DeskState,
  input: Input,
  { latestCustomer, breaksOff = false }: Circumstances = {},
): Written<ConversationRecord> {
  const absent = missing(input, 'subject', 'type', 'mailboxId', 'customer', 'threads');
  if (absent !== null) {
    return { refused: absent };
  }
  const threads: unknown[] = Array.isArray(input.threads) ? input.threads : [];
  if (!Array.isArray(input.threads) || !threads.every(isRecord)) {
    return refuse('threads', "'threads' parameter must be an array");
  }
  const customerInput = Array.isArray(input.customer) ? input.customer[0] : input.customer;
  const customer = resolveCustomer(desk, isRecord(customerInput) ? customerInput : {}, latestCustomer);
  if (isRefusal(customer)) {
    return { refused: customer };
  }
  const mailbox = desk.mailboxes.get(Number(input.mailboxId));
  if (mailbox === undefined) {
    return refuse('mailboxId', 'Mailbox not found');
  }

  const now = nowOf(desk);
  const imported = !isEmpty(input.imported);
  const assignee = isEmpty(input.assignTo) ? undefined : desk.users.get(Number(input.assignTo));
  const conversation: ConversationRecord = {
    id: nextId(desk, 'conversation'),
    type: conversationTypeOf(input.type),
    status: 'status' in input ? statusOf(input.status) : 'active',
    state: 'state' in input ? conversationStateOf(input.state) : 'published',
    subject: input.subject === null ? null : String(input.subject).slice(0, 998),
    preview: '',
    mailboxId: mailbox.id,
    folderId: 0,
    assigneeId: assignee?.id ?? null,
    customerId: customer.id,
    customerEmail: mainEmail(customer),
    threadsCount: 0,
    createdByUserId: null,
    createdByCustomerId: null,
    sourceType: 'api',
    sourceVia: 'customer',
    cc: [],
    bcc: [],
    imported,
    createdAt: storedDate(input.createdAt) ?? now,
    updatedAt: now,
    userUpdatedAt: null,
    lastReplyAt: null,
    lastReplyFrom: null,
    closedByUserId: null,
    closedAt: imported ? storedDate(input.closedAt) : null,
  };
  conversation.folderId = folderOf(conversation);
  desk.conversations.set(conversation.id, conversation);

  const first = createFirstThreads(desk, conversation, input, threads.filter(isRecord), breaksOff);
  if ('refused' in first) {
    desk.conversations.delete(conversation.id);
    desk.threadsOf.delete(conversation.id);
    return first;
  }
  const { lastCustomerId } = first.written;
  if (lastCustomerId !== null && lastCustomerId !== customer.id) {
    save(desk, load(conversation), { customerId: customer.id, customerEmail: mainEmail(customer) });
  }
  if (desk.switches.customFieldsModule) {
    setCustomFields(desk, conversation.id, input.customFields);
  }
  return { written: conversation };
}

/**
 * Creates the threads of a new conversation, oldest first; the request lists the newest first.
 *
 * @returns the customer that the last customer thread left on the conversation, or the refusal when no thread was created.
 */
function createFirstThreads(
  desk: DeskState,
  conversation: ConversationRecord,
  input: Input,
  threads: readonly Input[],
  breaksOff: boolean,
): Written<{ readonly lastCustomerId: number | null }> {
  let created = false;
  let refused: Refusal = { path: 'threads', message: 'Could no create thread(s)' };
  let lastCustomerId: number | null = null;
  for (const thread of threads.toReversed()) {
    const result = createThread(
      desk,
      conversation,
      {
        ...thread,
        ...(conversation.imported ? { imported: true } : {}),
        ...(isEmpty(input.status) ? {} : { status: conversation.status }),
      },
      { whileCreatingConversation: true, breaksOff },
    );
    if ('refused' in result) {
      refused = result.refused;
      continue;
    }
    created = true;
    if (thread.type === 'customer') {
      lastCustomerId = conversation.customerId;
    }
  }
  return created ? { written: { lastCustomerId } } : { refused };
}

/**
 * `POST /conversations/{id}/threads`.
 *
 * FreeScout stores the thread before its attachments, and the conversation (status, cc) and the thread's "has attachments" after
 * them. A request that dies in between, of a full disk or of a file name that is too long, leaves a message that shows no
 * attachments and re-opens nothing, and no event (seen on core 1.8.235).
 *
 * @throws when the request dies like that.
 */
export function createThread(
  desk: DeskState,
  conversation: ConversationRecord,
  input: Input,
  {
    whileCreatingConversation = false,
    latestCustomer,
    breaksOff = false,
  }: Circumstances & { whileCreatingConversation?: boolean } = {},
): Written<ThreadRecord> {
  const loaded = load(conversation);
  const { copy } = loaded;
  const absent = missing(input, 'text', 'type');
  if (absent !== null) {
    return { refused: absent };
  }
  const type = threadTypeOf(input.type);
  const people = peopleOf(desk, copy, type, input, latestCustomer);
  if ('refused' in people) {
    return people;
  }
  const { customer, user } = people.written;
  const isCustomer = type === 'customer';
  const imported = !isEmpty(input.imported);
  const to = sanitizeEmail(mainEmail(customer));
  const attachments = attachmentsOf(desk, input.attachments);
  const dies = (isCustomer && breaksOff) || attachments.some(({ fileName }) => isTooLong(fileName));
  const thread = insertThread(desk, {
    conversationId: copy.id,
    type,
    state: desk.switches.oldModule ? 'published' : threadStateOf(input.state),
    sourceType: 'api',
    sourceVia: isCustomer ? 'customer' : 'user',
    createdByCustomerId: isCustomer ? customer.id : null,
    createdByUserId: user?.id ?? null,
    assigneeId: copy.assigneeId,
    customerId: customer.id,
    body: input.text === null ? null : String(input.text),
    to: isCustomer || to === null ? [] : [to],
    cc: sanitizeEmails(input.cc ?? []),
    bcc: sanitizeEmails(input.bcc ?? []),
    imported,
    createdAt: (imported ? storedDate(input.createdAt) : null) ?? nowOf(desk),
    first: copy.threadsCount === 0,
    attachments: dies ? [] : attachments,
  });
  if (dies) {
    throw new Error('The request died between a message and its conversation.');
  }
  const status = isEmpty(input.status) ? null : statusOf(input.status);
  updateAfterThread(desk, loaded, { thread, customer, status, whileCreatingConversation });
  announceThread(desk, copy, thread);
  return { written: thread };
}

type People = { readonly customer: CustomerRecord; readonly user: UserRecord | undefined };

/** The customer whom a thread names, else the conversation's own; and the user who writes it. */
function peopleOf(
  desk: DeskState,
  conversation: ConversationRecord,
  type: ThreadType,
  input: Input,
  latestCustomer: number | undefined,
): Written<People> {
  let customer = desk.customers.get(conversation.customerId);
  if (!isEmpty(input.customer)) {
    const given = isRecord(input.customer) ? input.customer : {};
    const resolved = resolveCustomer(desk, given, latestCustomer);
    if (isRefusal(resolved)) {
      return { refused: resolved };
    }
    customer = resolved;
  }
  if (customer === undefined) {
    return refuse('customer', '`customer` parameter is required');
  }
  const user = type === 'customer' || isEmpty(input.user) ? undefined : desk.users.get(Number(input.user));
  if ((type === 'message' || type === 'note') && user === undefined) {
    return refuse('user', '`user` parameter is required');
  }
  return { written: { customer, user } };
}

type AddedThread = {
  readonly thread: ThreadRecord;
  readonly customer: CustomerRecord;
  /** As the request names it; null when it names none. */
  readonly status: ConversationStatus | null;
  readonly whileCreatingConversation: boolean;
};

/** Saves what a new thread changes of its conversation, and announces the status that a message sets. */
function updateAfterThread(desk: DeskState, loaded: Loaded, added: AddedThread): void {
  const { copy } = loaded;
  const { thread, customer, status, whileCreatingConversation } = added;
  const next: Partial<ConversationRecord> = {
    ...(thread.first ? openedBy(thread) : {}),
    // Omitted means cleared, also for notes and drafts.
    cc: thread.cc,
    ...(addressesOf(thread.bcc).length > 0 ? { bcc: thread.bcc } : {}),
    customerId: customer.id,
    ...repliedBy(copy, added),
  };
  const statusNow = next.status ?? copy.status;
  const isNewStatus = statusNow !== copy.status;
  const setsStatus = !whileCreatingConversation && thread.type === 'message' && status !== null;
  if (setsStatus && (isNewStatus || thread.first) && statusNow === 'closed') {
    Object.assign(next, { closedByUserId: thread.createdByUserId, closedAt: nowOf(desk) });
  }
  if (!whileCreatingConversation && (isNewStatus || next.state !== undefined)) {
    next.folderId = folderOf({ ...copy, ...next });
  }
  // Fired before the folder and the customer are set. Modules before 1.0.82, which also did not know `state`, had no such event.
  if (setsStatus && isNewStatus && !thread.first && !desk.switches.oldModule) {
    const { folderId, customerId } = copy;
    emit(desk, 'convo.status', { conversation: { ...copy, ...next, folderId, customerId } });
  }
  save(desk, loaded, next);
}

const openedBy = (thread: ThreadRecord): Partial<ConversationRecord> =>
  thread.type === 'customer'
    ? { sourceVia: 'customer', createdByCustomerId: thread.customerId }
    : { sourceVia: 'user', createdByUserId: thread.createdByUserId };

/** Who replied last, and the status: without one in the request a customer's thread makes it active and a message pending. */
function repliedBy(
  copy: ConversationRecord,
  { thread, customer, status }: AddedThread,
): Partial<ConversationRecord> {
  const { createdAt } = thread;
  if (thread.type === 'customer') {
    return {
      lastReplyAt: createdAt,
      lastReplyFrom: 'customer',
      status: status ?? 'active',
      customerEmail: mainEmail(customer),
      ...(copy.state === 'deleted' ? { state: 'published' } : {}),
    };
  }
  if (thread.type === 'message') {
    return {
      lastReplyAt: createdAt,
      lastReplyFrom: 'user',
      userUpdatedAt: createdAt,
      status: status ?? 'pending',
    };
  }
  return status === null || status === copy.status ? {} : { status, userUpdatedAt: createdAt };
}

function announceThread(desk: DeskState, conversation: ConversationRecord, thread: ThreadRecord): void {
  if (thread.type === 'customer') {
    emit(desk, thread.first ? 'convo.created' : 'convo.customer.reply.created', { conversation });
  } else if (thread.type === 'note' && !thread.first) {
    emit(desk, 'convo.note.created', { conversation });
  } else {
    queueReplyMail(desk, conversation, thread);
    // Also for a draft: the event says that an agent replied although nobody did.
    const event = thread.first ? 'convo.created' : 'convo.agent.reply.created';
    emit(desk, event, { conversation }, undoMilliseconds);
  }
}

/** No file system takes such a name, although FreeScout has cut it at 125 characters. */
const isTooLong = (fileName: string): boolean =>
  Buffer.byteLength(Buffer.byteLength(fileName) > 255 ? fileName.slice(0, 125) : fileName) > 255;

/** `[{fileName, mimeType, data}]`; malformed ones are skipped silently. */
function attachmentsOf(desk: DeskState, input: unknown): AttachmentRecord[] {
  return (Array.isArray(input) ? input : []).flatMap((item: unknown) => {
    if (!isRecord(item) || isEmpty(item.fileName) || isEmpty(item.mimeType) || isEmpty(item.data)) {
      return [];
    }
    const data = Buffer.from(String(item.data), 'base64');
    if (data.length === 0) {
      return [];
    }
    return {
      id: nextId(desk, 'attachment'),
      fileName: String(item.fileName)
        .replace(/[^\p{L}\p{N}._\- ()]/gu, '_')
        .replaceAll(' ', '_'),
      mimeType: String(item.mimeType),
      size: data.length,
      inline: false,
      data,
    };
  });
}

type Change = {
  readonly value: unknown;
  /** `byUser` of the request, when FreeScout knows it. */
  readonly user: UserRecord | undefined;
};

/** What `PUT /conversations/{id}` does for each key of its JSON; null, or why the request ends here. */
const changesByKey: Readonly<
  Record<string, (desk: DeskState, loaded: Loaded, change: Change) => Refusal | null>
> = {
  status(desk, loaded, { value, user }) {
    const status = statusOf(value);
    if (loaded.copy.status !== status) {
      changeStatus(desk, loaded, status, user?.id ?? 0);
    }
    return null;
  },

  assignTo(desk, loaded, { value, user }) {
    const assigneeId = value === null || Number(value) === -1 ? null : Number(value);
    if (loaded.copy.assigneeId !== assigneeId) {
      changeAssignee(desk, loaded, assigneeId, user?.id ?? 0);
    }
    return null;
  },

  mailboxId(desk, loaded, { value, user }) {
    if (loaded.copy.mailboxId === Number(value)) {
      return null;
    }
    if (!desk.mailboxes.has(Number(value))) {
      return { path: 'mailboxId', message: 'Mailbox not found.' };
    }
    moveToMailbox(desk, loaded, Number(value), user?.id ?? 0);
    return null;
  },

  customerId(desk, loaded, { value, user }) {
    if (loaded.copy.customerId === Number(value)) {
      return null;
    }
    const customer = desk.customers.get(Number(value));
    if (customer === undefined) {
      return { path: 'customerId', message: 'Customer not found.' };
    }
    changeCustomer(desk, loaded, { id: customer.id, email: mainEmail(customer) }, user?.id ?? null);
    return null;
  },

  subject(desk, loaded, { value }) {
    save(desk, loaded, { subject: value === null ? null : String(value).slice(0, 998) });
    return null;
  },
};

const keysThatNeedUser: readonly string[] = ['status', 'assignTo', 'mailboxId'];

/** `PUT /conversations/{id}`: applied key by key in the order of the JSON; what came before an error stays applied. */
export function updateConversation(
  desk: DeskState,
  conversation: ConversationRecord,
  input: Input,
): Written<ConversationRecord> {
  const loaded = load(conversation);
  const hasUser = !isEmpty(input.byUser);
  const user = hasUser ? desk.users.get(Number(input.byUser)) : undefined;
  for (const [key, value] of Object.entries(input)) {
    if (keysThatNeedUser.includes(key) && user === undefined) {
      return refuse('byUser', hasUser ? 'User not found.' : 'byUser parameter is required.');
    }
    const change = Object.hasOwn(changesByKey, key) ? changesByKey[key] : undefined;
    const refused = change?.(desk, loaded, { value, user }) ?? null;
    if (refused !== null) {
      return { refused };
    }
  }
  return { written: conversation };
}

/** `PUT /conversations/{id}/tags`: the whole list is replaced; names are trimmed and lower-cased; no event, no `updatedAt`. */
export function replaceTags(desk: DeskState, conversationId: number, names: readonly unknown[]): void {
  const wanted = new Set(
    names
      .map((name) =>
        String(name ?? '')
          .trim()
          .toLowerCase(),
      )
      .filter(Boolean),
  );
  const current = desk.tagsOf.get(conversationId) ?? new Set<number>();
  for (const name of wanted) {
    let tag = [...desk.tags.values()].find((known) => known.name === name);
    if (tag === undefined) {
      tag = { id: nextId(desk, 'tag'), name, counter: 0 };
      desk.tags.set(tag.id, tag);
    }
    tag.counter += 1;
    current.add(tag.id);
  }
  for (const id of current) {
    const tag = desk.tags.get(id);
    if (tag === undefined || wanted.has(tag.name)) {
      continue;
    }
    current.delete(id);
    tag.counter = Math.max(0, tag.counter - 1);
    if (tag.counter === 0) {
      desk.tags.delete(id);
    }
  }
  desk.tagsOf.set(conversationId, current);
  desk.revision.value += 1;
}

/** Sets the listed fields only; unknown ids are skipped silently; no event, no `updatedAt`. */
export function setCustomFields(desk: DeskState, conversationId: number, input: unknown): void {
  const values = desk.customFieldValues.get(conversationId) ?? new Map<number, string>();
  for (const item of Array.isArray(input) ? input : []) {
    if (!isRecord(item) || item.id === undefined || item.value === undefined) {
      continue;
    }
    if (desk.customFields.has(Number(item.id))) {
      values.set(Number(item.id), String(item.value ?? ''));
    }
  }
  desk.customFieldValues.set(conversationId, values);
  desk.revision.value += 1;
}
