import { type Context, Hono } from 'hono';
import { LinearRouter } from 'hono/router/linear-router';
import { DeskError, type Draft } from '#infra/standins/freescout/agent.ts';
import { type CustomerSide, htmlOfText } from '#infra/standins/freescout/customerSide.ts';
import type { HelpDesk } from '#infra/standins/freescout/model.ts';
import { sanitizeEmail } from '#infra/standins/freescout/phpText.ts';
import { attachmentPath } from '#infra/standins/freescout/presentation.ts';
import { conversationStatuses } from '#infra/standins/freescout/records.ts';
import { script } from './script.ts';
import { style } from './style.ts';
import {
  conversationView,
  examples,
  type Folder,
  folders,
  layout,
  listView,
  type Message,
  missingView,
  newMailView,
} from './views.ts';

/** What a redirect may say; only the key travels in the address. */
const notices: Readonly<Record<string, string>> = {
  saved: 'The draft is saved. It is now yours: nothing will change it.',
  unchanged: 'Nothing was changed.',
  discarded: 'The draft is discarded.',
  undone: 'Sending was undone. The reply is a draft again.',
  noted: 'The note is added.',
  mailed: 'The mail is on its way through Gmail. It appears here in a few seconds.',
};

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

type Form = Readonly<Record<string, string>>;

/**
 * The agent's and the customer's screens. Every action is a plain form post, so tests and scripts can drive them:
 * a browser gets a redirect, a caller that accepts JSON gets `{"threadId": …}` or, when refused, 409 with `{"message": …}`.
 */
export function createDeskPage(desk: HelpDesk, customers: CustomerSide, agentId: number) {
  const app = new Hono({ router: new LinearRouter() });

  app.use('*', async (context, next) => {
    const from = context.req.header('sec-fetch-site');
    if (context.req.method === 'POST' && from !== undefined && from !== 'same-origin' && from !== 'none') {
      return context.text('Forms of other sites are not taken.', 403);
    }
    await next();
    context.res.headers.set('Content-Security-Policy', policy);
    context.res.headers.set('X-Content-Type-Options', 'nosniff');
    context.res.headers.set('Referrer-Policy', 'no-referrer');
    return undefined;
  });

  const messageOf = (context: Context): Message => {
    const problem = context.req.query('problem');
    if (problem) {
      return { kind: 'problem', text: problem };
    }
    const text = notices[context.req.query('notice') ?? ''];
    return text === undefined ? null : { kind: 'notice', text };
  };

  app.get('/desk/style.css', (context) =>
    context.body(style, 200, { 'Content-Type': 'text/css; charset=utf-8' }),
  );
  app.get('/desk/script.js', (context) =>
    context.body(script, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }),
  );
  app.get('/desk/icon.svg', (context) =>
    context.body(
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 26 26"><rect width="26" height="26" rx="8" fill="#4353d8"/></svg>',
      200,
      { 'Content-Type': 'image/svg+xml' },
    ),
  );
  app.get('/desk/revision', (context) => context.text(String(desk.revision.value)));

  app.get('/', (context) => {
    const show = context.req.query('show');
    const folder: Folder = folders.find((name) => name === show) ?? 'open';
    return context.html(
      layout(desk, {
        title: 'Support desk',
        agentId,
        message: messageOf(context),
        content: listView(desk, folder),
      }),
    );
  });

  // The first is FreeScout's own address, which alerts and commands name.
  app.on('GET', ['/conversation/:id', '/conversations/:id'], (context) => {
    const conversation = desk.conversations.get(Number(context.req.param('id')));
    if (conversation === undefined) {
      return context.html(
        layout(desk, { title: 'Not found', agentId, message: null, content: missingView }),
        404,
      );
    }
    const editing = Number(context.req.query('edit')) || null;
    const content = conversationView(desk, customers, { conversation, editing, agentId });
    const title = `${conversation.subject || '(no subject)'} · Support desk`;
    return context.html(layout(desk, { title, agentId, message: messageOf(context), content }));
  });

  app.get('/customer-mails/new', (context) => {
    const name = context.req.query('example');
    const example = Object.entries(examples).find(([key]) => key === name)?.[1] ?? null;
    const content = newMailView(desk, example);
    return context.html(
      layout(desk, { title: 'Write as a customer', agentId, message: messageOf(context), content }),
    );
  });

  app.get('/storage/attachment/:id/:name', (context) => {
    const id = Number(context.req.param('id'));
    const attachment = [...desk.threads.values()]
      .flatMap((thread) => thread.attachments)
      .find((file) => file.id === id);
    const token =
      attachment && new URL(attachmentPath(desk, attachment), 'http://x').searchParams.get('token');
    if (attachment === undefined || token !== context.req.query('token')) {
      return context.notFound();
    }
    return context.body(new Uint8Array(attachment.data), 200, {
      'Content-Type': attachment.mimeType,
      'Content-Disposition': 'attachment',
    });
  });

  /** Runs an action of a form and answers in the caller's way. */
  const action = (
    path: string,
    run: (form: Form, ids: { conversationId: number; threadId: number }) => Answer | Promise<Answer>,
  ) =>
    app.post(path, async (context) => {
      const ids = {
        conversationId: Number(context.req.param('id')),
        threadId: Number(context.req.param('threadId')),
      };
      const wantsJson = context.req.header('accept')?.includes('json') ?? false;
      const page = ids.conversationId > 0 ? `/conversations/${ids.conversationId}` : '/';
      try {
        const { notice, anchor, ...result } = await run(await formOf(context), ids);
        if (wantsJson) {
          return context.json(result);
        }
        return context.redirect(
          `${page}${notice ? `?notice=${notice}` : ''}${anchor ? `#thread-${anchor}` : ''}`,
          303,
        );
      } catch (error) {
        if (!(error instanceof DeskError)) {
          throw error;
        }
        if (wantsJson) {
          return context.json({ message: error.message }, 409);
        }
        return context.redirect(`${page}?problem=${encodeURIComponent(error.message)}`, 303);
      }
    });

  const replyOf = (form: Form) => ({
    user: userOf(form),
    ...(form.body === undefined ? {} : { body: form.body }),
    ...(form.cc === undefined ? {} : { cc: form.cc.split(',') }),
    ...statusIn(form),
  });
  const userOf = (form: Form): number => Number(form.user) || agentId;
  const draftPath = '/conversations/:id/drafts/:threadId';

  action(`${draftPath}/open`, (form, draft) => {
    desk.agent.openDraft(draft, userOf(form));
    return { threadId: draft.threadId };
  });
  action(`${draftPath}/save`, (form, draft) => {
    const isUnchanged = leavesAsItIs(desk, draft, form);
    if (!isUnchanged) {
      desk.agent.saveDraft(draft, { ...replyOf(form), body: form.body ?? '' });
    }
    const notice = isUnchanged ? 'unchanged' : 'saved';
    return { threadId: draft.threadId, notice, anchor: draft.threadId };
  });
  action(`${draftPath}/send`, (form, draft) => {
    const { id } = desk.agent.sendDraft(draft, replyOf(form));
    return { threadId: id, anchor: id };
  });
  action(`${draftPath}/undo`, (form, draft) => {
    desk.agent.undoSend(draft, userOf(form));
    return { threadId: draft.threadId, notice: 'undone', anchor: draft.threadId };
  });
  action(`${draftPath}/discard`, (_form, draft) => {
    desk.agent.discardDraft(draft);
    return { threadId: draft.threadId, notice: 'discarded' };
  });
  action('/conversations/:id/drafts', (form, { conversationId }) => {
    const { id } = desk.agent.writeDraft(conversationId, { ...replyOf(form), body: bodyOf(form) });
    return { threadId: id, anchor: id };
  });
  action('/conversations/:id/replies', (form, { conversationId }) => {
    const { id } = desk.agent.reply(conversationId, { ...replyOf(form), body: bodyOf(form) });
    return { threadId: id, anchor: id };
  });
  action('/conversations/:id/notes', (form, { conversationId }) => {
    const { id } = desk.agent.addNote(conversationId, { user: userOf(form), body: bodyOf(form) });
    return { threadId: id, notice: 'noted', anchor: id };
  });
  action('/conversations/:id/status', (form, { conversationId }) => {
    const { status } = statusIn(form);
    if (status === undefined) {
      throw new DeskError('Incorrect status');
    }
    desk.agent.setStatus(conversationId, status, userOf(form));
    return {};
  });
  action('/conversations/:id/assign', (form, { conversationId }) => {
    desk.agent.assign(conversationId, Number(form.assignee) || null, userOf(form));
    return {};
  });
  action('/conversations/:id/trash', (form, { conversationId }) => {
    desk.agent.trash(conversationId, userOf(form));
    return {};
  });
  action('/conversations/:id/restore', (form, { conversationId }) => {
    desk.agent.restore(conversationId, userOf(form));
    return {};
  });
  action('/conversations/:id/merge', (form, { conversationId }) => {
    desk.agent.merge(conversationId, Number(form.source), userOf(form));
    return {};
  });

  action('/conversations/:id/customer-reply', async (form, { conversationId }) => {
    const conversation = desk.conversations.get(conversationId);
    if (conversation === undefined) {
      throw new DeskError('Conversation not found');
    }
    const { messageId } = await customers.answer(conversation, textOf(form));
    return { messageId, notice: 'mailed' };
  });
  action('/customer-mails', async (form) => {
    const email = sanitizeEmail(form.email);
    if (email === null) {
      throw new DeskError('The customer needs an e-mail address.');
    }
    const { messageId } = await customers.writeNew({
      name: form.name ?? '',
      email,
      to: form.to ?? [...desk.mailboxes.values()][0]?.email ?? '',
      subject: form.subject ?? '',
      text: textOf(form),
      cc: (form.cc ?? '')
        .split(',')
        .map(sanitizeEmail)
        .filter((address) => address !== null),
    });
    return { messageId, notice: 'mailed' };
  });

  return app;
}

type Answer = { threadId?: number; messageId?: string; notice?: string; anchor?: number };

/** The fields as they were sent; line ends that a browser turned into CRLF on the way are turned back. */
async function formOf(context: Context): Promise<Form> {
  const fields = Object.entries(await context.req.parseBody()).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const fromBrowser = fields.some(([key]) => key === 'lineEnds');
  return Object.fromEntries(
    fields.map(([key, value]) => [key, fromBrowser ? value.replaceAll('\r\n', '\n') : value]),
  );
}

function textOf(form: Form): string {
  const text = (form.text ?? '').replaceAll('\r\n', '\n').trim();
  if (text === '') {
    throw new DeskError('The text is empty.');
  }
  return text;
}

/** Whether a form leaves a draft as it is that nobody has edited. Line ends are the browser's. */
function leavesAsItIs(desk: HelpDesk, { conversationId, threadId }: Draft, { body = '', cc }: Form): boolean {
  const draft = desk.threads.get(threadId);
  const plain = (html: string) => html.replaceAll('\r\n', '\n');
  return (
    draft?.state === 'draft' &&
    draft.conversationId === conversationId &&
    draft.editedByUserId === null &&
    cc === undefined &&
    plain(draft.body ?? '') === plain(body)
  );
}

/** HTML as given in `body`, or made of the plain `text`. */
const bodyOf = (form: Form): string => form.body ?? htmlOfText(textOf(form));

const statusIn = (form: Form) => {
  const status = conversationStatuses.find((word) => word === form.status);
  return status === undefined ? {} : { status };
};
