import type { DeskState } from '#infra/standins/freescout/deskState.ts';
import { defaultBot } from '#infra/standins/freescout/model.ts';
import { addressesOf } from '#infra/standins/freescout/phpText.ts';
import type { ThreadRecord } from '#infra/standins/freescout/records.ts';
import { isTeamMessage, markerNames } from '#shared/drafts/markers.ts';
import type { DraftMode } from '#tests/support/drafts/draftDesk.ts';

/** What people did, as far as the rules ask for it. */
export interface DoneByPeople {
  /** Draft threads whose text, addresses or owner a person changed. */
  readonly touched: Set<number>;
  /** Threads that a person sent. */
  readonly sent: Set<number>;
  /** Conversations that the operator's `reset-draft` was used on → when. */
  readonly resets: Map<number, number>;
  /** Conversations that took part in a merge → when. */
  readonly merged: Map<number, number>;
}

/** A draft that one of our calls created. */
export interface BotDraft {
  readonly threadId: number;
  readonly conversationId: number;
  readonly createdAt: number;
  /** Of its marker when it was created: what it was to answer, and as what. */
  readonly name: string;
  /** Customer threads it was to answer, by its marker: more than one when it was replaced in place. */
  readonly answered: number[];
}

/** Between the last look and the write a person may act; a draft written later than this after they did is stale. */
const unavoidableMilliseconds = 5_000;
/** `reset-draft` may fall between the intent and the call. */
const resetBesideMilliseconds = 60_000;
const undoMilliseconds = 15_000;
const inUseMilliseconds = 15 * 60_000;

/** A note of the bot that keeps what the team wrote to the customer elsewhere. */
export function isTeamNote({ type, createdByUserId, body }: ThreadRecord): boolean {
  const createdBy = createdByUserId === null ? null : { id: createdByUserId };
  return isTeamMessage({ type, createdBy, body: body ?? '' }, defaultBot);
}

/**
 * The rules that must always hold, checked on what FreeScout has, from outside: before and after each call that reached it, and
 * at the end.
 */
export function createDraftRules(desk: DeskState, mode: DraftMode, people: DoneByPeople) {
  const violations: string[] = [];
  /** How much longer than any call the present one was on its way. */
  let delay = 0;
  const botDrafts = new Map<number, BotDraft>();
  /** Conversations that are closed, spam or deleted → since when. */
  const over = new Map<number, number>();
  const now = () => desk.clock.now().getTime();
  const unavoidable = () => unavoidableMilliseconds + delay;
  const broken = (rule: string) => {
    violations.push(rule);
  };
  const drafts = () => [...desk.threads.values()].filter((thread) => thread.state === 'draft');
  const threadsOf = (conversationId: number) => desk.threadsOf.get(conversationId) ?? [];

  const answeredBy = (body: string | null) =>
    markerNames(body ?? '').flatMap((name) => {
      const [kind, , answered] = name.split(':');
      return kind === 'draft' ? [Number(answered)] : [];
    });

  function inPersonsHands(thread: ThreadRecord): boolean {
    const openedAt =
      thread.editedByUserId === null || thread.editedByUserId === defaultBot ? null : thread.editedAt;
    return (
      people.touched.has(thread.id) ||
      thread.createdByUserId !== defaultBot ||
      (openedAt !== null && now() - Date.parse(openedAt) < inUseMilliseconds)
    );
  }

  /**
   * Whether the team answered a customer thread that long ago.
   *
   * @param elsewhereMilliseconds - the same for an answer from elsewhere, which nobody can take back.
   */
  function isAnswered(
    conversationId: number,
    customerThreadId: number,
    milliseconds: number,
    elsewhereMilliseconds = milliseconds,
  ): boolean {
    const answered = desk.threads.get(customerThreadId);
    return threadsOf(conversationId).some((thread) => {
      const isReply = thread.type === 'message' && thread.state === 'published';
      const isLater = answered === undefined || thread.createdAt > answered.createdAt;
      const age = now() - Date.parse(thread.createdAt);
      return (
        isLater && ((isReply && age >= milliseconds) || (isTeamNote(thread) && age >= elsewhereMilliseconds))
      );
    });
  }

  function checkNewDraft(thread: ThreadRecord): void {
    const { conversationId } = thread;
    const answered = answeredBy(thread.body);
    for (const other of botDrafts.values()) {
      const record = desk.threads.get(other.threadId);
      if (record?.state !== 'draft' || record.conversationId !== conversationId) {
        continue;
      }
      if (other.conversationId !== conversationId) {
        continue;
      }
      const reset = people.resets.get(conversationId);
      const ended =
        mode === 'guarded' &&
        ((reset !== undefined && reset >= other.createdAt - resetBesideMilliseconds) ||
          other.answered.some((customerThread) =>
            isAnswered(conversationId, customerThread, undoMilliseconds, 0),
          ));
      if (!ended) {
        broken('two live drafts of ours in one conversation');
      }
    }
    checkAddressee(thread);
    const name = markerNames(thread.body ?? '').find((each) => each.startsWith('draft:')) ?? 'none';
    botDrafts.set(thread.id, { threadId: thread.id, conversationId, createdAt: now(), name, answered });
    checkFresh(conversationId, answered);
  }

  /** Whoever wrote last is the customer; a person may turn to somebody else in a draft that they opened. */
  function checkAddressee({ conversationId, to, editedByUserId }: ThreadRecord): void {
    const newest = threadsOf(conversationId).findLast(({ type }) => type === 'customer');
    const isNew = newest !== undefined && now() - Date.parse(newest.createdAt) < unavoidable();
    const customer = desk.conversations.get(conversationId)?.customerEmail ?? '';
    if (!isNew && editedByUserId === null && !addressesOf(to).includes(customer)) {
      broken('a draft for somebody else than the customer');
    }
  }

  function checkFresh(conversationId: number, answered: readonly number[]): void {
    if (now() - (people.merged.get(conversationId) ?? 0) < unavoidable()) {
      return;
    }
    const overSince = over.get(conversationId) ?? now();
    if (now() - overSince > unavoidable()) {
      broken('a draft in a closed conversation');
    }
    for (const customerThreadId of answered) {
      const customerThread = desk.threads.get(customerThreadId);
      if (customerThread === undefined) {
        broken('a draft that answers nothing');
      }
      if (isAnswered(conversationId, customerThreadId, unavoidable())) {
        broken('a draft for a message that the team had answered');
      }
      const newer = threadsOf(conversationId).some(
        (thread) =>
          thread.type === 'customer' &&
          thread.createdAt > (customerThread?.createdAt ?? '') &&
          now() - Date.parse(thread.createdAt) > unavoidable(),
      );
      if (newer) {
        broken('a draft for a message that a newer one had followed');
      }
    }
  }

  function checkChanged(before: ThreadRecord): void {
    const after = desk.threads.get(before.id);
    if (
      after !== undefined &&
      after.body === before.body &&
      after.cc === before.cc &&
      after.state === before.state
    ) {
      return;
    }
    if (inPersonsHands(before)) {
      broken('a draft in a person’s hands was changed');
    }
    const botDraft = botDrafts.get(before.id);
    if (after !== undefined && after.body !== before.body) {
      const answered = answeredBy(after.body);
      checkAddressee(after);
      botDraft?.answered.push(...answered);
      checkFresh(after.conversationId, answered);
    }
  }

  function noteWhatIsOver(): void {
    for (const { id, status, state } of desk.conversations.values()) {
      if (state === 'published' && status !== 'closed' && status !== 'spam') {
        over.delete(id);
      } else if (!over.has(id)) {
        over.set(id, now());
      }
    }
  }

  return {
    violations,
    botDrafts,
    noteWhatIsOver,

    /** Runs one call of ours against the API, which left or arrived so many milliseconds late, and looks at what it did. */
    async watch<Result>(call: () => Promise<Result>, lateMilliseconds: number): Promise<Result> {
      delay = lateMilliseconds;
      noteWhatIsOver();
      const before = drafts().map((thread) => ({ ...thread }));
      const known = new Set(desk.threads.keys());
      const mails = desk.mail.length;
      const result = await call();
      for (const thread of before) {
        checkChanged(thread);
      }
      for (const thread of desk.threads.values()) {
        if (known.has(thread.id) || thread.type !== 'message') {
          continue;
        }
        if (thread.state === 'draft') {
          checkNewDraft(thread);
        } else {
          broken('published by us');
        }
      }
      if (desk.mail.length !== mails) {
        broken('a mail left because of a call of ours');
      }
      return result;
    },

    checkMails(): void {
      if (desk.mail.some(({ threadId }) => !people.sent.has(threadId))) {
        broken('a mail that no person sent');
      }
    },

    checkNotes(): void {
      for (const conversationId of desk.conversations.keys()) {
        const names = threadsOf(conversationId)
          .filter((thread) => thread.type === 'note' && thread.createdByUserId === defaultBot)
          .flatMap((thread) => markerNames(thread.body ?? ''));
        if (new Set(names).size !== names.length) {
          broken('two notes of ours for one message');
        }
      }
    },
  };
}
