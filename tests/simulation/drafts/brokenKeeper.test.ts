import { expect, it } from 'vitest';
import { defaultBot } from '#infra/standins/freescout/model.ts';
import { fingerprintOf } from '#shared/drafts/fingerprint.ts';
import { draftMarker, markerFor } from '#shared/drafts/markers.ts';
import type { Conversation } from '#shared/freescout/model.ts';
import type { DraftMode } from '#tests/support/drafts/draftDesk.ts';
import { simulateDrafts } from './draftSimulation.ts';
import type { Sabotage } from './draftWorld.ts';

const enough = 1_500;

/** The first seed whose run breaks that rule when the keeper is broken in this way; null when none does. */
async function seedThatBreaks(rule: RegExp, mode: DraftMode, sabotage: Sabotage): Promise<number | null> {
  for (let seed = 1; seed <= enough; seed++) {
    const { violations } = await simulateDrafts(seed, mode, { sabotage });
    if (violations.some((violation) => rule.test(violation))) {
      return seed;
    }
  }
  return null;
}

it('without the intent stored before the call, a crash makes a second draft', async () => {
  const seed = await seedThatBreaks(/two live drafts of ours in one conversation/, 'guarded', {
    drafts: (drafts) => ({
      ...drafts,
      saveLive: async (draft, expectedVersion, sideWrites) =>
        draft.state === 'creating'
          ? { ...draft, version: expectedVersion ?? 0, updatedAt: draft.createdAt }
          : drafts.saveLive(draft, expectedVersion === 0 ? null : expectedVersion, sideWrites),
    }),
  });
  expect(seed).not.toBeNull();
});

it('without the re-read before the draft, an answered message gets one', async () => {
  const read = new Map<number, Conversation | null>();
  const seed = await seedThatBreaks(
    /the team had answered|a newer one had followed|closed conversation/,
    'guarded',
    {
      client: (client) => ({
        ...client,
        began: () => read.clear(),
        async getConversation(conversationId) {
          const known = read.get(conversationId) ?? (await client.getConversation(conversationId));
          read.set(conversationId, known);
          return known;
        },
      }),
    },
  );
  expect(seed).not.toBeNull();
});

/** What the worker reads, when nobody tells it what the team wrote elsewhere. */
function withoutTeamMessages(conversation: Conversation | null): Conversation | null {
  return (
    conversation && {
      ...conversation,
      threads: conversation.threads.map((thread) => ({ ...thread, isTeamMessage: false })),
    }
  );
}

it.each([
  ['a message that was answered elsewhere gets a draft', /a draft for a message that the team had answered/],
  ['our draft counts on', /still counts after the team answered elsewhere/],
])('without the look at team messages, %s', async (_, rule) => {
  const seed = await seedThatBreaks(rule, 'managed', {
    client: (client) => ({
      ...client,
      getConversation: async (conversationId) =>
        withoutTeamMessages(await client.getConversation(conversationId)),
    }),
  });
  expect(seed).not.toBeNull();
});

it('without the withdrawal, our untouched draft stays after an answer from elsewhere', async () => {
  const seed = await seedThatBreaks(/an untouched draft that stays/, 'managed', {
    client: (client) => ({ ...client, withdrawDraft: async () => 'gone' }),
  });
  expect(seed).not.toBeNull();
});

it('without waiting for the end of the undo time, a reply taken back makes a second draft', async () => {
  const seed = await seedThatBreaks(/two live drafts of ours in one conversation/, 'guarded', {
    keeperClock: (clock) => ({ ...clock, now: () => new Date(clock.now().getTime() + 20_000) }),
  });
  expect(seed).not.toBeNull();
});

it('without the look at who touched the draft, a person’s text is overwritten', async () => {
  const seed = await seedThatBreaks(/a draft in a person’s hands was changed/, 'managed', {
    client: (client) => ({
      ...client,
      async listDrafts(conversationId) {
        const listed = await client.listDrafts(conversationId);
        return (
          listed?.map((draft) => ({
            ...draft,
            body: draft.body + markerFor(draftMarker.fingerprint(fingerprintOf(draft.body))),
            createdByUserId: defaultBot,
            editedByUserId: null,
          })) ?? null
        );
      },
    }),
  });
  expect(seed).not.toBeNull();
});

it('without the look at whom the draft is for, another person’s draft is kept for the customer', async () => {
  const seed = await seedThatBreaks(/a draft for somebody else than the customer/, 'managed', {
    client: (client) => ({
      ...client,
      async listDrafts(conversationId) {
        return (await client.listDrafts(conversationId))?.map((draft) => ({ ...draft, to: [] })) ?? null;
      },
    }),
  });
  expect(seed).not.toBeNull();
});

it('without the record, every message makes another draft', async () => {
  const seed = await seedThatBreaks(/two live drafts of ours in one conversation/, 'guarded', {
    drafts: (drafts) => ({
      ...drafts,
      getLive: async () => null,
      saveLive: async (draft) => ({ ...draft, version: 1, updatedAt: draft.createdAt }),
    }),
  });
  expect(seed).not.toBeNull();
});

it('without outcomes, cycles end in nothing', async () => {
  const seed = await seedThatBreaks(/a cycle without outcome/, 'managed', {
    drafts: (drafts) => ({
      ...drafts,
      saveLive: (draft, expectedVersion, sideWrites) =>
        drafts.saveLive(draft, expectedVersion, sideWrites?.text ? { text: sideWrites.text } : {}),
    }),
  });
  expect(seed).not.toBeNull();
});
