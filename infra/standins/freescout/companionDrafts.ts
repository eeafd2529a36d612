import { createHash } from 'node:crypto';
import { type DeskState, nowOf } from './deskState.ts';
import { addressesOf, isEmpty, phpTrim, sanitizeEmails } from './phpText.ts';
import { sortedThreads } from './presentation.ts';
import type { ThreadRecord } from './records.ts';

/** The routes of the companion module (`infra/freescout-module`), as its PHP answers them. */

export const companionVersion = '1.0.0';

type ModuleError = { path: string; message: string; source: string };

/** A refused change: 400, 404 gone, 409 no longer a draft, 403 someone else's, 412 changed (with the current version). */
export type ModuleRefusal = {
  status: number;
  body: { message: string; version?: string; _embedded: { errors: ModuleError[] } };
};

export const moduleRefusal = (
  status: number,
  message: string,
  errors: ModuleError[] = [],
  version?: string,
): ModuleRefusal => ({
  status,
  body: { message, ...(version === undefined ? {} : { version }), _embedded: { errors } },
});

/** Opaque; changes with everything an editor, a replacement or a send can change. */
export const draftVersion = (thread: ThreadRecord): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        ...[thread.id, thread.conversationId, thread.type, thread.state, thread.body, thread.to, thread.cc],
        ...[
          thread.bcc,
          thread.attachments.length,
          thread.createdByUserId,
          thread.editedByUserId,
          thread.editedAt,
        ],
      ]),
    )
    .digest('hex');

function person(desk: DeskState, userId: number | null) {
  const user = userId === null ? undefined : desk.users.get(userId);
  if (user === undefined) {
    return null;
  }
  const { id, firstName, lastName, email } = user;
  return { id, type: 'user', firstName, lastName, email };
}

/** `GET /conversations/{id}/drafts`: every draft, also those of agents, by id. */
export const listDrafts = (desk: DeskState, conversationId: number) =>
  sortedThreads(desk, conversationId)
    .filter(({ state }) => state === 'draft')
    .toSorted((a, b) => a.id - b.id)
    .map((thread) => ({
      id: thread.id,
      body: thread.body ?? '',
      to: addressesOf(thread.to),
      cc: addressesOf(thread.cc),
      createdBy: person(desk, thread.createdByUserId),
      editedBy: person(desk, thread.editedByUserId),
      editedAt: thread.editedAt,
      createdAt: thread.createdAt,
      updatedAt: thread.updatedAt,
      version: draftVersion(thread),
    }));

/** What is wrong with the parameters of a change; empty when nothing is. */
export function changeProblems(input: Record<string, unknown>, withText: boolean): ModuleError[] {
  const problem = (path: string, message: string) => ({
    path,
    message: `\`${path}\` ${message}`,
    source: 'JSON',
  });
  const problems: ModuleError[] = [];
  for (const name of withText ? ['text', 'user', 'ifVersion'] : ['user', 'ifVersion']) {
    const value = input[name];
    if (value === undefined || value === null || value === '') {
      problems.push(problem(name, 'parameter is required'));
    } else if (name === 'user' ? !/^[1-9]\d{0,9}$/.test(String(value)) : typeof value !== 'string') {
      problems.push(problem(name, 'parameter is incorrect'));
    }
  }
  const { cc } = input;
  const isList = Array.isArray(cc) && cc.every((item) => typeof item === 'string' || item === null);
  if (withText && cc !== undefined && cc !== null && !isList) {
    problems.push(problem('cc', 'parameter must be an array of strings'));
  }
  return problems;
}

/** The draft, if `user` may change it believing it to be at `ifVersion`; otherwise why not. */
export function changeableDraft(
  desk: DeskState,
  conversationId: number,
  threadId: number,
  input: Record<string, unknown>,
): ThreadRecord | ModuleRefusal {
  const conversation = desk.conversations.get(conversationId);
  const thread = desk.threads.get(threadId);
  if (conversation === undefined || thread === undefined || thread.conversationId !== conversationId) {
    return moduleRefusal(404, 'Not Found');
  }
  if (thread.state !== 'draft' || conversation.state === 'draft') {
    return moduleRefusal(409, 'The thread is not a draft of a reply any more');
  }
  if (thread.createdByUserId !== Number(input.user)) {
    return moduleRefusal(403, 'The draft was not created by this user');
  }
  const version = draftVersion(thread);
  return version === input.ifVersion ? thread : moduleRefusal(412, 'The draft has changed', [], version);
}

/** Replaces the text, and Cc when given. Author and editor stay. */
export function replaceDraft(desk: DeskState, thread: ThreadRecord, text: string, cc: unknown): void {
  thread.body = phpTrim(text);
  if (Array.isArray(cc)) {
    thread.cc = sanitizeEmails(cc.filter((item) => !isEmpty(item)));
  }
  thread.updatedAt = nowOf(desk);
  desk.revision.value += 1;
}
