/**
 * What the stand-in help desk keeps, one record per FreeScout database row.
 *
 * Times are strings `YYYY-MM-DDThh:mm:ssZ` (UTC, whole seconds, as FreeScout stores and shows them), so they compare as text.
 */

export const conversationStatuses = ['active', 'pending', 'closed', 'spam'] as const;
export type ConversationStatus = (typeof conversationStatuses)[number];
export const conversationStates = ['draft', 'published', 'deleted'] as const;
export type ConversationState = (typeof conversationStates)[number];
export const conversationTypes = ['email', 'phone', 'chat', 'custom'] as const;
export type ConversationType = (typeof conversationTypes)[number];
export const threadTypes = ['customer', 'message', 'note', 'lineitem', 'chat'] as const;
export type ThreadType = (typeof threadTypes)[number];
export const threadStates = ['draft', 'published', 'hidden', 'review'] as const;
export type ThreadState = (typeof threadStates)[number];
type ThreadStatus = ConversationStatus | 'nochange';
type Party = 'customer' | 'user';
type SourceType = 'email' | 'web' | 'api';

export type ActionType =
  | 'changed-ticket-status'
  | 'changed-ticket-assignee'
  | 'moved-from-mailbox'
  | 'merged'
  | 'changed-ticket-customer'
  | 'deleted-ticket'
  | 'restore-ticket';

/**
 * Addresses as FreeScout stores them. A list that held a repeated or unusable address has holes in it afterwards, and PHP writes
 * such a list as a JSON object (`{"0":"a@x","2":"b@x"}`).
 */
export type AddressList = readonly string[] | Readonly<Record<string, string>>;

export type ConversationRecord = {
  id: number;
  type: ConversationType;
  status: ConversationStatus;
  state: ConversationState;
  subject: string | null;
  preview: string;
  mailboxId: number;
  folderId: number;
  assigneeId: number | null;
  customerId: number;
  /** Address used in this conversation; what `customerEmail` filters on. Follows customer threads only. */
  customerEmail: string;
  threadsCount: number;
  createdByUserId: number | null;
  createdByCustomerId: number | null;
  sourceType: SourceType;
  sourceVia: Party;
  cc: AddressList;
  bcc: AddressList;
  imported: boolean;
  createdAt: string;
  updatedAt: string;
  userUpdatedAt: string | null;
  lastReplyAt: string | null;
  lastReplyFrom: Party | null;
  closedByUserId: number | null;
  closedAt: string | null;
};

export type AttachmentRecord = {
  id: number;
  fileName: string;
  mimeType: string;
  size: number;
  /** Shown inside the body; FreeScout leaves these out of the list. */
  inline: boolean;
  data: Uint8Array;
};

export type ThreadRecord = {
  id: number;
  conversationId: number;
  type: ThreadType;
  status: ThreadStatus;
  state: ThreadState;
  actionType: ActionType | null;
  actionData: string | null;
  body: string | null;
  sourceType: SourceType;
  sourceVia: Party;
  customerId: number | null;
  createdByUserId: number | null;
  createdByCustomerId: number | null;
  assigneeId: number | null;
  to: AddressList;
  cc: AddressList;
  bcc: AddressList;
  /** Opened the conversation. */
  first: boolean;
  imported: boolean;
  editedByUserId: number | null;
  editedAt: string | null;
  /** Message-ID (no angle brackets) of a mail that FreeScout fetched itself; never set for threads made through the API. */
  messageId: string | null;
  attachments: readonly AttachmentRecord[];
  createdAt: string;
  updatedAt: string;
};

export type CustomerRecord = {
  id: number;
  firstName: string | null;
  lastName: string | null;
  jobTitle: string | null;
  company: string | null;
  notes: string | null;
  /** The first is the main address. */
  emails: { id: number; value: string; type: string }[];
  phones: string[];
  createdAt: string;
  updatedAt: string;
};

export type UserRecord = {
  id: number;
  firstName: string;
  lastName: string;
  email: string;
  role: 'admin' | 'user';
  /** Ids of the mailboxes that the user has access to, unless it is an administrator; absent: all. */
  mailboxIds?: readonly number[];
  createdAt: string;
};

export type MailboxRecord = {
  id: number;
  name: string;
  email: string;
  /** HTML that FreeScout appends to every mail it sends from here; never stored in a thread. */
  signature: string;
  createdAt: string;
};

export type CustomFieldRecord = {
  id: number;
  mailboxId: number;
  name: string;
  type: 'singleline' | 'multiline' | 'dropdown' | 'date' | 'number';
  /** Option id → label, for dropdowns. */
  options: Readonly<Record<string, string>>;
  required: boolean;
  sortOrder: number;
};

export type TagRecord = { id: number; name: string; counter: number };

/** A mail that left the help desk towards a customer. */
export type OutgoingMail = {
  conversationId: number;
  threadId: number;
  /** `FS_reply-<threadId>-<16 hex>@<mailbox domain>`, without angle brackets. */
  messageId: string;
  from: { name: string; email: string };
  to: readonly string[];
  cc: readonly string[];
  bcc: readonly string[];
  subject: string;
  html: string;
  text: string;
  /** Set only when the customer's newest thread came by FreeScout's own fetching. */
  inReplyTo: string | null;
  references: readonly string[];
  sentAt: string;
};

/** A mail that a customer writes. */
export type CustomerMail = {
  messageId: string;
  from: { name: string; email: string };
  to: string;
  cc: readonly string[];
  subject: string;
  text: string;
  html: string;
  inReplyTo: string | null;
  references: readonly string[];
};

export const mainEmail = (customer: CustomerRecord): string => customer.emails[0]?.value ?? '';

export function fullName(customer: CustomerRecord): string {
  return [customer.firstName, customer.lastName].filter(Boolean).join(' ') || mainEmail(customer);
}

export const webhookEvents = [
  'convo.assigned',
  'convo.created',
  'convo.deleted',
  'convo.deleted_forever',
  'convo.restored',
  'convo.moved',
  'convo.status',
  'convo.customer.reply.created',
  'convo.agent.reply.created',
  'convo.note.created',
  'customer.created',
  'customer.updated',
] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

export type WebhookRecord = { id: number; url: string; events: readonly WebhookEvent[] };

/** One attempt to deliver one event to one address. */
export type WebhookDelivery = {
  url: string;
  event: WebhookEvent;
  /** The raw bytes as text; the signature covers exactly these. */
  body: string;
  headers: Readonly<Record<string, string>>;
  attempt: number;
};
