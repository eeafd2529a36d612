import * as z from 'zod';
import type { DraftChange, DraftWriter, ListedDraft } from './draftWriter.ts';
import { addresses } from './freescoutBodies.ts';
import { failureOfUnusableAnswer } from './freescoutFailures.ts';
import type { FreeScoutAnswer, FreeScoutCall, SendToFreeScout } from './freescoutRequest.ts';
import type { InstallationReader } from './installationReader.ts';

const aboutSchema = z.object({ module: z.literal('CsmDrafts'), version: z.string().min(1) });

const personSchema = z
  .object({ id: z.int() })
  .nullish()
  .transform((person) => person?.id ?? null);

const instant = z
  .string()
  .nullish()
  .transform((value) => {
    const time = Date.parse(value ?? '');
    return Number.isNaN(time) ? null : time;
  });

const draftSchema = z
  .object({
    id: z.int().positive(),
    body: z.string(),
    to: z.array(z.string()),
    cc: z.array(z.string()),
    createdBy: personSchema,
    editedBy: personSchema,
    editedAt: instant,
    createdAt: instant,
    version: z.string().min(1),
  })
  .transform(
    ({ createdBy, editedBy, createdAt, ...draft }): ListedDraft => ({
      ...draft,
      createdByUserId: createdBy,
      editedByUserId: editedBy,
      createdAt: createdAt ?? 0,
    }),
  );

const draftListSchema = z.object({ _embedded: z.object({ drafts: z.array(draftSchema) }) });

/** What the module answers instead of 204 when it changed nothing. */
const refusals: Readonly<Record<number, DraftChange>> = {
  403: 'not-ours',
  404: 'gone',
  409: 'no-longer-a-draft',
  412: 'changed',
};

/**
 * The calls of our companion module, which adds to FreeScout what its API lacks: seeing, replacing and withdrawing drafts.
 *
 * Without the module these routes answer 405, because the API & Webhooks module takes every path for OPTIONS, or 404.
 */
export function companionCalls(
  send: SendToFreeScout,
  botUserId: number,
): Omit<DraftWriter, 'createDraftReply'> & Pick<InstallationReader, 'companionVersion'> {
  async function change(call: FreeScoutCall): Promise<DraftChange> {
    const answer = await send({ ...call, expected: Object.keys(refusals).map(Number) });
    return refusals[answer.status] ?? 'done';
  }

  return {
    async companionVersion() {
      const call = { method: 'GET', route: '/csm' } as const;
      const answer = await send({ ...call, mayBeUnknown: true });
      return isAbsent(answer) ? null : read(aboutSchema, call, answer).version;
    },

    async listDrafts(conversationId) {
      const call = {
        method: 'GET',
        route: '/conversations/{conversation}/drafts',
        ids: { conversation: conversationId },
      } as const;
      const answer = await send({ ...call, mayBeUnknown: true });
      return isAbsent(answer) ? null : read(draftListSchema, call, answer)._embedded.drafts;
    },

    replaceDraft: (conversationId, draftThreadId, { html, cc, ifVersion }) =>
      change({
        method: 'PUT',
        route: '/conversations/{conversation}/drafts/{thread}',
        ids: { conversation: conversationId, thread: draftThreadId },
        body: { text: html, cc: addresses(cc), user: botUserId, ifVersion },
      }),

    withdrawDraft: (conversationId, draftThreadId, ifVersion) =>
      change({
        method: 'DELETE',
        route: '/conversations/{conversation}/drafts/{thread}',
        ids: { conversation: conversationId, thread: draftThreadId },
        body: { user: botUserId, ifVersion },
      }),
  };
}

function isAbsent(answer: FreeScoutAnswer): boolean {
  return answer.status === 404 || answer.status === 405;
}

function read<Schema extends z.ZodType>(
  schema: Schema,
  call: FreeScoutCall,
  answer: FreeScoutAnswer,
): z.output<Schema> {
  const parsed = schema.safeParse(answer.json);
  if (!parsed.success) {
    throw failureOfUnusableAnswer(call, answer.status, 'not with what was asked for');
  }
  return parsed.data;
}
