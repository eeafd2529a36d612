import * as z from 'zod';
import { companionCalls } from './companionModule.ts';
import type { ConversationPage, ConversationQuery } from './conversationReader.ts';
import {
  type ConversationBody,
  type ConversationChange,
  conversationBody,
  customerThreadBody,
  draftBody,
  instantOf,
  noteBody,
  proofConversationBody,
  type ThreadBody,
} from './freescoutBodies.ts';
import { type FreeScoutClient, FreeScoutFailure } from './freescoutClient.ts';
import { failureOfAnswer, failureOfUnusableAnswer, isTooMuchAtOnce } from './freescoutFailures.ts';
import {
  createFreeScoutRequests,
  type FreeScoutAnswer,
  type FreeScoutCall,
  type FreeScoutConnection,
} from './freescoutRequest.ts';
import { type Conversation, conversationSchemaFor } from './model.ts';

export interface FreeScoutClientOptions extends FreeScoutConnection {
  /** FreeScout user in whose name notes and drafts are written. */
  readonly botUserId: number;
}

const pageSchema = z.object({ totalPages: z.int().min(0) });

const mailboxSchema = z.object({ id: z.int(), name: z.string(), email: z.string() });
const mailboxPageSchema = z.object({
  _embedded: z.object({ mailboxes: z.array(mailboxSchema) }),
  page: pageSchema,
});

const userPageSchema = z.object({
  _embedded: z.object({
    users: z.array(
      z.object({
        id: z.int(),
        firstName: z.string().nullish(),
        lastName: z.string().nullish(),
        email: z.string(),
      }),
    ),
  }),
  page: pageSchema,
});

const webhookListSchema = z.object({
  _embedded: z.object({
    webhooks: z.array(
      z.object({
        id: z.int(),
        url: z.string(),
        events: z.union([z.array(z.string()), z.string().transform((names) => names.split(','))]),
      }),
    ),
  }),
});

/** PHP writes options whose ids count up from 0 as a list. A dropdown without options has null or an empty text there. */
const customFieldSchema = z
  .object({ id: z.int(), type: z.unknown(), options: z.unknown() })
  .transform(({ id, type, options }) => ({
    id,
    options:
      type !== 'dropdown'
        ? null
        : typeof options === 'object' && options !== null
          ? Object.keys(options)
          : [],
  }));

const customFieldListSchema = z.object({
  _embedded: z.object({ custom_fields: z.array(customFieldSchema) }),
});

const createdCustomerSchema = z.object({ customer: z.object({ email: z.literal(['', null]) }) });

const createdConversationSchema = z.object({
  _embedded: z.object({ threads: z.array(z.object({ id: z.int().positive() })).min(1) }),
});

/**
 * One customer for all trials: FreeScout makes one for every new number, and keeps it. Another number is taken when people gave that
 * customer an address.
 */
const phoneOfProofs = '000735928140662';

const createdProofSchema = z.object({
  customer: z.object({ email: z.string().nullish() }),
});

const createdThreadSchema = z.object({ state: z.string() });

const moduleAbsentSchema = z.object({ message: z.string().regex(/module is not installed/i) });

/** FreeScout's own when a call names none. */
const usualPageSize = 50;

/** Mailboxes and users fit into a few pages; a server that always promises one more is not followed for ever. */
const mostPages = 20;

/**
 * FreeScout over HTTP, by its official "API & Webhooks" module (1.0.87 was checked).
 *
 * The literal types of the bodies in `freescoutBodies.ts` are what keeps anything from being published.
 */
export function createFreeScoutClient(options: FreeScoutClientOptions): FreeScoutClient {
  const { botUserId, clock } = options;
  const conversationSchema = conversationSchemaFor(botUserId);
  const conversationPageSchema = z.object({
    _embedded: z.object({ conversations: z.array(conversationSchema) }),
    page: pageSchema,
  });
  const send = createFreeScoutRequests(options);
  const proofConversations = new Set<number>();

  async function read<Schema extends z.ZodType>(
    call: FreeScoutCall,
    schema: Schema,
  ): Promise<z.output<Schema>> {
    return parseAnswer(call, await send(call), schema);
  }

  async function readAllPages<Page extends { readonly page: { readonly totalPages: number } }>(
    route: '/mailboxes' | '/users',
    schema: z.ZodType<Page>,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<readonly Page[]> {
    const pages: Page[] = [];
    let totalPages = 1;
    for (let page = 1; page <= Math.min(totalPages, mostPages); page += 1) {
      const query = new URLSearchParams({ page: String(page), pageSize: '50', ...parameters });
      const answer = await read({ method: 'GET', route, query }, schema);
      totalPages = answer.page.totalPages;
      pages.push(answer);
    }
    return pages;
  }

  async function write(
    route: '/conversations',
    body: ConversationBody,
  ): Promise<FreeScoutAnswer & { readonly resourceId: number }>;
  async function write(
    route: '/conversations/{conversation}/threads',
    body: ThreadBody,
    conversationId: number,
  ): Promise<FreeScoutAnswer & { readonly resourceId: number }>;
  async function write(route: string, body: ConversationBody | ThreadBody, conversationId?: number) {
    const call: FreeScoutCall = {
      method: 'POST',
      route,
      body,
      ...(conversationId === undefined ? {} : { ids: { conversation: conversationId } }),
    };
    const answer = await send(call);
    if (answer.resourceId === null) {
      throw failureOfUnusableAnswer(call, answer.status, 'without Resource-ID');
    }
    return { ...answer, resourceId: answer.resourceId };
  }

  async function change(conversationId: number, what: ConversationChange): Promise<void> {
    await send({
      method: 'PUT',
      route: '/conversations/{conversation}',
      ids: { conversation: conversationId },
      body: { byUser: botUserId, ...what },
    });
  }

  /** The Tags and the Custom Fields modules answer 400 with a sentence, and no faulty parameter, when they are absent. */
  async function putForModule(call: FreeScoutCall): Promise<'done' | 'module-absent'> {
    const answer = await send({ ...call, expected: [400] });
    if (answer.status !== 400) {
      return 'done';
    }
    if (moduleAbsentSchema.safeParse(answer.json).success) {
      return 'module-absent';
    }
    throw failureOfAnswer(call, answer.status, answer.json, null);
  }

  /** What a module that may be absent lists; null: the API is too old to know the route. */
  async function listOfModule<Schema extends z.ZodType>(
    call: FreeScoutCall,
    schema: Schema,
  ): Promise<z.output<Schema> | 'module-absent' | null> {
    const answer = await send({ ...call, expected: [400], mayBeUnknown: true });
    if (answer.status === 404 || answer.status === 405) {
      return null;
    }
    if (answer.status !== 400) {
      return parseAnswer(call, answer, schema);
    }
    if (moduleAbsentSchema.safeParse(answer.json).success) {
      return 'module-absent';
    }
    throw failureOfAnswer(call, answer.status, answer.json, null);
  }

  /** A page that is too much at once is read in smaller ones: a few long conversations must not hide the others. */
  async function listConversations(query: ConversationQuery): Promise<ConversationPage> {
    const size = query.pageSize ?? usualPageSize;
    try {
      const page = await read(
        { method: 'GET', route: '/conversations', query: conversationParameters(query) },
        conversationPageSchema,
      );
      return { conversations: page._embedded.conversations, totalPages: page.page.totalPages };
    } catch (error) {
      if (!isTooMuchAtOnce(error) || size === 1) {
        throw error;
      }
    }
    const parts = size % 5 === 0 ? 5 : size;
    const conversations: Conversation[] = [];
    let totalParts = 0;
    for (let part = 1; part <= parts; part += 1) {
      const page = (query.page - 1) * parts + part;
      const answer = await listConversations({ ...query, page, pageSize: size / parts });
      conversations.push(...answer.conversations);
      totalParts = answer.totalPages;
      if (page >= totalParts) {
        break;
      }
    }
    return { conversations, totalPages: Math.ceil(totalParts / parts) };
  }

  async function deleteProofConversation(conversationId: number): Promise<void> {
    if (!proofConversations.has(conversationId)) {
      throw new Error(`Conversation ${conversationId} is not a trial conversation of this client; it stays.`);
    }
    await send({
      method: 'DELETE',
      route: '/conversations/{conversation}',
      ids: { conversation: conversationId },
      expected: [404],
    });
    proofConversations.delete(conversationId);
  }

  return {
    async getConversation(conversationId) {
      const call: FreeScoutCall = {
        method: 'GET',
        route: '/conversations/{conversation}',
        ids: { conversation: conversationId },
        query: new URLSearchParams({ embed: 'threads,tags' }),
        expected: [404],
      };
      const answer = await send(call);
      return answer.status === 404 ? null : parseAnswer(call, answer, conversationSchema);
    },

    listConversations,

    async createConversation(conversation) {
      const answer = await write('/conversations', conversationBody(conversation, clock.now()));
      const created = createdConversationSchema.safeParse(answer.json);
      return {
        conversationId: answer.resourceId,
        threadId: created.success ? (created.data._embedded.threads[0]?.id ?? null) : null,
        customerHasAddress:
          'phone' in conversation.customer || !createdCustomerSchema.safeParse(answer.json).success,
      };
    },

    async addCustomerMessage(conversationId, message) {
      const body = customerThreadBody(message, clock.now());
      const answer = await write('/conversations/{conversation}/threads', body, conversationId);
      return { threadId: answer.resourceId };
    },

    async addNote(conversationId, note) {
      const body = noteBody(note, botUserId, clock.now());
      const answer = await write('/conversations/{conversation}/threads', body, conversationId);
      return { threadId: answer.resourceId };
    },

    async createDraftReply(conversationId, draft) {
      const body = draftBody(draft, botUserId);
      const answer = await write('/conversations/{conversation}/threads', body, conversationId);
      const created = createdThreadSchema.safeParse(answer.json);
      return { threadId: answer.resourceId, state: created.success ? created.data.state : 'not told' };
    },

    setTags: (conversationId, tags) =>
      putForModule({
        method: 'PUT',
        route: '/conversations/{conversation}/tags',
        ids: { conversation: conversationId },
        body: { tags },
      }),

    setCustomFields: (conversationId, fields) =>
      putForModule({
        method: 'PUT',
        route: '/conversations/{conversation}/custom_fields',
        ids: { conversation: conversationId },
        body: { customFields: fields },
      }),

    assign: (conversationId, userId) => change(conversationId, { assignTo: userId }),
    reopen: (conversationId) => change(conversationId, { status: 'active' }),
    setCustomer: (conversationId, customerId) => change(conversationId, { customerId }),

    async listMailboxes(userId) {
      const query = userId === undefined ? {} : { userId: String(userId) };
      const pages = await readAllPages('/mailboxes', mailboxPageSchema, query);
      return pages.flatMap((page) => page._embedded.mailboxes);
    },

    async listUsers() {
      const pages = await readAllPages('/users', userPageSchema);
      return pages.flatMap((page) =>
        page._embedded.users.map(({ id, firstName, lastName, email }) => ({
          id,
          name: `${firstName ?? ''} ${lastName ?? ''}`.trim(),
          email,
        })),
      );
    },

    async listWebhooks() {
      const list = await listOfModule({ method: 'GET', route: '/webhooks' }, webhookListSchema);
      return list === null || list === 'module-absent' ? null : list._embedded.webhooks;
    },

    async hasTags() {
      const query = new URLSearchParams({ pageSize: '1' });
      const list = await listOfModule({ method: 'GET', route: '/tags', query }, z.unknown());
      return list === null ? null : list !== 'module-absent';
    },

    async listCustomFields(mailboxId) {
      const list = await listOfModule(
        {
          method: 'GET',
          route: '/mailboxes/{mailbox}/custom_fields',
          ids: { mailbox: mailboxId },
          query: new URLSearchParams({ pageSize: '200' }),
        },
        customFieldListSchema,
      );
      return list === null || list === 'module-absent' ? list : list._embedded.custom_fields;
    },

    async createProofConversation(mailboxId) {
      for (const phone of [phoneOfProofs, `000${Math.floor(clock.random() * 1e12)}`]) {
        const answer = await write('/conversations', proofConversationBody(mailboxId, phone));
        const conversationId = answer.resourceId;
        proofConversations.add(conversationId);
        const created = createdProofSchema.safeParse(answer.json);
        if (created.success && !created.data.customer.email) {
          return { conversationId };
        }
        await deleteProofConversation(conversationId);
      }
      throw new FreeScoutFailure(
        'freescout-error',
        'FreeScout did not show that the customer of the trial conversation has no e-mail address; the conversation was deleted again and nothing was tried. Drafts wait until this works.',
        { retryable: true, status: null, nothingWritten: true },
      );
    },

    deleteProofConversation,

    ...companionCalls(send, botUserId),
  };
}

function parseAnswer<Schema extends z.ZodType>(
  call: FreeScoutCall,
  answer: FreeScoutAnswer,
  schema: Schema,
): z.output<Schema> {
  const parsed = schema.safeParse(answer.json);
  if (!parsed.success) {
    throw failureOfUnusableAnswer(call, answer.status, 'not with what was asked for');
  }
  return parsed.data;
}

/** FreeScout ignores parameters it does not know, and lists every status and state unless told otherwise. */
function conversationParameters(query: ConversationQuery): URLSearchParams {
  const parameters = new URLSearchParams({ page: String(query.page) });
  const set = (name: string, value: string | number | undefined) => {
    if (value !== undefined && value !== '') {
      parameters.set(name, String(value));
    }
  };
  set('pageSize', query.pageSize);
  set('mailboxId', query.mailboxIds?.join(','));
  set('status', query.statuses?.join(','));
  set('state', query.state);
  set('customerEmail', query.customerEmail);
  set('customerPhone', query.customerPhone);
  set('updatedSince', query.updatedSince && instantOf(query.updatedSince));
  set('embed', query.embed?.join(','));
  set('sortField', query.sort?.field);
  set('sortOrder', query.sort?.order);
  return parameters;
}
