import { createHash } from 'node:crypto';
import { type DeskState, nowOf } from './deskState.ts';
import { isEmpty, sanitizeEmails } from './phpText.ts';
import { presentPerson, sortedThreads } from './presentation.ts';
import type { ThreadRecord } from './records.ts';

/** What the companion module answers with; null stands for an empty body. */
export type ModuleAnswer = { status: number; body: Record<string, unknown> | null };

export const companionVersion = '1.0.0';

/** Changes with every change that a human could make to the draft. */
const versionOf = (thread: ThreadRecord): string =>
  createHash('sha1')
    .update(
      JSON.stringify([thread.body, thread.to, thread.cc, thread.bcc, thread.editedByUserId, thread.editedAt]),
    )
    .digest('hex');

/** `GET /conversations/{id}/drafts`: unsent replies, oldest first. */
export const listDrafts = (desk: DeskState, conversationId: number) =>
  sortedThreads(desk, conversationId)
    .filter(({ state, type }) => state === 'draft' && type === 'message')
    .toSorted((a, b) => a.id - b.id)
    .map((thread) => ({
      id: thread.id,
      body: thread.body,
      to: thread.to,
      cc: thread.cc,
      createdBy: presentPerson(desk, thread.createdByUserId),
      editedBy: presentPerson(desk, thread.editedByUserId),
      editedAt: thread.editedAt,
      createdAt: thread.createdAt,
      updatedAt: thread.updatedAt,
      version: versionOf(thread),
    }));

/**
 * Why a draft may not be changed or withdrawn, or the draft itself. 404 gone, 409 no longer a draft, 403 not written by
 * `user`, 412 changed since `ifVersion` (with the current version).
 */
export function checkedDraft(
  desk: DeskState,
  conversationId: number,
  threadId: number,
  { user, ifVersion }: { user: unknown; ifVersion: unknown },
): ThreadRecord | ModuleAnswer {
  const answer = (status: number, message: string, more = {}) => ({ status, body: { message, ...more } });
  const thread = desk.threads.get(threadId);
  if (thread === undefined || thread.conversationId !== conversationId) return answer(404, 'Not Found');
  if (isEmpty(user) || isEmpty(ifVersion)) return answer(400, '`user` and `ifVersion` are required');
  if (thread.state !== 'draft') return answer(409, 'No longer a draft');
  if (thread.createdByUserId !== Number(user)) return answer(403, 'This draft was written by someone else');
  const version = versionOf(thread);
  return version === String(ifVersion) ? thread : answer(412, 'The draft has changed', { version });
}

/** Replaces text, and Cc when given. */
export function replaceDraft(desk: DeskState, thread: ThreadRecord, text: string, cc: unknown): void {
  thread.body = text;
  if (cc !== undefined) thread.cc = sanitizeEmails(cc ?? []);
  thread.updatedAt = nowOf(desk);
  desk.revision.value += 1;
}
