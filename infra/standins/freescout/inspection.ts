import { Hono } from 'hono';
import type { DeskState } from './deskState.ts';
import { presentConversation, presentPerson, presentThread, sortedThreads, tagsOf } from './presentation.ts';
import type { ConversationRecord } from './records.ts';

/** A conversation with every thread, drafts included, which FreeScout never shows. Tests read it; the product does not. */
function inspectConversation(desk: DeskState, conversation: ConversationRecord) {
  const threads = sortedThreads(desk, conversation.id);
  return {
    ...presentConversation(desk, conversation, { tags: true }),
    customerEmail: conversation.customerEmail,
    tags: tagsOf(desk, conversation.id).map(({ name }) => name),
    draftCount: threads.filter(({ state }) => state === 'draft').length,
    threads: threads.map((thread) => ({
      ...presentThread(desk, thread),
      imported: thread.imported,
      messageId: thread.messageId,
      editedBy: presentPerson(desk, thread.editedByUserId),
      editedAt: thread.editedAt,
    })),
  };
}

/** `/inspect/…`: everything that the stand-in holds, as JSON. */
export function createInspectionApp(desk: DeskState) {
  const app = new Hono();
  app.get('/inspect/conversations', (context) =>
    context.json(
      [...desk.conversations.values()].map((conversation) => inspectConversation(desk, conversation)),
    ),
  );
  app.get('/inspect/conversations/:id', (context) => {
    const conversation = desk.conversations.get(Number(context.req.param('id')));
    return conversation === undefined
      ? context.json({ message: 'Not Found' }, 404)
      : context.json(inspectConversation(desk, conversation));
  });
  app.get('/inspect/mail', (context) => context.json(desk.mail));
  app.get('/inspect/requests', (context) => context.json(desk.requests));
  app.get('/inspect/webhooks', (context) =>
    context.json({ registered: [...desk.webhooks.values()], deliveries: desk.deliveries }),
  );
  return app;
}
