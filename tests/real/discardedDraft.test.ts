import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FreeScoutTrial, startTrial } from './freescoutTrial.ts';

let trial: FreeScoutTrial;

/** Time for the agent to discard the draft before the follow-up is due. */
const hoursWithoutReply = 30 / 3600;

beforeAll(async () => {
  trial = await startTrial({
    settings: { followUps: { hoursWithoutReply } },
    environment: { CSM_FOLLOW_UP_SECONDS: '5' },
  });
});

afterAll(() => trial.end());

it('a customer whose draft was discarded is followed up with words that are there', async () => {
  await trial.customerWrites({ thread: 'silence', text: 'Hello, my lamp is broken. What can I do?' });
  const { id } = await trial.conversation('silence', ({ threads }) =>
    threads.some(({ type }) => type === 'note'),
  );
  await trial.openWithDrafts(id, 1);
  await trial.page.click('.thread-type-draft .discard-draft-trigger');
  await trial.page.locator('.modal:visible .discard-draft-confirm').first().click();
  await trial.openWithDrafts(id, 0);

  const { threads } = await trial.conversation(
    'silence',
    ({ tags }) => tags?.includes('followup-ready') ?? false,
  );
  await trial.open(id);
  if (trial.mode === 'managed') {
    await trial.openWithDrafts(id, 1);
  } else {
    const note = threads.find(({ body }) => body.includes('Suggested late answer'));
    expect(note?.type).toBe('note');
    expect(await trial.page.locator('.thread-type-note', { hasText: 'Suggested late answer' }).count()).toBe(
      1,
    );
    expect(await trial.page.locator('.thread-type-draft').count()).toBe(0);
  }
});
