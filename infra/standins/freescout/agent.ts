import { asBrowserWrites } from './browserHtml.ts';
import {
  changeAssignee,
  changeStatus,
  deleteForever,
  folderOf,
  insertThread,
  type Loaded,
  load,
  merge,
  moveToMailbox,
  removeThread,
  restore,
  save,
  trash,
} from './conversations.ts';
import { type DeskState, nowOf, scaled, undoMilliseconds } from './deskState.ts';
import { queueReplyMail } from './outgoingMail.ts';
import { addressesOf, phpTrim, previewOf, sanitizeEmail, sanitizeEmails } from './phpText.ts';
import { sortedThreads } from './presentation.ts';
import {
  type AddressList,
  type ConversationRecord,
  type ConversationStatus,
  mainEmail,
  type ThreadRecord,
} from './records.ts';
import { emit } from './webhooks.ts';

/** An agent's screen was refused: what FreeScout shows in a red box. */
export class DeskError extends Error {
  override readonly name = 'DeskError';
}

export type Draft = { conversationId: number; threadId: number };
export type ReplyForm = {
  user: number;
  /** HTML from the editor. Left out for a draft: what the browser makes of the stored text. */
  body?: string;
  cc?: readonly string[];
  /** Status after sending; FreeScout's own default for a mailbox is pending. */
  status?: ConversationStatus;
  /** Null leaves the conversation unassigned; left out: to the sender, if nobody has it. */
  assignTo?: number | null;
};

/**
 * Undoing a send puts the stored JSON text of the previous reply's copies through the parser for comma-separated addresses, so
 * `["a@x","b@x"]` comes back as the addresses `[a@x` and `b@x]`.
 */
const garbledByUndo = (list: AddressList): AddressList =>
  addressesOf(list).length === 0 ? [] : sanitizeEmails(JSON.stringify(list));

/** FreeScout saves an open editor every twelve seconds. */
const autosaveMilliseconds = 12_000;

export type AgentActions = ReturnType<typeof agentActions>;

/** What an agent does on FreeScout's screens. Each throws a {@link DeskError} when FreeScout would refuse. */
export function agentActions(desk: DeskState) {
  const conversationOf = (id: number): ConversationRecord => {
    const conversation = desk.conversations.get(id);
    if (conversation === undefined) {
      throw new DeskError('Conversation not found');
    }
    return conversation;
  };
  const draftOf = ({ conversationId, threadId }: Draft): ThreadRecord => {
    const thread = desk.threads.get(threadId);
    if (thread === undefined) {
      throw new DeskError('Thread not found');
    }
    if (thread.conversationId !== conversationId) {
      throw new DeskError('Incorrect thread');
    }
    if (thread.state === 'published') {
      throw new DeskError('Message has been already sent. Please discard this draft.');
    }
    return thread;
  };
  const required = (body: string): string => {
    const text = phpTrim(body);
    if (text === '') {
      throw new DeskError('The body field is required.');
    }
    return text;
  };
  const addressee = (conversation: ConversationRecord): AddressList =>
    sanitizeEmails([conversation.customerEmail]);

  /** Saves what the editor holds, as autosave and the save button do. Someone else's draft gets "edited by". */
  const saveDraft = (
    draft: Draft,
    form: { user: number; body: string; to?: readonly string[]; cc?: readonly string[] },
  ): void => {
    const thread = draftOf(draft);
    thread.body = phpTrim(form.body) || null;
    if (form.to !== undefined) {
      thread.to = sanitizeEmails(form.to);
    }
    if (form.cc !== undefined) {
      thread.cc = sanitizeEmails(form.cc);
    }
    if (thread.createdByUserId !== form.user) {
      thread.editedByUserId = form.user;
      thread.editedAt = nowOf(desk);
    }
    thread.updatedAt = nowOf(desk);
    desk.revision.value += 1;
  };

  /** Saves what a reply changes of its conversation, and announces status and assignee if they are new. */
  const updateAfterReply = (
    loaded: Loaded,
    user: number,
    replied: Partial<ConversationRecord> & Pick<ConversationRecord, 'status' | 'assigneeId'>,
  ): void => {
    const { copy } = loaded;
    const { status, assigneeId } = replied;
    const previous = { status: copy.status, assigneeId: copy.assigneeId };
    const isClosedNow = status === 'closed' && previous.status !== 'closed';
    save(desk, loaded, {
      ...replied,
      ...(isClosedNow ? { closedByUserId: user, closedAt: nowOf(desk) } : {}),
    });
    if (status !== previous.status) {
      emit(desk, 'convo.status', { conversation: copy });
    }
    if (assigneeId !== previous.assigneeId && assigneeId !== null) {
      emit(desk, 'convo.assigned', { conversation: copy });
    }
  };

  const finishReply = (
    conversationId: number,
    form: ReplyForm,
    body: string,
    existing: ThreadRecord | null,
  ): ThreadRecord => {
    const loaded = load(conversationOf(conversationId));
    const { copy } = loaded;
    const now = nowOf(desk);
    const status = form.status ?? 'pending';
    const assigneeId = form.assignTo === undefined ? (copy.assigneeId ?? form.user) : form.assignTo;
    const customer = desk.customers.get(copy.customerId);
    const customerMail = customer === undefined ? '' : mainEmail(customer);
    const customerEmail = copy.customerEmail || customerMail;
    const recipient = sanitizeEmail(customerEmail);
    const to = recipient === null ? [] : [recipient];
    const cc = sanitizeEmails(form.cc ?? addressesOf(existing?.cc ?? copy.cc));
    updateAfterReply(loaded, form.user, {
      status,
      state: 'published',
      assigneeId,
      customerEmail,
      cc: sanitizeEmails(addressesOf(cc).filter((email) => email !== recipient)),
      bcc: [],
      lastReplyAt: now,
      lastReplyFrom: 'user',
      userUpdatedAt: now,
      folderId: folderOf({ ...copy, status, state: 'published', assigneeId }),
      ...(copy.type === 'phone' && customerMail !== '' ? { type: 'email' } : {}),
      ...(existing === null ? {} : { threadsCount: copy.threadsCount + 1, preview: previewOf(body) }),
    });
    const fields = {
      type: copy.type === 'phone' && customerMail === '' ? ('note' as const) : ('message' as const),
      status,
      state: 'published' as const,
      assigneeId,
      customerId: copy.customerId,
      createdByUserId: form.user,
      editedByUserId: null,
      editedAt: null,
      body,
      to,
      cc,
      bcc: [],
      updatedAt: now,
    };
    const thread =
      existing === null
        ? insertThread(desk, { conversationId, sourceType: 'web', sourceVia: 'user', ...fields })
        : Object.assign(existing, fields, { createdAt: now });
    desk.revision.value += 1;
    queueReplyMail(desk, copy, thread);
    emit(desk, 'convo.agent.reply.created', { conversation: copy }, undoMilliseconds);
    return thread;
  };

  return {
    /**
     * Opens a draft in the editor. After twelve seconds the editor saves it back as the browser wrote it, unless the
     * draft was closed (the returned function), saved, sent or discarded before.
     */
    openDraft(draft: Draft, user: number): () => void {
      const { body } = draftOf(draft);
      return desk.clock.setTimer(scaled(desk, autosaveMilliseconds), () => {
        const thread = desk.threads.get(draft.threadId);
        if (thread?.state === 'draft' && thread.body === body) {
          saveDraft(draft, { user, body: asBrowserWrites(body ?? '') });
        }
      });
    },

    saveDraft,

    /** Sends a draft: same thread id, new `createdAt`, created by the sender; the mail leaves after the undo time. */
    sendDraft(draft: Draft, form: ReplyForm): ThreadRecord {
      const thread = draftOf(draft);
      const body = required(form.body ?? asBrowserWrites(thread.body ?? ''));
      return finishReply(draft.conversationId, form, body, thread);
    },

    /** Takes a reply back within the undo time: it is a draft again, and the delayed event still fires. */
    undoSend({ conversationId, threadId }: Draft, user: number): void {
      const thread = desk.threads.get(threadId);
      const pending = desk.pendingSends.get(threadId);
      const late =
        thread === undefined ||
        thread.state !== 'published' ||
        thread.createdByUserId !== user ||
        (pending === undefined
          ? desk.clock.now().getTime() - Date.parse(thread.createdAt) > scaled(desk, undoMilliseconds)
          : desk.clock.now().getTime() - pending.sentAt > scaled(desk, undoMilliseconds));
      if (late) {
        throw new DeskError('Sending can not be undone');
      }
      pending?.cancel();
      desk.pendingSends.delete(threadId);
      thread.state = 'draft';
      thread.updatedAt = nowOf(desk);
      const loaded = load(conversationOf(conversationId));
      const last = sortedThreads(desk, conversationId).find(
        (other) => other !== thread && (other.type === 'customer' || other.type === 'message'),
      );
      const shown = sortedThreads(desk, conversationId).find(
        (other) => other.state === 'published' && other.type !== 'lineitem',
      );
      save(desk, loaded, {
        ...(shown === undefined ? {} : { preview: previewOf(shown.body) }),
        ...(last === undefined
          ? {}
          : {
              cc: garbledByUndo(last.cc),
              bcc: garbledByUndo(last.bcc),
              lastReplyAt: last.createdAt,
              lastReplyFrom: last.sourceVia,
              userUpdatedAt: nowOf(desk),
            }),
        ...(thread.first ? { state: 'draft', folderId: folderOf({ ...loaded.copy, state: 'draft' }) } : {}),
      });
      desk.revision.value += 1;
    },

    /** Throws a draft away: the row is gone, no event. */
    discardDraft(draft: Draft): void {
      const thread = draftOf(draft);
      const conversation = conversationOf(draft.conversationId);
      removeThread(desk, thread);
      if (conversation.state === 'draft') {
        desk.conversations.delete(conversation.id);
      }
    },

    /** Begins an own reply without sending it. */
    writeDraft(
      conversationId: number,
      form: { user: number; body: string; cc?: readonly string[] },
    ): ThreadRecord {
      const conversation = conversationOf(conversationId);
      return insertThread(desk, {
        conversationId,
        type: 'message',
        state: 'draft',
        sourceType: 'web',
        sourceVia: 'user',
        createdByUserId: form.user,
        assigneeId: form.user,
        customerId: conversation.customerId,
        body: phpTrim(form.body) || null,
        to: addressee(conversation),
        cc: sanitizeEmails(form.cc ?? addressesOf(conversation.cc)),
      });
    },

    /** Writes and sends an own reply; FreeScout fills Cc from the conversation. */
    reply(conversationId: number, form: ReplyForm & { body: string }): ThreadRecord {
      return finishReply(conversationId, form, required(form.body), null);
    },

    addNote(conversationId: number, form: { user: number; body: string }): ThreadRecord {
      const loaded = load(conversationOf(conversationId));
      const thread = insertThread(desk, {
        conversationId,
        type: 'note',
        status: loaded.copy.status,
        sourceType: 'web',
        sourceVia: 'user',
        createdByUserId: form.user,
        assigneeId: loaded.copy.assigneeId,
        customerId: loaded.copy.customerId,
        body: required(form.body),
        to: sanitizeEmails([sanitizeEmail(loaded.copy.customerEmail)]),
      });
      emit(desk, 'convo.note.created', { conversation: loaded.copy });
      return thread;
    },

    setStatus(conversationId: number, status: ConversationStatus, user: number): void {
      const loaded = load(conversationOf(conversationId));
      if (loaded.copy.status !== status) {
        changeStatus(desk, loaded, status, user);
      }
    },

    assign(conversationId: number, assigneeId: number | null, user: number): void {
      const loaded = load(conversationOf(conversationId));
      if (loaded.copy.assigneeId !== assigneeId) {
        changeAssignee(desk, loaded, assigneeId, user);
      }
    },

    move(conversationId: number, mailboxId: number, user: number): void {
      if (!desk.mailboxes.has(mailboxId)) {
        throw new DeskError('Mailbox not found');
      }
      moveToMailbox(desk, load(conversationOf(conversationId)), mailboxId, user);
    },

    trash: (conversationId: number, user: number): void =>
      trash(desk, load(conversationOf(conversationId)), user),

    restore: (conversationId: number, user: number): void =>
      restore(desk, load(conversationOf(conversationId)), user),

    deleteForever: (conversationId: number): void => deleteForever(desk, conversationOf(conversationId)),

    /** Merges `sourceId` into `targetId`. */
    merge(targetId: number, sourceId: number, user: number): void {
      if (targetId === sourceId) {
        throw new DeskError('A conversation can not be merged with itself');
      }
      merge(desk, conversationOf(targetId), conversationOf(sourceId), user);
    },

    /** Corrects a note or reply that is already there: no event. */
    editPublished(threadId: number, form: { user: number; body: string }): void {
      const thread = desk.threads.get(threadId);
      if (thread?.state !== 'published') {
        throw new DeskError('Thread not found');
      }
      thread.body = required(form.body);
      thread.editedByUserId = form.user;
      thread.editedAt = nowOf(desk);
      thread.updatedAt = nowOf(desk);
      desk.revision.value += 1;
    },
  };
}
