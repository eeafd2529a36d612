import { expect, it } from 'vitest';
import { createDraftMode } from '#functions/conversation-worker/answering/draftMode.ts';
import { freescoutAnswering, htmlAnswer, jsonAnswer } from '#tests/support/fakeFreeScout.ts';

function setUp() {
  let isThere = true;
  const { client, sent, clock } = freescoutAnswering(() =>
    isThere ? jsonAnswer(200, { module: 'CsmDrafts', version: '1.0.0' }) : htmlAnswer(405),
  );
  const mode = createDraftMode({ freescout: client, clock });
  const module = (there: boolean) => {
    isThere = there;
  };
  return { sent, clock, mode, module };
}

it('is managed for good once the companion module was seen', async () => {
  const { mode, sent, clock, module } = setUp();
  expect(await mode()).toBe('managed');
  module(false);
  clock.advance(24 * 3_600_000);
  expect(await mode()).toBe('managed');
  expect(sent.map(({ path }) => path)).toEqual(['/api/csm']);
});

it('is guarded without it, and asks again after five minutes', async () => {
  const { mode, sent, clock, module } = setUp();
  module(false);
  expect(await mode()).toBe('guarded');
  module(true);
  clock.advance(299_000);
  expect(await mode()).toBe('guarded');
  expect(sent).toHaveLength(1);
  clock.advance(1_000);
  expect(await Promise.all([mode(), mode()])).toEqual(['managed', 'managed']);
  expect(sent).toHaveLength(2);
});

it('keeps nothing of a question that failed', async () => {
  let isDown = true;
  const { client, clock } = freescoutAnswering(
    () => (isDown ? htmlAnswer(500) : jsonAnswer(200, { module: 'CsmDrafts', version: '1.0.0' })),
    { attempts: 1 },
  );
  const mode = createDraftMode({ freescout: client, clock });
  await expect(mode()).rejects.toMatchObject({ code: 'freescout-error' });
  isDown = false;
  expect(await mode()).toBe('managed');
});
