import { createHmac } from 'node:crypto';
import { friendlyAge } from './clock.ts';
import type { DeskState } from './deskState.ts';
import {
  type AttachmentRecord,
  type ConversationRecord,
  type CustomerRecord,
  type CustomFieldRecord,
  fullName,
  type MailboxRecord,
  mainEmail,
  type TagRecord,
  type ThreadRecord,
  type UserRecord,
} from './records.ts';

/** The JSON objects of FreeScout's API and webhooks, with its keys in its order. */

export type Embeds = { threads?: boolean; tags?: boolean };

const shortUser = (user: UserRecord | undefined) =>
  user === undefined
    ? null
    : {
        id: user.id,
        type: 'user',
        firstName: user.firstName,
        lastName: user.lastName,
        photoUrl: '',
        email: user.email,
      };

const shortCustomer = (customer: CustomerRecord | undefined) =>
  customer === undefined
    ? null
    : {
        id: customer.id,
        type: 'customer',
        firstName: customer.firstName,
        lastName: customer.lastName,
        photoUrl: '',
        email: mainEmail(customer),
      };

export const presentPerson = (desk: DeskState, userId: number | null) =>
  userId === null ? null : shortUser(desk.users.get(userId));

const personOf = (
  desk: DeskState,
  record: { sourceVia: string; createdByUserId: number | null; createdByCustomerId: number | null },
) =>
  record.sourceVia === 'user'
    ? presentPerson(desk, record.createdByUserId)
    : record.createdByCustomerId === null
      ? null
      : shortCustomer(desk.customers.get(record.createdByCustomerId));

/**
 * Newest `createdAt` first. The order of threads of the same second is up to the database: both ways have been seen, so
 * it can be switched.
 */
export function sortedThreads(desk: DeskState, conversationId: number): ThreadRecord[] {
  const tie = desk.switches.newestIdFirst ? -1 : 1;
  return (desk.threadsOf.get(conversationId) ?? []).toSorted((a, b) =>
    a.createdAt === b.createdAt ? (a.id - b.id) * tie : a.createdAt < b.createdAt ? 1 : -1,
  );
}

export function presentConversation(desk: DeskState, conversation: ConversationRecord, embeds: Embeds) {
  const closed = conversation.status === 'closed';
  const fields = fieldValuesOf(desk, conversation);
  return {
    id: conversation.id,
    number: conversation.id,
    threadsCount: conversation.threadsCount,
    type: conversation.type,
    folderId: conversation.folderId,
    status: conversation.status,
    state: conversation.state,
    subject: conversation.subject ?? '',
    preview: conversation.preview,
    mailboxId: conversation.mailboxId,
    assignee: presentPerson(desk, conversation.assigneeId),
    createdBy: personOf(desk, conversation),
    createdAt: conversation.createdAt,
    updatedAt: conversation.updatedAt,
    closedBy: closed ? conversation.closedByUserId : null,
    closedByUser: closed ? presentPerson(desk, conversation.closedByUserId) : null,
    closedAt: conversation.closedAt,
    userUpdatedAt: conversation.userUpdatedAt,
    customerWaitingSince: {
      time: conversation.lastReplyAt,
      friendly: friendlyAge(conversation.lastReplyAt ?? conversation.updatedAt, desk.clock.now()),
      latestReplyFrom: conversation.lastReplyFrom ?? '',
    },
    source: { type: conversation.sourceType, via: conversation.sourceVia },
    cc: conversation.cc,
    bcc: conversation.bcc,
    customer: shortCustomer(desk.customers.get(conversation.customerId)),
    _embedded: {
      threads: embeds.threads
        ? sortedThreads(desk, conversation.id)
            .filter(({ state }) => state === 'published')
            .map((thread) => presentThread(desk, thread))
        : [],
      ...(embeds.tags && desk.switches.tagsModule
        ? { tags: tagsOf(desk, conversation.id).map(({ id, name }) => ({ id, name })) }
        : {}),
    },
    ...(fields.length > 0
      ? {
          customFields: fields.map(({ field: { id, name, type }, value, text }) => ({
            id,
            name,
            value,
            text: type === 'dropdown' ? text : '',
          })),
        }
      : {}),
  };
}

/** The fields of a conversation's mailbox. `text` is what people see: of a dropdown's value that is no option, nothing. */
export function fieldValuesOf(desk: DeskState, conversation: ConversationRecord) {
  const values = desk.customFieldValues.get(conversation.id);
  return [...desk.customFields.values()]
    .filter(({ mailboxId }) => desk.switches.customFieldsModule && mailboxId === conversation.mailboxId)
    .toSorted((a, b) => a.sortOrder - b.sortOrder)
    .map((field) => {
      const value = values?.get(field.id) ?? '';
      return { field, value, text: field.type === 'dropdown' ? (field.options[value] ?? '') : value };
    });
}

export const tagsOf = (desk: DeskState, conversationId: number): TagRecord[] =>
  [...(desk.tagsOf.get(conversationId) ?? [])]
    .map((id) => desk.tags.get(id))
    .filter((tag) => tag !== undefined)
    .toSorted((a, b) => a.id - b.id);

export function presentThread(desk: DeskState, thread: ThreadRecord) {
  return {
    id: thread.id,
    type: thread.type,
    status: thread.status,
    state: thread.state,
    action: { type: thread.actionType ?? '', text: actionText(desk, thread), associatedEntities: [] },
    body: thread.body,
    source: { type: thread.sourceType, via: thread.sourceVia },
    customer: thread.customerId === null ? null : shortCustomer(desk.customers.get(thread.customerId)),
    createdBy: personOf(desk, thread),
    assignedTo: presentPerson(desk, thread.assigneeId),
    to: thread.to,
    cc: thread.cc,
    bcc: thread.bcc,
    createdAt: thread.createdAt,
    openedAt: null,
    _embedded: {
      attachments: thread.attachments
        .filter(({ inline }) => !inline)
        .map((attachment) => presentAttachment(desk, attachment)),
    },
  };
}

/** Where an attachment can be fetched without login, protected by the token alone. */
export function attachmentPath(desk: DeskState, attachment: AttachmentRecord): string {
  const token = createHmac('sha256', desk.appKey).update(`attachment-${attachment.id}`).digest('hex');
  return `/storage/attachment/${attachment.id}/${attachment.fileName}?id=${attachment.id}&token=${token}`;
}

const presentAttachment = (desk: DeskState, attachment: AttachmentRecord) => ({
  id: attachment.id,
  fileName: attachment.fileName,
  fileUrl: `${desk.publicUrl.value}${attachmentPath(desk, attachment)}`,
  mimeType: attachment.mimeType,
  size: attachment.size,
});

const firstNameOf = (desk: DeskState, userId: number | null) =>
  (userId === null ? undefined : desk.users.get(userId))?.firstName ?? '';

export function userName(desk: DeskState, userId: number | null): string {
  const user = userId === null ? undefined : desk.users.get(userId);
  return user === undefined ? '' : `${user.firstName} ${user.lastName}`.trim();
}

const statusNames = {
  active: 'Active',
  pending: 'Pending',
  closed: 'Closed',
  spam: 'Spam',
  nochange: 'Not changed',
};

function actionText(desk: DeskState, thread: ThreadRecord): string {
  const number = thread.conversationId;
  const customer = thread.customerId === null ? undefined : desk.customers.get(thread.customerId);
  const customerName = customer === undefined ? '' : fullName(customer);
  const editing = thread.state === 'draft' && thread.editedByUserId !== null;
  const person =
    thread.type === 'customer'
      ? customerName
      : userName(desk, editing ? thread.editedByUserId : thread.createdByUserId) || 'System';
  switch (thread.actionType) {
    case 'changed-ticket-status':
      return `${person} marked as ${statusNames[thread.status]} conversation #${number}`;
    case 'changed-ticket-assignee':
      return `${person} assigned ${userName(desk, thread.assigneeId) || 'anyone'} conversation #${number}`;
    case 'changed-ticket-customer':
      return `${person} changed the customer to ${customerName} in conversation #${number}`;
    case 'moved-from-mailbox':
      return `${person} moved conversation from another mailbox`;
    case 'merged':
      return thread.actionData === null
        ? `${person} merged with another conversation`
        : `${person} merged into conversation #${thread.actionData}`;
    case 'deleted-ticket':
      return `${person} deleted`;
    case 'restore-ticket':
      return `${person} restored`;
    case null:
      break;
  }
  if (thread.state === 'draft') {
    return editing
      ? `${person} edited ${firstNameOf(desk, thread.createdByUserId)}'s draft`
      : `${person} created a draft`;
  }
  if (thread.first) {
    return `${person} started a new conversation #${number}`;
  }
  return thread.type === 'note'
    ? `${person} added a note to conversation #${number}`
    : `${person} replied to conversation #${number}`;
}

export const presentCustomer = (customer: CustomerRecord) => ({
  id: customer.id,
  firstName: customer.firstName,
  lastName: customer.lastName,
  jobTitle: customer.jobTitle,
  company: customer.company,
  photoType: 'unknown',
  photoUrl: '',
  createdAt: customer.createdAt,
  updatedAt: customer.updatedAt,
  notes: customer.notes,
  _embedded: {
    emails: customer.emails,
    phones: customer.phones.map((value) => ({ id: 0, value, type: 'work' })),
    social_profiles: [],
    websites: [],
    address: { city: null, state: null, zip: null, country: null, address: null },
  },
});

export const presentUser = (user: UserRecord) => ({
  id: user.id,
  firstName: user.firstName,
  lastName: user.lastName,
  email: user.email,
  role: user.role,
  alternateEmails: null,
  jobTitle: null,
  phone: null,
  timezone: 'UTC',
  photoUrl: '',
  language: null,
  createdAt: user.createdAt,
  updatedAt: user.createdAt,
});

export const presentMailbox = ({ id, name, email, createdAt }: MailboxRecord) => ({
  id,
  name,
  email,
  createdAt,
  updatedAt: createdAt,
});

export const presentTag = ({ id, name, counter }: TagRecord) => ({ id, name, counter, color: 0 });

/** PHP writes an array whose keys count up from 0 as a list. */
function phpOptions(options: CustomFieldRecord['options']) {
  const ids = Object.keys(options);
  return ids.length === 0
    ? ''
    : ids.every((id, index) => id === String(index))
      ? Object.values(options)
      : options;
}

export const presentCustomField = (field: CustomFieldRecord) => ({
  id: field.id,
  name: field.name,
  type: field.type,
  options: phpOptions(field.options),
  required: field.required,
  sortOrder: field.sortOrder,
});
