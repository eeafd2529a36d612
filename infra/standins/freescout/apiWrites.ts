import { toSeconds } from './clock.ts';
import {
  changeAssignee,
  changeCustomer,
  changeStatus,
  folderOf,
  insertThread,
  load,
  moveToMailbox,
  save,
} from './conversations.ts';
import { isRefusal, type Refusal, resolveCustomer } from './customers.ts';
import { type DeskState, nextId, nowOf, undoMilliseconds } from './deskState.ts';
import { queueReplyMail } from './outgoingMail.ts';
import { addressesOf, isEmpty, isRecord, sanitizeEmail, sanitizeEmails } from './phpText.ts';
import { type AttachmentRecord, type ConversationRecord, mainEmail, type ThreadRecord } from './records.ts';
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

  let created = false;
  let firstRefusal: Refusal | null = null;
  let lastCustomerId: number | null = null;
  for (const thread of threads.filter(isRecord).toReversed()) {
    const result = createThread(
      desk,
      conversation,
      {
        ...thread,
        ...(imported ? { imported: true } : {}),
        ...(isEmpty(input.status) ? {} : { status: conversation.status }),
      },
      { whileCreatingConversation: true, breaksOff },
    );
    if ('refused' in result) {
      firstRefusal = result.refused;
      continue;
    }
    created = true;
    if (thread.type === 'customer') {
      lastCustomerId = conversation.customerId;
    }
  }
  if (!created) {
    desk.conversations.delete(conversation.id);
    desk.threadsOf.delete(conversation.id);
    return { refused: firstRefusal ?? { path: 'threads', message: 'Could no create thread(s)' } };
  }
  if (lastCustomerId !== null && lastCustomerId !== customer.id) {
    save(desk, load(conversation), { customerId: customer.id, customerEmail: mainEmail(customer) });
  }
  if (desk.switches.customFieldsModule) {
    setCustomFields(desk, conversation.id, input.customFields);
  }
  return { written: conversation };
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
  const isCustomer = type === 'customer';

  let customer = desk.customers.get(copy.customerId);
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
  const user = isCustomer || isEmpty(input.user) ? undefined : desk.users.get(Number(input.user));
  if ((type === 'message' || type === 'note') && user === undefined) {
    return refuse('user', '`user` parameter is required');
  }

  const isNew = copy.threadsCount === 0;
  const now = nowOf(desk);
  const imported = !isEmpty(input.imported);
  const createdAt = (imported ? storedDate(input.createdAt) : null) ?? now;
  const cc = sanitizeEmails(input.cc ?? []);
  const bcc = sanitizeEmails(input.bcc ?? []);
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
    cc,
    bcc,
    imported,
    createdAt,
    first: isNew,
    attachments: dies ? [] : attachments,
  });
  if (dies) {
    throw new Error('The request died between a message and its conversation.');
  }

  const isReply = isCustomer || type === 'message';
  const status = isEmpty(input.status) ? null : statusOf(input.status);
  const previousStatus = copy.status;
  const next: Partial<ConversationRecord> = {
    ...(isNew
      ? isCustomer
        ? { sourceVia: 'customer', createdByCustomerId: customer.id }
        : { sourceVia: 'user', createdByUserId: user?.id ?? null }
      : {}),
    // Omitted means cleared, also for notes and drafts.
    cc,
    ...(addressesOf(bcc).length > 0 ? { bcc } : {}),
    customerId: customer.id,
  };
  if (isCustomer) {
    Object.assign(next, { lastReplyAt: createdAt, lastReplyFrom: 'customer', status: status ?? 'active' });
    next.customerEmail = mainEmail(customer);
    if (copy.state === 'deleted') {
      next.state = 'published';
    }
  } else if (isReply) {
    Object.assign(next, { lastReplyAt: createdAt, lastReplyFrom: 'user', userUpdatedAt: createdAt });
    next.status = status ?? 'pending';
  } else if (status !== null && status !== copy.status) {
    next.status = status;
    next.userUpdatedAt = createdAt;
  }
  const statusNow = next.status ?? copy.status;
  const announceStatus =
    !whileCreatingConversation && type === 'message' && status !== null && statusNow !== previousStatus;
  if (announceStatus || (isNew && type === 'message' && status !== null && !whileCreatingConversation)) {
    if (statusNow === 'closed') {
      Object.assign(next, { closedByUserId: user?.id ?? null, closedAt: now });
    }
  }
  if (!whileCreatingConversation && (statusNow !== previousStatus || next.state !== undefined)) {
    next.folderId = folderOf({ ...copy, ...next });
  }
  // Fired before the folder and the customer are set. Modules before 1.0.82, which also did not know `state`, had no such event.
  if (announceStatus && !isNew && !desk.switches.oldModule) {
    const { folderId, customerId } = copy;
    emit(desk, 'convo.status', { conversation: { ...copy, ...next, folderId, customerId } });
  }
  save(desk, loaded, next);

  if (isNew && isCustomer) {
    emit(desk, 'convo.created', { conversation: copy });
  } else if (isNew) {
    queueReplyMail(desk, copy, thread);
    emit(desk, 'convo.created', { conversation: copy }, undoMilliseconds);
  } else if (type === 'note') {
    emit(desk, 'convo.note.created', { conversation: copy });
  } else if (isCustomer) {
    emit(desk, 'convo.customer.reply.created', { conversation: copy });
  } else {
    queueReplyMail(desk, copy, thread);
    // Also for a draft: the event says that an agent replied although nobody did.
    emit(desk, 'convo.agent.reply.created', { conversation: copy }, undoMilliseconds);
  }
  return { written: thread };
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

/** `PUT /conversations/{id}`: applied key by key in the order of the JSON; what came before an error stays applied. */
export function updateConversation(
  desk: DeskState,
  conversation: ConversationRecord,
  input: Input,
): Written<ConversationRecord> {
  const loaded = load(conversation);
  for (const [key, value] of Object.entries(input)) {
    const needsUser = key === 'status' || key === 'assignTo' || key === 'mailboxId';
    if (needsUser && isEmpty(input.byUser)) {
      return refuse('byUser', 'byUser parameter is required.');
    }
    const user = isEmpty(input.byUser) ? undefined : desk.users.get(Number(input.byUser));
    if (needsUser && user === undefined) {
      return refuse('byUser', 'User not found.');
    }
    const byUserId = user?.id ?? 0;
    if (key === 'status') {
      const status = statusOf(value);
      if (loaded.copy.status !== status) {
        changeStatus(desk, loaded, status, byUserId);
      }
    } else if (key === 'assignTo') {
      const assigneeId = value === null || Number(value) === -1 ? null : Number(value);
      if (loaded.copy.assigneeId !== assigneeId) {
        changeAssignee(desk, loaded, assigneeId, byUserId);
      }
    } else if (key === 'mailboxId' && loaded.copy.mailboxId !== Number(value)) {
      if (!desk.mailboxes.has(Number(value))) {
        return refuse('mailboxId', 'Mailbox not found.');
      }
      moveToMailbox(desk, loaded, Number(value), byUserId);
    } else if (key === 'customerId' && loaded.copy.customerId !== Number(value)) {
      const customer = desk.customers.get(Number(value));
      if (customer === undefined) {
        return refuse('customerId', 'Customer not found.');
      }
      changeCustomer(desk, loaded, { id: customer.id, email: mainEmail(customer) }, user?.id ?? null);
    } else if (key === 'subject') {
      save(desk, loaded, { subject: value === null ? null : String(value).slice(0, 998) });
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
