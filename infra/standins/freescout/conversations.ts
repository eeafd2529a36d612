import { type DeskState, nextId, nowOf } from './deskState.ts';
import { previewOf } from './phpText.ts';
import type { ActionType, ConversationRecord, ConversationStatus, ThreadRecord } from './records.ts';
import { emit } from './webhooks.ts';

/**
 * Changes to conversations, in FreeScout's own order of events.
 *
 * FreeScout works on a copy of the row that it loaded at the start of a request (here: `loaded`), while inserting a thread
 * updates the row itself behind that copy's back. Webhooks carry the copy, which is why a payload's `preview`,
 * `threadsCount` and `updatedAt` are one message behind its threads. The copy and the row are kept apart here as well.
 */
export type Loaded = { readonly row: ConversationRecord; readonly copy: ConversationRecord };

export const load = (row: ConversationRecord): Loaded => ({ row, copy: { ...row } });

const same = (a: unknown, b: unknown): boolean =>
  typeof a === 'object' && typeof b === 'object' ? JSON.stringify(a) === JSON.stringify(b) : a === b;

/** Writes what differs from the loaded copy, and then `updatedAt`, like an ORM that saves only changed columns. */
export function save(desk: DeskState, loaded: Loaded, changes: Partial<ConversationRecord>): void {
  const { row, copy } = loaded;
  const before: Readonly<Record<string, unknown>> = copy;
  const changed = Object.entries(changes).filter(([key, value]) => !same(before[key], value));
  if (changed.length === 0) {
    return;
  }
  const update = { ...Object.fromEntries(changed), updatedAt: nowOf(desk) };
  Object.assign(row, update);
  Object.assign(copy, update);
  desk.revision.value += 1;
}

const folderNumbers = { unassigned: 1, drafts: 2, assigned: 3, closed: 4, spam: 5, deleted: 6 } as const;

/** Folder ids run per mailbox in the order in which FreeScout creates them. */
export const folderIdOf = (mailboxId: number, folder: keyof typeof folderNumbers): number =>
  (mailboxId - 1) * 100 + folderNumbers[folder];

/** The folder that a conversation belongs to by its state, status and assignee. */
export function folderOf(
  conversation: Pick<ConversationRecord, 'mailboxId' | 'state' | 'status' | 'assigneeId'>,
): number {
  const { mailboxId, state, status, assigneeId } = conversation;
  if (state === 'draft') {
    return folderIdOf(mailboxId, 'drafts');
  }
  if (state === 'deleted') {
    return folderIdOf(mailboxId, 'deleted');
  }
  if (status === 'spam') {
    return folderIdOf(mailboxId, 'spam');
  }
  if (status === 'closed') {
    return folderIdOf(mailboxId, 'closed');
  }
  return folderIdOf(mailboxId, assigneeId === null ? 'unassigned' : 'assigned');
}

export type NewThread = Pick<ThreadRecord, 'conversationId' | 'type' | 'sourceType' | 'sourceVia'> &
  Partial<ThreadRecord>;

/** Inserts a thread and updates its conversation's row the way FreeScout's thread observer does. */
export function insertThread(desk: DeskState, fields: NewThread): ThreadRecord {
  const now = nowOf(desk);
  const thread: ThreadRecord = {
    id: nextId(desk, 'thread'),
    status: 'active',
    state: 'published',
    actionType: null,
    actionData: null,
    body: null,
    customerId: null,
    createdByUserId: null,
    createdByCustomerId: null,
    assigneeId: null,
    to: [],
    cc: [],
    bcc: [],
    first: false,
    imported: false,
    editedByUserId: null,
    editedAt: null,
    messageId: null,
    attachments: [],
    createdAt: now,
    updatedAt: now,
    ...fields,
  };
  desk.threads.set(thread.id, thread);
  const siblings = desk.threadsOf.get(thread.conversationId) ?? [];
  siblings.push(thread);
  desk.threadsOf.set(thread.conversationId, siblings);
  const row = desk.conversations.get(thread.conversationId);
  if (row !== undefined) {
    observeNewThread(row, thread, now);
  }
  desk.revision.value += 1;
  return thread;
}

function observeNewThread(row: ConversationRecord, thread: ThreadRecord, now: string): void {
  const published = thread.state === 'published';
  const isReply = thread.type === 'customer' || thread.type === 'message';
  const isNote = thread.type === 'note';
  if (isReply && published) {
    row.threadsCount += 1;
  }
  if (thread.type !== 'customer') {
    row.userUpdatedAt = now;
  }
  if (published && (isReply || (isNote && (row.type === 'phone' || row.threadsCount === 0)))) {
    row.lastReplyAt = now;
    row.lastReplyFrom = thread.sourceVia;
  }
  if (published && (isReply || isNote)) {
    row.preview = previewOf(thread.body);
  }
  row.updatedAt = now;
}

export function removeThread(desk: DeskState, thread: ThreadRecord): void {
  desk.threads.delete(thread.id);
  const siblings = desk.threadsOf.get(thread.conversationId) ?? [];
  desk.threadsOf.set(
    thread.conversationId,
    siblings.filter((sibling) => sibling !== thread),
  );
  desk.revision.value += 1;
}

/** Writes the record of an agent's action into the conversation. */
function insertLineItem(
  desk: DeskState,
  conversation: ConversationRecord,
  actionType: ActionType,
  byUserId: number,
  fields: Partial<ThreadRecord> = {},
): ThreadRecord {
  return insertThread(desk, {
    conversationId: conversation.id,
    type: 'lineitem',
    status: 'nochange',
    actionType,
    sourceType: 'web',
    sourceVia: 'user',
    customerId: conversation.customerId,
    createdByUserId: byUserId,
    assigneeId: conversation.assigneeId,
    ...fields,
  });
}

/** Status by an agent: line item and `convo.status`. */
export function changeStatus(
  desk: DeskState,
  loaded: Loaded,
  status: ConversationStatus,
  byUserId: number,
): void {
  const now = nowOf(desk);
  save(desk, loaded, {
    status,
    folderId: folderOf({ ...loaded.copy, status }),
    userUpdatedAt: now,
    ...(status === 'closed' ? { closedByUserId: byUserId, closedAt: now } : {}),
  });
  insertLineItem(desk, loaded.copy, 'changed-ticket-status', byUserId, { status });
  emit(desk, 'convo.status', { conversation: loaded.copy });
}

/** Assignee by an agent: line item, and `convo.assigned` unless it was an unassignment. */
export function changeAssignee(
  desk: DeskState,
  loaded: Loaded,
  assigneeId: number | null,
  byUserId: number,
): void {
  save(desk, loaded, {
    assigneeId,
    folderId: folderOf({ ...loaded.copy, assigneeId }),
    userUpdatedAt: nowOf(desk),
  });
  insertLineItem(desk, loaded.copy, 'changed-ticket-assignee', byUserId);
  if (assigneeId !== null) {
    emit(desk, 'convo.assigned', { conversation: loaded.copy });
  }
}

export function changeCustomer(
  desk: DeskState,
  loaded: Loaded,
  customer: { id: number; email: string },
  byUserId: number | null,
): void {
  save(desk, loaded, { customerId: customer.id, customerEmail: customer.email });
  if (byUserId !== null) {
    insertLineItem(desk, loaded.copy, 'changed-ticket-customer', byUserId, { actionData: customer.email });
  }
}

export function moveToMailbox(desk: DeskState, loaded: Loaded, mailboxId: number, byUserId: number): void {
  save(desk, loaded, { mailboxId, folderId: folderOf({ ...loaded.copy, mailboxId }) });
  insertLineItem(desk, loaded.copy, 'moved-from-mailbox', byUserId, { status: loaded.copy.status, body: '' });
  emit(desk, 'convo.moved', { conversation: loaded.copy });
}

/** Into the trash: the row stays, `state` becomes `deleted`. */
export function trash(desk: DeskState, loaded: Loaded, byUserId: number): void {
  save(desk, loaded, {
    state: 'deleted',
    userUpdatedAt: nowOf(desk),
    folderId: folderOf({ ...loaded.copy, state: 'deleted' }),
  });
  insertLineItem(desk, loaded.copy, 'deleted-ticket', byUserId);
  emit(desk, 'convo.deleted', { conversation: loaded.copy });
}

export function restore(desk: DeskState, loaded: Loaded, byUserId: number): void {
  const wasDeleted = loaded.copy.state === 'deleted';
  save(desk, loaded, {
    state: 'published',
    userUpdatedAt: nowOf(desk),
    folderId: folderOf({ ...loaded.copy, state: 'published' }),
  });
  insertLineItem(desk, loaded.copy, 'restore-ticket', byUserId);
  if (wasDeleted) {
    emit(desk, 'convo.restored', { conversation: loaded.copy });
  }
}

/** For good: rows gone, afterwards 404. */
export function deleteForever(desk: DeskState, conversation: ConversationRecord): void {
  emit(desk, 'convo.deleted_forever', { conversation });
  for (const { id } of desk.threadsOf.get(conversation.id) ?? []) {
    desk.threads.delete(id);
  }
  desk.threadsOf.delete(conversation.id);
  desk.tagsOf.delete(conversation.id);
  desk.customFieldValues.delete(conversation.id);
  desk.conversations.delete(conversation.id);
}

/** Moves all threads of `source` into `target` (ids unchanged) and puts the source into the trash. No event of its own. */
export function merge(
  desk: DeskState,
  target: ConversationRecord,
  source: ConversationRecord,
  byUserId: number,
): void {
  const moved = desk.threadsOf.get(source.id) ?? [];
  for (const thread of moved) {
    thread.conversationId = target.id;
  }
  desk.threadsOf.set(target.id, [...(desk.threadsOf.get(target.id) ?? []), ...moved]);
  desk.threadsOf.set(source.id, []);
  insertLineItem(desk, target, 'merged', byUserId, { status: target.status, body: '' });
  insertLineItem(desk, source, 'merged', byUserId, {
    status: source.status,
    body: '',
    actionData: String(target.id),
  });
  trash(desk, load(source), byUserId);
}
