import { describe, expect, it } from 'vitest';
import type { DraftMode } from '#tests/support/drafts/draftDesk.ts';
import { seededRandom } from '#tests/support/simulation/seededRandom.ts';
import { comeToRest, workAll } from './draftSimulation.ts';
import { createDraftWorld } from './draftWorld.ts';

const modes: readonly DraftMode[] = ['guarded', 'managed'];

/** What happened before the job in which the worker stops; the last of them is what the job is about. */
const stories: readonly (readonly [string, readonly string[]])[] = [
  ['a first message', []],
  ['a second message while our draft is there', ['customer writes']],
  ['a colleague’s message while our draft is there', ['a colleague of the customer writes']],
  ['a message while a person edits our draft', ['edits a draft', 'customer writes']],
  ['a message after our draft was discarded', ['discards a draft', 'customer writes']],
  ['our draft was sent', ['sends a draft']],
  ['an agent replied by hand', ['replies by hand']],
  ['the team answered elsewhere', ['answers elsewhere']],
  ['a message after our draft was sent', ['edits and sends a draft', 'customer writes']],
];

/** Runs a story and stops the worker at that wait of its last job. @returns null when the job has no such wait. */
async function stoppedAt(
  wait: number,
  mode: DraftMode,
  story: readonly string[],
): Promise<readonly string[] | null> {
  const world = createDraftWorld(seededRandom(4), mode, {}, null);
  Object.assign(world.weather, { acts: 0, crashes: 0, faults: 0, moods: 0, limits: 0, losses: 0 });
  world.customerWrites([]);
  if (story.length > 0) {
    world.queueJob(1, 'sweep', 'first');
    await workAll(world);
    expect(world.counts.get('DRAFT_CREATED')).toBe(1);
  }
  for (const act of story) {
    world.clock.advance(60_000);
    expect(world.acts[act]?.(1), act).toBe(true);
  }
  world.clock.advance(60_000);
  world.queueJob(1, 'sweep', 'last');
  world.weather.crashIn = wait;
  await world.work();
  if (world.weather.crashIn > 0) {
    return null;
  }
  return comeToRest(world, mode);
}

describe.each(modes)('%s: the worker stops at every single wait', (mode) => {
  it.each(stories)('%s', async (_, story) => {
    let wait = 0;
    for (;;) {
      wait += 1;
      const violations = await stoppedAt(wait, mode, story);
      if (violations === null) {
        break;
      }
      expect(violations, `stopped at wait ${wait}`).toEqual([]);
    }
    expect(wait).toBeGreaterThan(8);
  });
});
