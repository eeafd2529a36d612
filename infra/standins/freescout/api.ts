import { type Context, Hono } from 'hono';
import { LinearRouter } from 'hono/router/linear-router';
import {
  type Circumstances,
  createConversation,
  createThread,
  type Input,
  missing,
  replaceTags,
  setCustomFields,
  updateConversation,
} from './apiWrites.ts';
import {
  changeableDraft,
  changeProblems,
  companionVersion,
  draftVersion,
  listDrafts,
  moduleRefusal,
  replaceDraft,
} from './companionDrafts.ts';
import { deleteForever, folderIdOf, removeThread } from './conversations.ts';
import { createCustomer, isRefusal, type Refusal, updateCustomer } from './customers.ts';
import { type DeskState, nowOf, pushBounded } from './deskState.ts';
import type { FaultKind } from './faults.ts';
import { filterConversations, pageOf } from './listing.ts';
import { isEmpty, isRecord, laravelInput, phpJson } from './phpText.ts';
import {
  presentConversation,
  presentCustomer,
  presentCustomField,
  presentMailbox,
  presentTag,
  presentThread,
  presentUser,
  tagsOf,
} from './presentation.ts';
import { registerWebhook } from './webhooks.ts';

export type ApiOptions = {
  /** The instance's only key, with full power. */
  apiKey: string;
  /** How many requests are kept for assertions; 1000 when absent. */
  keptRequests?: number;
};

const commonHeaders = {
  'Cache-Control': 'max-age=0, must-revalidate, no-cache, no-store, private',
  'X-Content-Type-Options': 'nosniff',
};

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(phpJson(body), {
    status,
    headers: { ...commonHeaders, 'Content-Type': 'application/json', ...headers },
  });

/** PHP's answer without a body, content type and all. */
const noContent = (): Response =>
  new Response(null, {
    status: 204,
    headers: { ...commonHeaders, 'Content-type': 'text/html; charset=UTF-8' },
  });

const errorBody = (message: string, errors: readonly Refusal[] = []) => ({
  message,
  _embedded: { errors: errors.map(({ path, message: text }) => ({ path, message: text, source: 'JSON' })) },
});

const notFound = (): Response => json(404, errorBody('Not Found'));
const refused = (refusal: Refusal): Response => json(400, errorBody('Error occurred', [refusal]));
const moduleMissing = (name: string): Response =>
  json(400, errorBody(`${name} module is not installed or not activated`));

const htmlPage = (title: string): string =>
  `<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>${title}</title></head>\n` +
  `<body><div class="container"><h1>Whoops, looks like something went wrong.</h1></div></body>\n</html>\n`;

const htmlAnswer = (status: number, title: string): Response =>
  new Response(htmlPage(title), {
    status,
    headers: { ...commonHeaders, 'Content-type': 'text/html; charset=UTF-8' },
  });

/** A failure of the framework itself: JSON with a debug trace for who accepts JSON, else an HTML page. */
function frameworkError(
  request: Request,
  status: number,
  exception: string,
  headers: Record<string, string> = {},
) {
  if (!request.headers.get('accept')?.includes('json')) {
    const answer = htmlAnswer(status, 'Error');
    for (const [name, value] of Object.entries(headers)) {
      answer.headers.set(name, value);
    }
    return answer;
  }
  const trace = [
    { file: '/overrides/laravel/RouteCollection.php', line: 255, function: '<div>methodNotAllowed</div>' },
  ];
  return json(
    status,
    { message: '', exception, file: '/overrides/laravel/RouteCollection.php', line: 255, trace },
    headers,
  );
}

const methodNotAllowed = (request: Request, allow: string): Response =>
  frameworkError(request, 405, 'Symfony\\Component\\HttpKernel\\Exception\\MethodNotAllowedHttpException', {
    Allow: allow,
  });

/** Which methods FreeScout routes at a path; anything else there, and any unknown path, is 405 before the key is looked at. */
const routeMethods: readonly [RegExp, readonly string[]][] = [
  [/^\/api\/conversations$/, ['GET', 'HEAD', 'POST']],
  [/^\/api\/conversations\/[^/]+$/, ['GET', 'HEAD', 'PUT', 'DELETE']],
  [/^\/api\/conversations\/[^/]+\/threads$/, ['POST']],
  [/^\/api\/conversations\/[^/]+\/(tags|custom_fields)$/, ['PUT']],
  [/^\/api\/conversations\/[^/]+\/timelogs$/, ['GET', 'HEAD']],
  [/^\/api\/customers$/, ['GET', 'HEAD', 'POST']],
  [/^\/api\/customers\/[^/]+$/, ['GET', 'HEAD', 'PUT']],
  [/^\/api\/users(\/[^/]+)?$/, ['GET', 'HEAD']],
  [/^\/api\/mailboxes(\/[^/]+\/(custom_fields|folders))?$/, ['GET', 'HEAD']],
  [/^\/api\/tags$/, ['GET', 'HEAD']],
  [/^\/api\/webhooks$/, ['POST']],
  [/^\/api\/webhooks\/[^/]+$/, ['DELETE']],
];
const companionMethods: readonly [RegExp, readonly string[]][] = [
  [/^\/api\/csm$/, ['GET', 'HEAD']],
  [/^\/api\/conversations\/[^/]+\/drafts$/, ['GET', 'HEAD']],
  [/^\/api\/conversations\/[^/]+\/drafts\/[^/]+$/, ['PUT', 'DELETE']],
];

const webhookListMethods: readonly [RegExp, readonly string[]][] = [
  [/^\/api\/webhooks$/, ['GET', 'HEAD', 'POST']],
];

function allowedMethods(desk: DeskState, path: string): readonly string[] {
  const routes = [
    ...(desk.switches.companionModule ? companionMethods : []),
    ...(desk.switches.webhookList ? webhookListMethods : []),
    ...routeMethods,
  ];
  return routes.find(([pattern]) => pattern.test(path))?.[1] ?? [];
}

/** A simulation, in which no two requests are in here at once, tells by it how long a request was on its way. */
export const latestCustomerHeader = 'x-stand-in-latest-customer';

type Variables = { input: Input; circumstances: Circumstances };
type ApiContext = Context<{ Variables: Variables }>;

/**
 * FreeScout's `/api` over a help desk, as a Hono app: serve it, or call `app.fetch(request)` in process.
 * Every request is kept in `desk.requests`.
 */
export function createFreeScoutApp(desk: DeskState, options: ApiOptions) {
  const app = new Hono<{ Variables: Variables }>({ router: new LinearRouter() });
  const keptRequests = options.keptRequests ?? 1000;

  const conversationOf = (context: ApiContext) => desk.conversations.get(Number(context.req.param('id')));
  app.onError((_error, context) => frameworkError(context.req.raw, 500, 'ErrorException'));

  const page = <Item>(
    context: ApiContext,
    name: string,
    items: readonly Item[],
    present: (item: Item) => unknown,
  ) => json(200, pageOf(context.req.query(), name, items, present));

  app.use('/api/*', async (context, next) => {
    const request = context.req.raw;
    const latestCustomer = Number(request.headers.get(latestCustomerHeader) ?? desk.ids.customer);
    const text = request.method === 'GET' || request.method === 'HEAD' ? '' : await request.text();
    const sent = parseJson(text);
    const path = context.req.path;
    const record = {
      at: nowOf(desk),
      method: request.method,
      path,
      query: context.req.query(),
      body: sent ?? null,
      status: 0,
    };
    pushBounded(desk.requests, record, keptRequests);
    await desk.faults.pause();
    const fault = desk.faults.take(request.method, path);
    const early = fault === null ? null : await failBefore(desk, context, fault);
    if (early !== null) {
      record.status = early.status;
      return early;
    }
    const refusal = admission(context, text);
    if (refusal !== null) {
      record.status = refusal.status;
      return refusal;
    }
    const input = laravelInput(sent);
    context.set('input', isRecord(input) ? input : {});
    context.set('circumstances', { latestCustomer, breaksOff: fault === 'halfWritten' });
    await next();
    record.status = context.res.status;
    const late = fault === null ? null : await failAfter(desk, context, fault);
    if (late !== null) {
      record.status = late.status;
      // Assigning merges the old headers in, so the answer is emptied first.
      context.res = undefined;
      context.res = late;
    }
    return undefined;
  });

  const admission = (context: ApiContext, text: string): Response | null => {
    const request = context.req.raw;
    if (text.length > desk.maxBodyBytes) {
      return frameworkError(request, 413, 'Illuminate\\Http\\Exceptions\\PostTooLargeException');
    }
    const allowed = allowedMethods(desk, context.req.path);
    if (!allowed.includes(request.method)) {
      return methodNotAllowed(request, [...allowed, 'OPTIONS'].join(', '));
    }
    const key = context.req.query('api_key') ?? context.req.header('x-freescout-api-key') ?? '';
    if (key !== options.apiKey) {
      return json(401, { message: 'Not Authorized' });
    }
    return request.method === 'HEAD' ? json(405, 'Method Not Allowed') : null;
  };

  app.get('/api/conversations', (context) => {
    const embeds = embedsOf(context.req.query('embed'), false);
    return page(context, 'conversations', filterConversations(desk, context.req.query()), (conversation) =>
      presentConversation(desk, conversation, embeds),
    );
  });

  app.post('/api/conversations', (context) => {
    const result = createConversation(desk, context.get('input'), context.get('circumstances'));
    if ('refused' in result) {
      return refused(result.refused);
    }
    const { written } = result;
    return json(201, presentConversation(desk, written, { threads: true }), {
      'Resource-ID': String(written.id),
    });
  });

  app.get('/api/conversations/:id', (context) => {
    const conversation = conversationOf(context);
    if (conversation === undefined) {
      return notFound();
    }
    return json(200, presentConversation(desk, conversation, embedsOf(context.req.query('embed'), true)));
  });

  app.put('/api/conversations/:id', (context) => {
    const conversation = conversationOf(context);
    if (conversation === undefined) {
      return notFound();
    }
    const result = updateConversation(desk, conversation, context.get('input'));
    return 'refused' in result ? refused(result.refused) : noContent();
  });

  app.delete('/api/conversations/:id', (context) => {
    const conversation = conversationOf(context);
    if (conversation === undefined) {
      return notFound();
    }
    deleteForever(desk, conversation);
    return noContent();
  });

  app.post('/api/conversations/:id/threads', (context) => {
    const conversation = conversationOf(context);
    if (conversation === undefined) {
      return notFound();
    }
    const result = createThread(desk, conversation, context.get('input'), context.get('circumstances'));
    if ('refused' in result) {
      return refused(result.refused);
    }
    return json(201, presentThread(desk, result.written), { 'Resource-ID': String(result.written.id) });
  });

  app.put('/api/conversations/:id/tags', (context) => {
    if (!desk.switches.tagsModule) {
      return moduleMissing('Tags');
    }
    const conversation = conversationOf(context);
    if (conversation === undefined) {
      return notFound();
    }
    const input = context.get('input');
    const absent = missing(input, 'tags');
    if (absent !== null) {
      return refused(absent);
    }
    const tags: unknown = input.tags;
    if (!Array.isArray(tags) || tags.some((tag) => typeof tag === 'object' && tag !== null)) {
      return frameworkError(context.req.raw, 500, 'ErrorException');
    }
    replaceTags(desk, conversation.id, tags);
    return noContent();
  });

  app.put('/api/conversations/:id/custom_fields', (context) => {
    if (!desk.switches.customFieldsModule) {
      return moduleMissing('Custom Fields');
    }
    const conversation = conversationOf(context);
    if (conversation === undefined) {
      return notFound();
    }
    const absent = missing(context.get('input'), 'customFields');
    if (absent !== null) {
      return refused(absent);
    }
    setCustomFields(desk, conversation.id, context.get('input').customFields);
    return noContent();
  });

  app.get('/api/conversations/:id/timelogs', () => moduleMissing('Time Tracking'));

  app.get('/api/customers', (context) => {
    const { email, firstName, lastName } = context.req.query();
    const found = [...desk.customers.values()].filter(
      (customer) =>
        (!email || customer.emails.some(({ value }) => value.toLowerCase() === email.toLowerCase())) &&
        (!firstName || customer.firstName === firstName) &&
        (!lastName || customer.lastName === lastName),
    );
    return page(context, 'customers', found.toReversed(), presentCustomer);
  });

  app.post('/api/customers', (context) => {
    const customer = createCustomer(desk, context.get('input'));
    if (isRefusal(customer)) {
      return refused(customer);
    }
    return json(201, presentCustomer(customer), { 'Resource-ID': String(customer.id) });
  });

  app.get('/api/customers/:id', (context) => {
    const customer = desk.customers.get(Number(context.req.param('id')));
    return customer === undefined ? notFound() : json(200, presentCustomer(customer));
  });

  app.put('/api/customers/:id', (context) => {
    const customer = desk.customers.get(Number(context.req.param('id')));
    if (customer === undefined) {
      return notFound();
    }
    updateCustomer(desk, customer, context.get('input'));
    return noContent();
  });

  app.get('/api/users', (context) => {
    const { email } = context.req.query();
    const users = [...desk.users.values()].filter((user) => !email || user.email === email);
    return page(
      context,
      'users',
      users.toSorted((a, b) => b.id - a.id),
      presentUser,
    );
  });

  app.get('/api/users/:id', (context) => {
    const user = desk.users.get(Number(context.req.param('id')));
    return user === undefined ? notFound() : json(200, presentUser(user));
  });

  // FreeScout takes the id of no user as if none was given.
  app.get('/api/mailboxes', (context) => {
    const user = desk.users.get(Number(context.req.query('userId')));
    const access = user?.role === 'admin' ? undefined : user?.mailboxIds;
    const mailboxes = [...desk.mailboxes.values()].filter(({ id }) => access?.includes(id) ?? true);
    return page(context, 'mailboxes', mailboxes, presentMailbox);
  });

  app.get('/api/mailboxes/:id/custom_fields', (context) => {
    const id = Number(context.req.param('id'));
    if (!desk.mailboxes.has(id)) {
      return notFound();
    }
    if (!desk.switches.customFieldsModule) {
      return moduleMissing('Custom Fields');
    }
    const fields = [...desk.customFields.values()].filter(({ mailboxId }) => mailboxId === id);
    return page(context, 'custom_fields', fields, presentCustomField);
  });

  app.get('/api/mailboxes/:id/folders', (context) => {
    const id = Number(context.req.param('id'));
    if (!desk.mailboxes.has(id)) {
      return notFound();
    }
    return page(context, 'folders', presentFolders(desk, id), (folder) => folder);
  });

  app.get('/api/tags', (context) => {
    if (!desk.switches.tagsModule) {
      return moduleMissing('Tags');
    }
    const { conversationId } = context.req.query();
    const tags = conversationId ? tagsOf(desk, Number(conversationId)) : [...desk.tags.values()];
    return page(context, 'tags', tags, presentTag);
  });

  app.post('/api/webhooks', (context) => {
    const input = context.get('input');
    const absent = missing(input, 'url', 'events');
    if (absent !== null) {
      return refused(absent);
    }
    const events: unknown = input.events;
    const names = Array.isArray(events) ? events.map(String) : String(events ?? '').split(',');
    const webhook = isEmpty(input.url) ? null : registerWebhook(desk, String(input.url), names);
    if (webhook === null) {
      return json(400, errorBody('Error occurred'));
    }
    return json(
      201,
      { ...webhook, lastRunTime: null, lastRunError: '' },
      { 'Resource-ID': String(webhook.id) },
    );
  });

  app.get('/api/webhooks', (context) =>
    page(context, 'webhooks', [...desk.webhooks.values()], (webhook) => ({
      ...webhook,
      lastRunTime: null,
      lastRunError: '',
    })),
  );

  app.delete('/api/webhooks/:id', (context) =>
    desk.webhooks.delete(Number(context.req.param('id'))) ? noContent() : notFound(),
  );

  app.get('/api/csm', () => json(200, { module: 'CsmDrafts', version: companionVersion }));

  app.get('/api/conversations/:id/drafts', (context) => {
    const conversation = conversationOf(context);
    if (conversation === undefined) {
      const { status, body } = moduleRefusal(404, 'Not Found');
      return json(status, body);
    }
    return json(200, { _embedded: { drafts: listDrafts(desk, conversation.id) } });
  });

  /** Query and body are one to PHP, so a DELETE may carry its parameters in either. */
  const draftChange = (context: ApiContext, withText: boolean) => {
    const input = { ...context.req.query(), ...context.get('input') };
    const problems = changeProblems(input, withText);
    const draft =
      problems.length > 0
        ? moduleRefusal(400, 'Error occurred', problems)
        : changeableDraft(
            desk,
            Number(context.req.param('id')),
            Number(context.req.param('threadId')),
            input,
          );
    return { input, draft };
  };

  app.put('/api/conversations/:id/drafts/:threadId', (context) => {
    const { input, draft } = draftChange(context, true);
    if (!('id' in draft)) {
      return json(draft.status, draft.body);
    }
    replaceDraft(desk, draft, String(input.text), input.cc);
    const answer = noContent();
    answer.headers.set('X-CSM-Draft-Version', draftVersion(draft));
    return answer;
  });

  app.delete('/api/conversations/:id/drafts/:threadId', (context) => {
    const { draft } = draftChange(context, false);
    if (!('id' in draft)) {
      return json(draft.status, draft.body);
    }
    removeThread(desk, draft);
    return noContent();
  });

  return app;
}

function parseJson(text: string): unknown {
  if (text === '') {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `embed` switches threads off unless it names them; without it one conversation has them and a list has none. */
function embedsOf(embed: string | undefined, threadsByDefault: boolean) {
  if (!embed) {
    return { threads: threadsByDefault };
  }
  const names = embed.split(',');
  return { threads: names.includes('threads'), tags: names.includes('tags') };
}

function presentFolders(desk: DeskState, mailboxId: number) {
  const types = { unassigned: 1, drafts: 30, assigned: 40, closed: 60, deleted: 70, spam: 80 } as const;
  const kinds = ['unassigned', 'drafts', 'assigned', 'closed', 'deleted', 'spam'] as const;
  return kinds.map((kind) => {
    const id = folderIdOf(mailboxId, kind);
    const inside = [...desk.conversations.values()].filter(({ folderId }) => folderId === id);
    return {
      id,
      name: `${kind[0]?.toUpperCase() ?? ''}${kind.slice(1)}`,
      type: types[kind],
      userId: null,
      totalCount: inside.length,
      activeCount: inside.filter(({ status }) => status === 'active').length,
      meta: null,
    };
  });
}

/** No answer until the caller gives up, at the latest FreeScout's own gateway timeout of 60 s. */
function neverAnswered(desk: DeskState, request: Request): Promise<Response> {
  return new Promise((resolve) => {
    const gatewayTimeout = () => resolve(htmlAnswer(504, '504 Gateway Time-out'));
    if (request.signal.aborted) {
      gatewayTimeout();
    }
    const cancel = desk.clock.setTimer(60_000, gatewayTimeout);
    request.signal.addEventListener('abort', () => {
      cancel();
      gatewayTimeout();
    });
  });
}

async function failBefore(desk: DeskState, context: Context, fault: FaultKind): Promise<Response | null> {
  if (typeof fault === 'number') {
    const answer = frameworkError(
      context.req.raw,
      fault,
      'Symfony\\Component\\HttpKernel\\Exception\\HttpException',
    );
    if (fault === 429 || fault === 503) {
      answer.headers.set('Retry-After', '1');
    }
    return answer;
  }
  if (fault === 'html') {
    return htmlAnswer(200, 'Checking your browser');
  }
  if (fault === 'timeout') {
    return neverAnswered(desk, context.req.raw);
  }
  if (fault === 'reset') {
    return breakConnection(context);
  }
  return null;
}

async function failAfter(desk: DeskState, context: Context, fault: FaultKind): Promise<Response | null> {
  if (fault === 'afterWrite5xx') {
    return htmlAnswer(500, 'Server Error');
  }
  if (fault === 'afterWriteTimeout') {
    return neverAnswered(desk, context.req.raw);
  }
  if (fault === 'noResourceId') {
    return new Response('', { status: 200, headers: { 'Content-type': 'text/html; charset=UTF-8' } });
  }
  return null;
}

/** Ends the socket under a real server. In process there is none to end, so a gateway's 502 stands for it. */
function breakConnection(context: Context): Response {
  const env: unknown = context.env;
  const incoming = isRecord(env) ? env.incoming : undefined;
  const socket = isRecord(incoming) ? incoming.socket : undefined;
  if (isRecord(socket) && typeof socket.destroy === 'function') {
    socket.destroy();
  }
  return htmlAnswer(502, 'Bad Gateway');
}
