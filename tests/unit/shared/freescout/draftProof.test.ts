import { describe, expect, it } from 'vitest';
import {
  type DraftProofDependencies,
  proveDraftsStayDrafts,
  stopDrafting,
} from '#shared/freescout/draftProof.ts';
import type { DraftProof } from '#shared/store/draftProofs.ts';
import {
  type Answerer,
  conversationJson,
  errorJson,
  freescoutAnswering,
  jsonAnswer,
  nothing,
} from '#tests/support/fakeFreeScout.ts';

const url = 'https://desk.example.com';

/** A FreeScout whose single answers can be replaced by `METHOD path`. */
function desk(answers: Record<string, Answerer> = {}): Answerer {
  const usual: Record<string, Answerer> = {
    'POST /api/conversations': () =>
      jsonAnswer(201, conversationJson({ id: 40, customer: { id: 8, email: '' } }), { 'Resource-ID': '40' }),
    'POST /api/conversations/40/threads': () => jsonAnswer(201, { state: 'draft' }, { 'Resource-ID': '50' }),
    'GET /api/conversations/40': () => jsonAnswer(200, conversationJson({ id: 40 })),
    'DELETE /api/conversations/40': nothing,
    ...answers,
  };
  return (request) => usual[`${request.method} ${request.path}`]?.(request) ?? jsonAnswer(500, {});
}

function setUp(answer: Answerer, stored: DraftProof | null = null) {
  const { client, sent, clock, log, metrics } = freescoutAnswering(answer);
  let proof = stored;
  const dependencies: DraftProofDependencies = {
    client,
    url,
    clock,
    log,
    measure: metrics.measure,
    state: {
      getDraftProof: async () => proof,
      saveDraftProof: async (saved) => {
        proof = saved;
      },
    },
  };
  return { dependencies, sent, log, metrics, proof: () => proof };
}

const at = '2026-11-20T12:00:00.000Z';

describe('proving that drafts stay drafts', () => {
  it('tries a draft where nobody can be mailed, deletes it and keeps the proof', async () => {
    const { dependencies, sent, proof, log } = setUp(desk());
    expect(await proveDraftsStayDrafts({ ...dependencies, mailboxId: 1 })).toBe('proven');
    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /api/conversations',
      'POST /api/conversations/40/threads',
      'GET /api/conversations/40',
      'DELETE /api/conversations/40',
    ]);
    expect(proof()).toEqual({ state: 'proven', url, at });
    expect(log.of('DRAFTS_PROVEN')).toHaveLength(1);
  });

  it.each(['proven', 'stopped'] as const)('goes by what is stored for this address: %s', async (state) => {
    const stored: DraftProof =
      state === 'proven' ? { state, url, at } : { state, url, at, reason: 'It was published' };
    const { dependencies, sent } = setUp(desk(), stored);
    expect(await proveDraftsStayDrafts({ ...dependencies, mailboxId: 1 })).toBe(state);
    expect(sent).toEqual([]);
  });

  it('proves anew for another address', async () => {
    const { dependencies, sent, proof } = setUp(desk(), {
      state: 'proven',
      url: 'https://old.example.com',
      at,
    });
    expect(await proveDraftsStayDrafts({ ...dependencies, mailboxId: 1 })).toBe('proven');
    expect(sent).not.toEqual([]);
    expect(proof()?.url).toBe(url);
  });

  it.each<[string, Record<string, Answerer>, string]>([
    [
      'FreeScout published it',
      {
        'POST /api/conversations/40/threads': () =>
          jsonAnswer(201, { state: 'published' }, { 'Resource-ID': '50' }),
      },
      'FreeScout stored a trial draft as "published"',
    ],
    [
      'FreeScout does not tell',
      {
        'POST /api/conversations/40/threads': () =>
          new Response(null, { status: 201, headers: { 'Resource-ID': '50' } }),
      },
      'FreeScout stored a trial draft as "not told"',
    ],
    [
      'FreeScout lists it as published',
      {
        'GET /api/conversations/40': () =>
          jsonAnswer(
            200,
            conversationJson({
              id: 40,
              _embedded: {
                threads: [
                  { id: 50, type: 'message', state: 'published', createdAt: '2026-11-20T12:00:00Z', cc: [] },
                ],
              },
            }),
          ),
      },
      'FreeScout lists a trial draft among the published threads',
    ],
  ])('stops drafting when %s', async (_, answers, reason) => {
    const { dependencies, sent, proof, log, metrics } = setUp(desk(answers));
    expect(await proveDraftsStayDrafts({ ...dependencies, mailboxId: 1 })).toBe('stopped');
    expect(proof()).toEqual({ state: 'stopped', url, at, reason });
    expect(log.of('DRAFTS_STOPPED')).toEqual([{ reason, conversationId: null }]);
    expect(metrics.total('DraftsStopped')).toBe(1);
    expect(sent.at(-1)?.method).toBe('DELETE');
  });

  it.each<[string, Record<string, Answerer>, boolean]>([
    ['no trial conversation can be made', { 'POST /api/conversations': () => jsonAnswer(500, {}) }, false],
    [
      'the bot user is refused',
      { 'POST /api/conversations': () => jsonAnswer(400, errorJson('Error occurred', 'user')) },
      false,
    ],
    ['the draft is not answered', { 'POST /api/conversations/40/threads': () => jsonAnswer(502, {}) }, true],
    ['reading fails', { 'GET /api/conversations/40': () => jsonAnswer(500, {}) }, true],
    [
      'the conversation is gone',
      { 'GET /api/conversations/40': () => jsonAnswer(404, errorJson('Not Found')) },
      true,
    ],
  ])('stores nothing and is tried again when %s', async (_, answers, isDeleted) => {
    const { dependencies, sent, proof } = setUp(desk(answers));
    await expect(proveDraftsStayDrafts({ ...dependencies, mailboxId: 1 })).rejects.toMatchObject({
      retryable: true,
      nothingWritten: true,
    });
    expect(proof()).toBeNull();
    expect(sent.some(({ method }) => method === 'DELETE')).toBe(isDeleted);
  });

  it('counts although the trial conversation cannot be deleted', async () => {
    const { dependencies, proof } = setUp(
      desk({ 'DELETE /api/conversations/40': () => jsonAnswer(500, {}) }),
    );
    expect(await proveDraftsStayDrafts({ ...dependencies, mailboxId: 1 })).toBe('proven');
    expect(proof()?.state).toBe('proven');
  });
});

describe('stopping', () => {
  it('raises the alarm even when the reason cannot be stored', async () => {
    const { dependencies, log, metrics } = setUp(desk());
    const broken = {
      ...dependencies,
      state: {
        ...dependencies.state,
        saveDraftProof: () => Promise.reject(new Error('no table')),
      },
    };
    await expect(stopDrafting({ ...broken, reason: 'seen', conversationId: 7 })).rejects.toThrow('no table');
    expect(metrics.total('DraftsStopped')).toBe(1);
    expect(log.of('DRAFTS_STOPPED')).toEqual([{ reason: 'seen', conversationId: 7 }]);
  });
});
