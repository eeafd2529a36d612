import { type Clock, toSeconds } from './clock.ts';
import type { FaultInjection } from './faults.ts';
import type {
  ConversationRecord,
  CustomerRecord,
  CustomFieldRecord,
  MailboxRecord,
  OutgoingMail,
  TagRecord,
  ThreadRecord,
  UserRecord,
  WebhookDelivery,
  WebhookRecord,
} from './records.ts';

/** What can be switched while the help desk runs. */
export type Switches = {
  /** Answer the routes of the companion module (`/api/csm`, `/api/conversations/{id}/drafts`). */
  companionModule: boolean;
  /** API module too old to know `state`: every `message` is published, and so mailed. */
  oldModule: boolean;
  /** Threads of the same second come with the highest id first instead of last; a database does either. */
  newestIdFirst: boolean;
  tagsModule: boolean;
  /** API module new enough to list its webhooks (`GET /api/webhooks`). */
  webhookList: boolean;
  customFieldsModule: boolean;
};

/** One request that reached `/api`, for assertions on recorded traffic. */
type RecordedRequest = {
  at: string;
  method: string;
  /** Path without query, e.g. `/api/conversations/5/threads`. */
  path: string;
  query: Readonly<Record<string, string>>;
  /** Parsed JSON as it was sent; null when there was none. */
  body: unknown;
  status: number;
};

/** Everything the stand-in knows. All operations are synchronous functions over it. */
export type DeskState = {
  readonly clock: Clock;
  readonly switches: Switches;
  readonly faults: FaultInjection;
  /** Another one once somebody changed FreeScout's APP_KEY. */
  webhookSecret: string;
  /** Multiplies FreeScout's own delays: 15 s undo, 12 s autosave, queue worker, webhook repeats. */
  readonly delayFactor: number;
  /** Body size in bytes above which the API answers 413. */
  readonly maxBodyBytes: number;
  /** Makes the ids in `FS_reply-…` and attachment tokens unguessable, like FreeScout's APP_KEY. */
  readonly appKey: string;
  /** Where the help desk is reached, without trailing slash; known once a server listens. */
  readonly publicUrl: { value: string };
  readonly conversations: Map<number, ConversationRecord>;
  readonly threads: Map<number, ThreadRecord>;
  readonly threadsOf: Map<number, ThreadRecord[]>;
  readonly customers: Map<number, CustomerRecord>;
  readonly users: Map<number, UserRecord>;
  readonly mailboxes: Map<number, MailboxRecord>;
  readonly tags: Map<number, TagRecord>;
  readonly tagsOf: Map<number, Set<number>>;
  readonly customFields: Map<number, CustomFieldRecord>;
  readonly customFieldValues: Map<number, Map<number, string>>;
  readonly webhooks: Map<number, WebhookRecord>;
  /** The newest deliveries of webhooks, for inspection and for sending the same bytes again. */
  readonly deliveries: WebhookDelivery[];
  /** Mails that left towards customers, oldest first. */
  readonly mail: OutgoingMail[];
  readonly requests: RecordedRequest[];
  /** Replies whose mail has not left yet: thread id → when they can no longer be undone. */
  readonly pendingSends: Map<number, { sentAt: number; cancel: () => void }>;
  readonly ids: Record<
    'conversation' | 'thread' | 'customer' | 'email' | 'tag' | 'attachment' | 'webhook',
    number
  >;
  /** Counts changes, so that a page can tell whether it is still current. */
  readonly revision: { value: number };
  readonly deliverWebhook: (delivery: WebhookDelivery) => number | Promise<number>;
  readonly deliverToCustomer: (mail: OutgoingMail) => void;
};

/** The next id of a kind; ids are deterministic. */
export function nextId(desk: DeskState, kind: keyof DeskState['ids']): number {
  desk.ids[kind] += 1;
  return desk.ids[kind];
}

export const nowOf = (desk: DeskState): string => toSeconds(desk.clock.now());

/** Keeps the newest `limit` items. */
export function pushBounded<Item>(list: Item[], item: Item, limit: number): void {
  list.push(item);
  if (list.length > limit) {
    list.shift();
  }
}

/** FreeScout's undo time, before the delay factor. */
export const undoMilliseconds = 15_000;

export const scaled = (desk: DeskState, milliseconds: number): number => milliseconds * desk.delayFactor;
