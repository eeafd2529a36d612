import { type AgentActions, agentActions } from './agent.ts';
import { type Clock, machineClock, toSeconds } from './clock.ts';
import type { DeskState, Switches } from './deskState.ts';
import { createFaults } from './faults.ts';
import type {
  CustomFieldRecord,
  MailboxRecord,
  OutgoingMail,
  UserRecord,
  WebhookDelivery,
} from './records.ts';

export type HelpDeskOptions = {
  clock?: Clock;
  switches?: Partial<Switches>;
  webhookSecret?: string;
  /** Multiplies FreeScout's delays (15 s undo, 12 s autosave, 1 s queue worker, webhook repeats); 1 when absent. */
  delayFactor?: number;
  /** Bodies above this many bytes are answered 413; 8 MB when absent, PHP's default. */
  maxBodyBytes?: number;
  mailboxes?: readonly (Pick<MailboxRecord, 'id' | 'name' | 'email'> & { signature?: string })[];
  users?: readonly Omit<UserRecord, 'createdAt'>[];
  customFields?: readonly CustomFieldRecord[];
  /** Receives a reply that leaves towards a customer. */
  deliverToCustomer?: (mail: OutgoingMail) => void;
  /** Delivers a webhook and tells the HTTP status, 0 for none. A plain number settles it at once. */
  deliverWebhook?: (delivery: WebhookDelivery) => number | Promise<number>;
};

/** The stand-in help desk: its rows, its switches, and what an agent can do. */
export type HelpDesk = DeskState & { readonly agent: AgentActions };

/** The human agent of a new help desk. */
export const defaultAgent = 1;
/** The user that stands for the bot in a new help desk. */
export const defaultBot = 2;

const defaultUsers: readonly Omit<UserRecord, 'createdAt'>[] = [
  { id: defaultAgent, firstName: 'Ada', lastName: 'Admin', email: 'admin@example.com', role: 'admin' },
  { id: defaultBot, firstName: 'Bot', lastName: 'Assistant', email: 'bot@example.com', role: 'user' },
];

const defaultMailboxes = [{ id: 1, name: 'Support', email: 'support@example.com' }];

/**
 * A help desk in memory that behaves like FreeScout 1.8.235 with API & Webhooks 1.0.87.
 *
 * It has no timers of its own: time and delays come from `clock`, so a simulation can drive them.
 */
export function createHelpDesk(options: HelpDeskOptions = {}): HelpDesk {
  const clock = options.clock ?? machineClock;
  const createdAt = toSeconds(clock.now());
  const desk: DeskState = {
    clock,
    switches: {
      companionModule: false,
      oldModule: false,
      newestIdFirst: false,
      tagsModule: true,
      customFieldsModule: true,
      webhookList: false,
      ...options.switches,
    },
    faults: createFaults(clock),
    webhookSecret: options.webhookSecret ?? 'stand-in-webhook-secret',
    delayFactor: options.delayFactor ?? 1,
    maxBodyBytes: options.maxBodyBytes ?? 8 * 1024 * 1024,
    appKey: 'stand-in-app-key',
    publicUrl: { value: 'http://freescout.invalid' },
    conversations: new Map(),
    threads: new Map(),
    threadsOf: new Map(),
    customers: new Map(),
    users: new Map((options.users ?? defaultUsers).map((user) => [user.id, { ...user, createdAt }])),
    mailboxes: new Map(
      (options.mailboxes ?? defaultMailboxes).map((mailbox) => [
        mailbox.id,
        { signature: '', ...mailbox, createdAt },
      ]),
    ),
    tags: new Map(),
    tagsOf: new Map(),
    customFields: new Map((options.customFields ?? []).map((field) => [field.id, field])),
    customFieldValues: new Map(),
    webhooks: new Map(),
    deliveries: [],
    mail: [],
    requests: [],
    pendingSends: new Map(),
    ids: { conversation: 0, thread: 0, customer: 0, email: 0, tag: 0, attachment: 0, webhook: 0 },
    revision: { value: 0 },
    deliverWebhook: options.deliverWebhook ?? (() => 200),
    deliverToCustomer: options.deliverToCustomer ?? (() => {}),
  };
  return { ...desk, agent: agentActions(desk) };
}
