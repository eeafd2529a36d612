import { describe, expect, it } from 'vitest';
import { asBrowserWrites } from '#infra/standins/freescout/browserHtml.ts';
import { defaultAgent, defaultBot } from '#infra/standins/freescout/model.ts';
import { draftMarker, hasMarker, markerFor } from '#shared/drafts/markers.ts';
import { ComeBackLater } from '#shared/failure/failure.ts';
import { FreeScoutFailure } from '#shared/freescout/freescoutClient.ts';
import {
  type CallFault,
  createDraftDesk,
  type DraftDesk,
  type DraftDeskOptions,
  type DraftMode,
  draftsIn,
  notesIn,
  suggestionFor,
} from '#tests/support/drafts/draftDesk.ts';

const modes: readonly DraftMode[] = ['guarded', 'managed'];
const user = defaultAgent;
const threads = /\/threads$/;
const drafts = /\/drafts$/;
const draft = /\/drafts\/\d+$/;

/** A conversation whose first message already has our draft. */
async function withDraft(mode: DraftMode, options: Partial<DraftDeskOptions> = {}) {
  const kit = createDraftDesk({ mode, ...options });
  const { conversationId, threadId } = await kit.begin();
  expect(await kit.offer(conversationId, threadId)).toBe('drafted');
  const [first] = draftsIn(kit.desk, conversationId);
  if (first === undefined) {
    throw new Error('There is no draft');
  }
  return {
    ...kit,
    conversationId,
    threadId,
    draftId: first.id,
    handle: { conversationId, threadId: first.id },
  };
}

function bodies(kit: DraftDesk, conversationId: number): readonly (string | null)[] {
  return draftsIn(kit.desk, conversationId).map(({ body }) => body);
}

async function outcomes(kit: DraftDesk, conversationId: number) {
  return (await kit.store.drafts.listCycles(conversationId)).map(({ outcome }) => outcome);
}

async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
}

describe.each(modes)('%s: a new customer message', (mode) => {
  it('without a draft of ours: creates one, with the status and the cc that were read', async () => {
    const kit = createDraftDesk({ mode });
    const { conversationId, threadId } = await kit.begin();
    kit.desk.agent.setStatus(conversationId, 'pending', user);
    expect(await kit.offer(conversationId, threadId)).toBe('drafted');

    const [created, ...more] = draftsIn(kit.desk, conversationId);
    expect(more).toEqual([]);
    expect(created?.createdByUserId).toBe(defaultBot);
    expect(
      hasMarker(
        created?.body ?? '',
        draftMarker.draft({ conversationId, answeredThreadId: threadId, kind: 'reply' }),
      ),
    ).toBe(true);
    const conversation = await kit.read(conversationId);
    expect(conversation.status).toBe('pending');
    expect(conversation.cc).toEqual(['boss@example.org']);
    expect(await kit.store.drafts.getLive(conversationId)).toMatchObject({
      state: 'live',
      draftThreadId: created?.id,
      answeredThreadId: threadId,
    });
    expect(kit.log.of('DRAFT_CREATED')).toHaveLength(1);
    expect(kit.metrics.total('DraftsCreated')).toBe(1);
  });

  it('the record says that a draft is on its way before FreeScout is called', async () => {
    const states: unknown[] = [];
    const kit = createDraftDesk({
      mode,
      wrapClient: (client) => ({
        ...client,
        async createDraftReply(conversationId, reply) {
          states.push((await kit.store.drafts.getLive(conversationId))?.state);
          return client.createDraftReply(conversationId, reply);
        },
      }),
    });
    const { conversationId, threadId } = await kit.begin();
    await kit.offer(conversationId, threadId);
    expect(states).toEqual(['creating']);
  });

  it('offered again for the same message: nothing happens', async () => {
    const kit = await withDraft(mode);
    const before = bodies(kit, kit.conversationId);
    expect(await kit.offer(kit.conversationId, kit.threadId, '<div>Another text</div>')).toBe('drafted');
    expect(bodies(kit, kit.conversationId)).toEqual(before);
    expect(notesIn(kit.desk, kit.conversationId)).toEqual([]);
  });

  it('after our draft was sent: outcome recorded, a new draft', async () => {
    const kit = await withDraft(mode);
    kit.clock.advance(90_000);
    kit.desk.agent.sendDraft(kit.handle, { user, status: 'active' });
    kit.clock.advance(30_000);
    await kit.observe(kit.conversationId);
    expect(await kit.store.drafts.listCycles(kit.conversationId)).toMatchObject([
      {
        outcome: 'unchanged',
        similarity: 1,
        minutesToSend: 1.5,
        draftThreadId: kit.draftId,
        type: 'customer',
        bucket: 'p2',
        language: 'en',
        promptVersion: 'draft-1',
      },
    ]);
    expect(kit.metrics.total('DraftUnchanged')).toBe(1);

    const second = await kit.customerWrites(kit.conversationId);
    await kit.observe(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe('drafted');
    expect(draftsIn(kit.desk, kit.conversationId)).toHaveLength(1);
    expect(await outcomes(kit, kit.conversationId)).toEqual(['unchanged']);
  });

  it('after an agent answered in another way: outcome replaced, a new draft', async () => {
    const kit = await withDraft(mode);
    kit.clock.advance(60_000);
    kit.desk.agent.reply(kit.conversationId, { user, body: '<div>By hand</div>', status: 'active' });
    kit.clock.advance(30_000);
    await kit.observe(kit.conversationId);
    expect(await outcomes(kit, kit.conversationId)).toEqual(['replaced']);
    expect(kit.metrics.total('DraftReplacedByAgent')).toBe(1);
    // Guarded cannot take the stale draft away.
    expect(draftsIn(kit.desk, kit.conversationId)).toHaveLength(mode === 'managed' ? 0 : 1);
    expect(kit.metrics.total('DraftsWithdrawn')).toBe(mode === 'managed' ? 1 : 0);

    const second = await kit.customerWrites(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe('drafted');
    expect(await kit.store.drafts.getLive(kit.conversationId)).toMatchObject({
      state: 'live',
      answeredThreadId: second,
    });
  });

  it('after a team message: outcome replaced at once, because nobody can take it back', async () => {
    const kit = await withDraft(mode);
    kit.clock.advance(60_000);
    await kit.client.addNote(kit.conversationId, {
      html: `<div>Sent elsewhere</div>${markerFor('team:gmail:support:1')}`,
      cc: [],
      imported: true,
    });
    await kit.observe(kit.conversationId);
    expect(await outcomes(kit, kit.conversationId)).toEqual(['replaced']);
    expect(draftsIn(kit.desk, kit.conversationId)).toHaveLength(mode === 'managed' ? 0 : 1);
    const second = await kit.customerWrites(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe('drafted');
  });

  it('after a note of an agent with the marker of a team message: our draft stays', async () => {
    const kit = await withDraft(mode);
    kit.clock.advance(60_000);
    const body = `<div>Pasted</div>${markerFor('team:gmail:support:1')}`;
    kit.desk.agent.addNote(kit.conversationId, { user, body });
    await kit.observe(kit.conversationId);
    expect(await outcomes(kit, kit.conversationId)).toEqual([]);
    expect(draftsIn(kit.desk, kit.conversationId)).toHaveLength(1);
  });

  it.each<readonly [string, string, string]>([
    ['light-edit', 'today', 'tomorrow'],
    ['heavy-edit', 'we look into', 'please call us at once, this needs a person and much more time for'],
  ])('our draft was sent with a %s', async (outcome, from, to) => {
    const kit = await withDraft(mode);
    const edited = asBrowserWrites(bodies(kit, kit.conversationId)[0] ?? '').replace(from, to);
    kit.desk.agent.sendDraft(kit.handle, { user, body: edited });
    kit.clock.advance(30_000);
    await kit.observe(kit.conversationId);
    expect(await outcomes(kit, kit.conversationId)).toEqual([outcome]);
    expect(kit.log.of('DRAFT_OUTCOME')).toMatchObject([{ outcome, draftThreadId: kit.draftId }]);
  });

  it('our draft was sent and our text is no longer kept: only equal or not', async () => {
    const kit = await withDraft(mode, { drafts: { keepTextDays: 0 } });
    kit.desk.agent.sendDraft(kit.handle, { user, body: '<div>Hello Nina, no.</div>' });
    kit.clock.advance(30_000);
    await kit.observe(kit.conversationId);
    expect(await kit.store.drafts.listCycles(kit.conversationId)).toMatchObject([
      { outcome: 'heavy-edit', similarity: null },
    ]);
  });
});

describe.each(modes)('%s: a reply that can still be taken back', (mode) => {
  it.each(['our draft', 'a reply by hand'])('%s: comes back later, nothing is recorded', async (kind) => {
    const kit = await withDraft(mode);
    kit.clock.advance(60_000);
    const sent =
      kind === 'our draft'
        ? kit.desk.agent.sendDraft(kit.handle, { user })
        : kit.desk.agent.reply(kit.conversationId, { user, body: '<div>By hand</div>' });
    kit.clock.advance(12_000);
    const thrown = await thrownBy(kit.observe(kit.conversationId));
    expect(thrown).toBeInstanceOf(ComeBackLater);
    expect(thrown).toMatchObject({ reason: 'undo-window', seconds: 8 });

    kit.desk.agent.undoSend({ conversationId: kit.conversationId, threadId: sent.id }, user);
    kit.clock.advance(8_000);
    await kit.observe(kit.conversationId);
    expect(await outcomes(kit, kit.conversationId)).toEqual([]);
    expect(await kit.store.drafts.getLive(kit.conversationId)).toMatchObject({ state: 'live' });
  });

  it('at twenty seconds it is final', async () => {
    const kit = await withDraft(mode);
    kit.desk.agent.sendDraft(kit.handle, { user });
    kit.clock.advance(20_000);
    await kit.observe(kit.conversationId);
    expect(await outcomes(kit, kit.conversationId)).toEqual(['unchanged']);
  });
});

describe('guarded: our draft is live and the customer writes again', () => {
  it('keeps it and writes one note with the whole suggestion, once', async () => {
    const kit = await withDraft('guarded');
    const before = bodies(kit, kit.conversationId);
    const second = await kit.customerWrites(kit.conversationId);
    const html = '<div>First line</div><ul><li>One &amp; two</li></ul><div>Last line</div>';
    expect(await kit.offer(kit.conversationId, second, html)).toBe('noted');
    expect(await kit.offer(kit.conversationId, second, '<div>Yet another</div>')).toBe('noted');

    expect(bodies(kit, kit.conversationId)).toEqual(before);
    const [note, ...more] = notesIn(kit.desk, kit.conversationId);
    expect(more).toEqual([]);
    expect(note?.body).toContain(html);
    expect(note?.body).toContain('after a reply was sent');
    expect(note?.body).toContain('reset-draft');
    expect((await kit.read(kit.conversationId)).cc).toEqual(['boss@example.org']);
    expect(kit.metrics.total('DraftsNoted')).toBe(1);
    expect(kit.log.of('DRAFT_KEPT')).toMatchObject([{ reason: 'draft-is-there' }]);
  });

  it('writes another note for another message', async () => {
    const kit = await withDraft('guarded');
    for (let count = 1; count <= 2; count++) {
      const message = await kit.customerWrites(kit.conversationId);
      await kit.offer(kit.conversationId, message);
      expect(notesIn(kit.desk, kit.conversationId)).toHaveLength(count);
    }
  });

  it('a discarded draft counts as live until an agent answers', async () => {
    const kit = await withDraft('guarded');
    kit.desk.agent.discardDraft(kit.handle);
    const second = await kit.customerWrites(kit.conversationId);
    await kit.observe(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe('noted');
    expect(draftsIn(kit.desk, kit.conversationId)).toEqual([]);

    kit.desk.agent.reply(kit.conversationId, { user, body: '<div>By hand</div>' });
    kit.clock.advance(30_000);
    await kit.observe(kit.conversationId);
    const third = await kit.customerWrites(kit.conversationId);
    expect(await kit.offer(kit.conversationId, third)).toBe('drafted');
  });

  it('a discarded draft counts as live until reset-draft', async () => {
    const kit = await withDraft('guarded');
    kit.desk.agent.discardDraft(kit.handle);
    await kit.store.drafts.reset(kit.conversationId);
    const second = await kit.customerWrites(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe('drafted');
    expect(draftsIn(kit.desk, kit.conversationId)).toHaveLength(1);
  });
});

describe('managed: our draft is live and the customer writes again', () => {
  it('untouched: replaced in place', async () => {
    const kit = await withDraft('managed');
    const second = await kit.customerWrites(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe('replaced');
    const listed = draftsIn(kit.desk, kit.conversationId);
    expect(listed.map(({ id }) => id)).toEqual([kit.draftId]);
    expect(listed[0]?.body).toContain(`we look into ${second} today`);
    expect(kit.metrics.total('DraftsReplaced')).toBe(1);

    kit.desk.agent.sendDraft(kit.handle, { user });
    kit.clock.advance(30_000);
    await kit.observe(kit.conversationId);
    expect(await kit.store.drafts.listCycles(kit.conversationId)).toMatchObject([
      { outcome: 'unchanged', answeredThreadId: second },
    ]);
  });

  it('opened without a change and closed long ago: replaced in place', async () => {
    const kit = await withDraft('managed');
    kit.desk.agent.openDraft(kit.handle, user);
    kit.clock.advance(13_000);
    expect(draftsIn(kit.desk, kit.conversationId)[0]?.editedByUserId).toBe(user);
    kit.clock.advance(15 * 60_000);
    const second = await kit.customerWrites(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe('replaced');
  });

  it('opened a moment ago: kept, one note', async () => {
    const kit = await withDraft('managed');
    kit.desk.agent.openDraft(kit.handle, user);
    kit.clock.advance(13_000);
    const before = bodies(kit, kit.conversationId);
    const second = await kit.customerWrites(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe('noted');
    expect(await kit.offer(kit.conversationId, second)).toBe('noted');
    expect(bodies(kit, kit.conversationId)).toEqual(before);
    expect(notesIn(kit.desk, kit.conversationId)).toHaveLength(1);
    expect(kit.log.of('DRAFT_KEPT')).toMatchObject([{ reason: 'draft-in-hands' }]);
  });

  it('touched long ago: kept byte for byte, one note', async () => {
    const kit = await withDraft('managed');
    kit.desk.agent.saveDraft(kit.handle, {
      user,
      body: `${bodies(kit, kit.conversationId)[0]}<div>Best, Ada</div>`,
    });
    kit.clock.advance(3 * 3_600_000);
    const before = bodies(kit, kit.conversationId);
    const second = await kit.customerWrites(kit.conversationId);
    await kit.observe(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe('noted');
    expect(bodies(kit, kit.conversationId)).toEqual(before);
    expect(notesIn(kit.desk, kit.conversationId)).toHaveLength(1);
  });

  it('sent and taken back: it is the sender’s now, kept, one note', async () => {
    const kit = await withDraft('managed');
    kit.desk.agent.sendDraft(kit.handle, { user });
    kit.clock.advance(5_000);
    kit.desk.agent.undoSend(kit.handle, user);
    kit.clock.advance(3_600_000);
    const before = bodies(kit, kit.conversationId);
    const second = await kit.customerWrites(kit.conversationId);
    await kit.observe(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe('noted');
    expect(bodies(kit, kit.conversationId)).toEqual(before);
  });

  it('discarded: outcome recorded, a new draft at the next message only', async () => {
    const kit = await withDraft('managed');
    kit.desk.agent.discardDraft(kit.handle);
    await kit.observe(kit.conversationId);
    expect(await outcomes(kit, kit.conversationId)).toEqual(['discarded']);
    expect(kit.metrics.total('DraftDiscarded')).toBe(1);
    expect(await kit.offer(kit.conversationId, kit.threadId)).toBe('drafted');
    expect(draftsIn(kit.desk, kit.conversationId)).toEqual([]);

    const second = await kit.customerWrites(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe('drafted');
    expect(draftsIn(kit.desk, kit.conversationId)).toHaveLength(1);
  });

  it('a person has a draft of their own: none of ours, one note', async () => {
    const kit = createDraftDesk({ mode: 'managed' });
    const { conversationId, threadId } = await kit.begin();
    kit.desk.agent.writeDraft(conversationId, { user, body: '<div>My own</div>' });
    expect(await kit.offer(conversationId, threadId)).toBe('noted');
    expect(await kit.offer(conversationId, threadId)).toBe('noted');
    expect(bodies(kit, conversationId)).toEqual(['<div>My own</div>']);
    expect(notesIn(kit.desk, conversationId)).toHaveLength(1);
    expect(kit.log.of('DRAFT_KEPT')).toMatchObject([{ reason: 'own-draft' }]);
  });

  it('a person has a draft of their own besides ours: both stay as they are', async () => {
    const kit = await withDraft('managed');
    kit.desk.agent.writeDraft(kit.conversationId, { user, body: '<div>My own</div>' });
    const before = bodies(kit, kit.conversationId);
    const second = await kit.customerWrites(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe('noted');
    expect(bodies(kit, kit.conversationId)).toEqual(before);
  });

  describe('and the conversation is with somebody else now', () => {
    const colleagueWrites = async (kit: DraftDesk, conversationId: number) => {
      const { threadId } = await kit.client.addCustomerMessage(conversationId, {
        customer: { email: 'Bert@example.org', firstName: 'Bert' },
        html: '<div>I take over</div>',
        cc: ['nina@example.org'],
        attachments: [],
        keepSpam: false,
      });
      return threadId;
    };
    const recipients = async (kit: DraftDesk, conversationId: number) =>
      ((await kit.client.listDrafts(conversationId)) ?? []).map(({ to }) => to);

    it('untouched: withdrawn, and a new one goes to them', async () => {
      const kit = await withDraft('managed');
      const second = await colleagueWrites(kit, kit.conversationId);
      expect(await recipients(kit, kit.conversationId)).toEqual([['nina@example.org']]);
      expect(await kit.offer(kit.conversationId, second)).toBe('drafted');
      expect(await recipients(kit, kit.conversationId)).toEqual([['bert@example.org']]);
      expect(kit.metrics.total('DraftsWithdrawn')).toBe(1);
      expect(await outcomes(kit, kit.conversationId)).toEqual(['withdrawn']);
      expect(await kit.store.drafts.getLive(kit.conversationId)).toMatchObject({
        state: 'live',
        answeredThreadId: second,
      });
    });

    it('opened by a person, who may have chosen the addresses: kept, one note', async () => {
      const kit = await withDraft('managed');
      kit.desk.agent.saveDraft(kit.handle, { user, body: bodies(kit, kit.conversationId)[0] ?? '' });
      kit.clock.advance(3_600_000);
      const second = await colleagueWrites(kit, kit.conversationId);
      const before = bodies(kit, kit.conversationId);
      expect(await kit.offer(kit.conversationId, second)).toBe('noted');
      expect(bodies(kit, kit.conversationId)).toEqual(before);
    });

    it('sent while it is withdrawn: comes back later, and no second one is there', async () => {
      const kit = await withDraft('managed', {
        wrapClient: (client) => ({
          ...client,
          async withdrawDraft(...call) {
            kit.desk.agent.sendDraft(kit.handle, { user });
            return client.withdrawDraft(...call);
          },
        }),
      });
      const second = await colleagueWrites(kit, kit.conversationId);
      expect(await thrownBy(kit.offer(kit.conversationId, second))).toMatchObject({ reason: 'undo-window' });
      expect(draftsIn(kit.desk, kit.conversationId)).toEqual([]);
    });

    it('drafting is stopped: nothing is taken away either', async () => {
      const kit = await withDraft('managed');
      const other = await kit.begin();
      kit.desk.switches.oldModule = true;
      await kit.offer(other.conversationId, other.threadId);
      const second = await colleagueWrites(kit, kit.conversationId);
      expect(await kit.offer(kit.conversationId, second)).toBe('stopped');
      expect(draftsIn(kit.desk, kit.conversationId)).toHaveLength(1);
    });

    it('who writes from a second address of theirs is nobody else', async () => {
      const kit = await withDraft('managed');
      const customer = kit.desk.customers.get(
        kit.desk.conversations.get(kit.conversationId)?.customerId ?? 0,
      );
      customer?.emails.push({ id: 99, value: 'nina@home.example', type: 'home' });
      kit.desk.agent.saveDraft(kit.handle, {
        user,
        body: bodies(kit, kit.conversationId)[0] ?? '',
        to: ['nina@home.example'],
      });
      kit.clock.advance(3_600_000);
      const second = await kit.customerWrites(kit.conversationId);
      expect(await kit.offer(kit.conversationId, second)).toBe('replaced');
    });
  });

  it('whoever opened the draft keeps the addresses they chose', async () => {
    const kit = await withDraft('managed');
    const body = asBrowserWrites(bodies(kit, kit.conversationId)[0] ?? '');
    kit.desk.agent.saveDraft(kit.handle, { user, body, cc: ['other@example.org'] });
    kit.clock.advance(3_600_000);
    const second = await kit.customerWrites(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe('replaced');
    const listed = await kit.client.listDrafts(kit.conversationId);
    expect(listed?.[0]?.cc).toEqual(['other@example.org']);
  });

  it('edited between the list and the replacement: the server refuses, one note', async () => {
    const kit = await withDraft('managed', {
      wrapClient: (client) => ({
        ...client,
        async replaceDraft(...call) {
          kit.desk.agent.saveDraft(kit.handle, { user, body: '<div>Mine now</div>' });
          return client.replaceDraft(...call);
        },
      }),
    });
    const second = await kit.customerWrites(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe('noted');
    expect(bodies(kit, kit.conversationId)).toEqual(['<div>Mine now</div>']);
  });

  it('changed at every attempt: three of them, then one note', async () => {
    let attempts = 0;
    const kit = await withDraft('managed', {
      wrapClient: (client) => ({
        ...client,
        async replaceDraft() {
          attempts++;
          return 'changed';
        },
      }),
    });
    const second = await kit.customerWrites(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe('noted');
    expect(attempts).toBe(3);
    expect(kit.log.of('DRAFT_KEPT')).toMatchObject([{ reason: 'draft-in-hands' }]);
  });

  it('sent between the list and the replacement: comes back later', async () => {
    const kit = await withDraft('managed', {
      wrapClient: (client) => ({
        ...client,
        async replaceDraft(...call) {
          kit.desk.agent.sendDraft(kit.handle, { user });
          return client.replaceDraft(...call);
        },
      }),
    });
    const second = await kit.customerWrites(kit.conversationId);
    expect(await thrownBy(kit.offer(kit.conversationId, second))).toMatchObject({ reason: 'undo-window' });
  });

  it('discarded between the list and the replacement: a new draft', async () => {
    let discarded = false;
    const kit = await withDraft('managed', {
      wrapClient: (client) => ({
        ...client,
        async replaceDraft(...call) {
          if (!discarded) {
            kit.desk.agent.discardDraft(kit.handle);
          }
          discarded = true;
          return client.replaceDraft(...call);
        },
      }),
    });
    const second = await kit.customerWrites(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe('drafted');
    expect(draftsIn(kit.desk, kit.conversationId)).toHaveLength(1);
    expect(await outcomes(kit, kit.conversationId)).toEqual(['discarded']);
  });

  it('sent between the read and the list: not taken for discarded', async () => {
    const kit = await withDraft('managed');
    const conversation = await kit.read(kit.conversationId);
    kit.desk.agent.sendDraft(kit.handle, { user });
    expect(await thrownBy(kit.keeper.observe(conversation))).toMatchObject({ reason: 'undo-window' });
    expect(await outcomes(kit, kit.conversationId)).toEqual([]);
  });

  it('taken back between the list and the second read: not taken for discarded', async () => {
    let lists = 0;
    const kit = await withDraft('managed', {
      wrapClient: (client) => ({
        ...client,
        async listDrafts(conversationId) {
          const listed = await client.listDrafts(conversationId);
          lists++;
          if (lists === 2) {
            kit.desk.agent.undoSend(kit.handle, user);
          }
          return listed;
        },
      }),
    });
    const conversation = await kit.read(kit.conversationId);
    kit.desk.agent.sendDraft(kit.handle, { user });
    await kit.keeper.observe(conversation);
    expect(lists).toBe(3);
    expect(await outcomes(kit, kit.conversationId)).toEqual([]);
    expect(await kit.store.drafts.getLive(kit.conversationId)).toMatchObject({ state: 'live' });
  });

  it('a stale draft in somebody’s hands is not withdrawn', async () => {
    const kit = await withDraft('managed');
    kit.desk.agent.openDraft(kit.handle, user);
    kit.clock.advance(13_000);
    kit.desk.agent.reply(kit.conversationId, { user, body: '<div>By hand</div>' });
    kit.clock.advance(30_000);
    await kit.observe(kit.conversationId);
    expect(draftsIn(kit.desk, kit.conversationId)).toHaveLength(1);
    expect(await outcomes(kit, kit.conversationId)).toEqual(['replaced']);

    // Later nobody works on it any more: it carries the next suggestion and no second draft stands beside it.
    kit.clock.advance(3_600_000);
    const second = await kit.customerWrites(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe('replaced');
    expect(draftsIn(kit.desk, kit.conversationId)).toHaveLength(1);
  });

  it('our drafts left over from the guarded mode: one is replaced, the others are withdrawn', async () => {
    const kit = await withDraft('managed');
    const { client, conversationId } = kit;
    const [body] = bodies(kit, conversationId);
    await client.createDraftReply(conversationId, { html: body ?? '', cc: [], status: 'active' });
    await kit.store.drafts.reset(conversationId);
    const second = await kit.customerWrites(conversationId);
    expect(await kit.offer(conversationId, second)).toBe('replaced');
    expect(draftsIn(kit.desk, conversationId)).toHaveLength(1);
    expect(kit.metrics.total('DraftsWithdrawn')).toBe(1);
  });

  it('a stale draft is sent while it is withdrawn: comes back later, and counts as sent', async () => {
    let act = () => {};
    const kit = await withDraft('managed', {
      wrapClient: (client) => ({
        ...client,
        async withdrawDraft(...call) {
          act();
          return client.withdrawDraft(...call);
        },
      }),
    });
    kit.desk.agent.reply(kit.conversationId, { user, body: '<div>By hand</div>' });
    kit.clock.advance(30_000);
    act = () => void kit.desk.agent.sendDraft(kit.handle, { user });
    expect(await thrownBy(kit.observe(kit.conversationId))).toMatchObject({ reason: 'undo-window' });
    kit.clock.advance(20_000);
    await kit.observe(kit.conversationId);
    expect(await outcomes(kit, kit.conversationId)).toEqual(['unchanged']);
  });

  it('a left-over draft is edited while it is withdrawn: it stays, one note', async () => {
    let act = () => {};
    const kit = await withDraft('managed', {
      wrapClient: (client) => ({
        ...client,
        async withdrawDraft(...call) {
          act();
          return client.withdrawDraft(...call);
        },
      }),
    });
    const [body] = bodies(kit, kit.conversationId);
    await kit.client.createDraftReply(kit.conversationId, { html: body ?? '', cc: [], status: 'active' });
    const leftOver = draftsIn(kit.desk, kit.conversationId)[1];
    const handle = { conversationId: kit.conversationId, threadId: leftOver?.id ?? 0 };
    act = () => kit.desk.agent.saveDraft(handle, { user, body: '<div>Mine now</div>' });
    const second = await kit.customerWrites(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe('noted');
    expect(bodies(kit, kit.conversationId)).toEqual([body, '<div>Mine now</div>']);
  });

  it('deleted between the read and the list: nothing is concluded', async () => {
    const kit = await withDraft('managed');
    const conversation = await kit.read(kit.conversationId);
    kit.desk.agent.discardDraft(kit.handle);
    kit.desk.agent.trash(kit.conversationId, user);
    await kit.keeper.observe(conversation);
    expect(await outcomes(kit, kit.conversationId)).toEqual([]);
    expect(await kit.store.drafts.getLive(kit.conversationId)).toMatchObject({ state: 'live' });
  });

  it('the companion module is gone between two lists: nothing is concluded', async () => {
    let lists = 0;
    const kit = await withDraft('managed', {
      wrapClient: (client) => ({
        ...client,
        async listDrafts(conversationId) {
          lists++;
          return lists === 3 ? null : client.listDrafts(conversationId);
        },
      }),
    });
    kit.desk.agent.discardDraft(kit.handle);
    await kit.observe(kit.conversationId);
    expect(lists).toBe(3);
    expect(await outcomes(kit, kit.conversationId)).toEqual([]);
  });

  it('the companion module is gone: the guarded rules hold', async () => {
    const kit = await withDraft('managed');
    kit.desk.switches.companionModule = false;
    kit.desk.agent.discardDraft(kit.handle);
    const second = await kit.customerWrites(kit.conversationId);
    await kit.observe(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe('noted');
    expect(await outcomes(kit, kit.conversationId)).toEqual([]);
  });
});

describe.each(modes)('%s: the draft call fails', (mode) => {
  const nothingWritten: readonly CallFault[] = [400, 401, 403, 404, 405, 413, 422, 'refused'];
  it.each(nothingWritten)(
    '%s proves that nothing was written: the next attempt creates it',
    async (fault) => {
      const kit = createDraftDesk({ mode });
      const { conversationId, threadId } = await kit.begin();
      kit.failNext('POST', threads, fault);
      expect(await thrownBy(kit.offer(conversationId, threadId))).toMatchObject({ nothingWritten: true });
      expect(await kit.store.drafts.getLive(conversationId)).toMatchObject({ state: 'gone' });
      expect(await kit.offer(conversationId, threadId)).toBe('drafted');
      expect(draftsIn(kit.desk, conversationId)).toHaveLength(1);
      expect(notesIn(kit.desk, conversationId)).toEqual([]);
    },
  );

  const unanswered: readonly (readonly [CallFault, number])[] = [
    ['500-before', 0],
    ['timeout-before', 0],
    ['html-before', 0],
    ['500-after', 1],
    ['timeout-after', 1],
    ['html-after', 1],
    ['no-resource-id', 1],
  ];
  it.each(unanswered)('%s proves nothing: never a second draft', async (fault, written) => {
    const kit = createDraftDesk({ mode });
    const { conversationId, threadId } = await kit.begin();
    kit.failNext('POST', threads, fault);
    expect(await thrownBy(kit.offer(conversationId, threadId))).toMatchObject({ nothingWritten: false });
    expect(await kit.store.drafts.getLive(conversationId)).toMatchObject({ state: 'creating' });
    expect(draftsIn(kit.desk, conversationId)).toHaveLength(written);

    if (mode === 'guarded') {
      await kit.observe(conversationId);
      expect(await kit.offer(conversationId, threadId)).toBe('noted');
      expect(await kit.offer(conversationId, threadId)).toBe('noted');
      expect(notesIn(kit.desk, conversationId)).toHaveLength(1);
      expect(notesIn(kit.desk, conversationId)[0]?.body).toContain(`we look into ${threadId} today`);
      expect(kit.log.of('DRAFT_KEPT')).toMatchObject([{ reason: 'draft-may-be-there' }]);
      expect(draftsIn(kit.desk, conversationId)).toHaveLength(written);
      return;
    }
    if (written === 0) {
      expect(await thrownBy(kit.observe(conversationId))).toMatchObject({
        reason: 'unanswered-write',
        seconds: 60,
      });
      kit.clock.advance(60_000);
    }
    await kit.observe(conversationId);
    expect(await kit.offer(conversationId, threadId)).toBe('drafted');
    expect(draftsIn(kit.desk, conversationId)).toHaveLength(1);
    expect(notesIn(kit.desk, conversationId)).toEqual([]);
    expect(await kit.store.drafts.getLive(conversationId)).toMatchObject({ state: 'live' });
  });

  it('a call that left late: the minute counts from its end', async () => {
    const kit = createDraftDesk({
      mode,
      wrapClient: (client) => ({
        ...client,
        async createDraftReply(...call) {
          kit.clock.advance(55_000);
          return client.createDraftReply(...call);
        },
      }),
    });
    const { conversationId, threadId } = await kit.begin();
    kit.failNext('POST', threads, 'timeout-before');
    await thrownBy(kit.offer(conversationId, threadId));
    kit.clock.advance(10_000);
    if (mode === 'guarded') {
      expect(await kit.offer(conversationId, threadId)).toBe('noted');
      return;
    }
    expect(await thrownBy(kit.offer(conversationId, threadId))).toMatchObject({
      reason: 'unanswered-write',
      seconds: 50,
    });
  });

  it('an unanswered draft that a person sends is recognised by its marker', async () => {
    const kit = createDraftDesk({ mode });
    const { conversationId, threadId } = await kit.begin();
    kit.failNext('POST', threads, 'timeout-after');
    await thrownBy(kit.offer(conversationId, threadId));
    const [written] = draftsIn(kit.desk, conversationId);
    kit.desk.agent.sendDraft({ conversationId, threadId: written?.id ?? 0 }, { user });
    kit.clock.advance(120_000);
    await kit.observe(conversationId);
    expect(await kit.store.drafts.listCycles(conversationId)).toMatchObject([
      { outcome: 'unchanged', draftThreadId: written?.id },
    ]);
  });

  it('an unanswered draft whose whole text a person replaced is still no reason for a second one', async () => {
    const kit = createDraftDesk({ mode });
    const { conversationId, threadId } = await kit.begin();
    kit.failNext('POST', threads, 'timeout-after');
    await thrownBy(kit.offer(conversationId, threadId));
    const [written] = draftsIn(kit.desk, conversationId);
    const handle = { conversationId, threadId: written?.id ?? 0 };
    kit.desk.agent.saveDraft(handle, { user, body: '<div>All mine</div>' });
    kit.clock.advance(3_600_000);
    await kit.observe(conversationId);
    expect(await kit.offer(conversationId, threadId)).toBe(mode === 'managed' ? 'drafted' : 'noted');
    const second = await kit.customerWrites(conversationId);
    expect(await kit.offer(conversationId, second)).toBe('noted');
    expect(bodies(kit, conversationId)).toEqual(['<div>All mine</div>']);
  });

  it('an unanswered draft ends with another reply', async () => {
    const kit = createDraftDesk({ mode });
    const { conversationId, threadId } = await kit.begin();
    kit.failNext('POST', threads, '500-before');
    await thrownBy(kit.offer(conversationId, threadId));
    kit.desk.agent.reply(conversationId, { user, body: '<div>By hand</div>' });
    kit.clock.advance(120_000);
    await kit.observe(conversationId);
    expect(await outcomes(kit, conversationId)).toEqual(['replaced']);
    const second = await kit.customerWrites(conversationId);
    expect(await kit.offer(conversationId, second)).toBe('drafted');
  });

  it('the record cannot be written after the call: no second draft', async () => {
    let saves = 0;
    const kit = createDraftDesk({
      mode,
      store: {
        beforeEach: (operation) => {
          if (operation === 'drafts.saveLive' && ++saves === 2) {
            throw new Error('crash');
          }
        },
      },
    });
    const { conversationId, threadId } = await kit.begin();
    expect(await thrownBy(kit.offer(conversationId, threadId))).toMatchObject({ message: 'crash' });
    expect(await kit.offer(conversationId, threadId)).toBe(mode === 'guarded' ? 'noted' : 'drafted');
    expect(draftsIn(kit.desk, conversationId)).toHaveLength(1);
  });

  it('an unanswered draft that FreeScout published: drafting stops, and it is no outcome', async () => {
    const kit = createDraftDesk({ mode });
    const { conversationId, threadId } = await kit.begin();
    kit.desk.switches.oldModule = true;
    kit.failNext('POST', threads, 'timeout-after');
    await thrownBy(kit.offer(conversationId, threadId));
    await kit.observe(conversationId);
    expect(kit.stops).toHaveLength(1);
    expect(kit.stops[0]).toContain(`of conversation ${conversationId}`);
    kit.clock.advance(120_000);
    await kit.observe(conversationId);
    expect(kit.stops).toHaveLength(1);
    expect(await outcomes(kit, conversationId)).toEqual([]);
    expect(await kit.store.drafts.getLive(conversationId)).toMatchObject({ state: 'gone' });
  });

  it.each([
    ['another person, at once', defaultAgent, 0],
    ['a person logged in as the bot user, later', defaultBot, 600_000],
  ])('an unanswered draft that is sent by %s: an outcome, drafting goes on', async (_, sender, wait) => {
    const kit = createDraftDesk({ mode });
    const { conversationId, threadId } = await kit.begin();
    kit.failNext('POST', threads, 'timeout-after');
    await thrownBy(kit.offer(conversationId, threadId));
    kit.clock.advance(wait);
    const [written] = draftsIn(kit.desk, conversationId);
    kit.desk.agent.sendDraft({ conversationId, threadId: written?.id ?? 0 }, { user: sender });
    kit.clock.advance(30_000);
    await kit.observe(conversationId);
    expect(kit.stops).toEqual([]);
    expect(await outcomes(kit, conversationId)).toEqual(['unchanged']);
  });

  it('a draft that is sent by a person logged in as the bot user is an outcome', async () => {
    const kit = await withDraft(mode);
    kit.desk.agent.sendDraft(kit.handle, { user: defaultBot });
    kit.clock.advance(30_000);
    await kit.observe(kit.conversationId);
    expect(kit.stops).toEqual([]);
    expect(await outcomes(kit, kit.conversationId)).toEqual(['unchanged']);
  });

  it('FreeScout stores something else than a draft: drafting stops, and it is no outcome', async () => {
    const kit = createDraftDesk({ mode });
    const { conversationId, threadId } = await kit.begin();
    kit.desk.switches.oldModule = true;
    expect(await kit.offer(conversationId, threadId)).toBe('stopped');
    expect(kit.stops).toHaveLength(1);
    expect(kit.stops[0]).not.toContain('Nina');
    kit.clock.advance(30_000);
    await kit.observe(conversationId);
    expect(await outcomes(kit, conversationId)).toEqual([]);
    expect(await kit.store.drafts.getLive(conversationId)).toMatchObject({ state: 'gone' });

    const other = await kit.begin();
    const calls = kit.desk.requests.length;
    expect(await kit.offer(other.conversationId, other.threadId)).toBe('stopped');
    expect(kit.desk.requests.slice(calls).some(({ method }) => method === 'POST')).toBe(false);
  });
});

describe('managed: the draft call was not answered', () => {
  /** Its draft was written. */
  async function withUnansweredDraft() {
    const kit = createDraftDesk({ mode: 'managed' });
    const { conversationId, threadId } = await kit.begin();
    kit.failNext('POST', threads, 'timeout-after');
    await thrownBy(kit.offer(conversationId, threadId));
    const draftId = draftsIn(kit.desk, conversationId)[0]?.id ?? 0;
    return { ...kit, conversationId, threadId, draftId, handle: { conversationId, threadId: draftId } };
  }

  it('its draft is found at the next offer, and counts once', async () => {
    const kit = await withUnansweredDraft();
    expect(await kit.offer(kit.conversationId, kit.threadId)).toBe('drafted');
    expect(await kit.store.drafts.getLive(kit.conversationId)).toMatchObject({
      state: 'live',
      draftThreadId: kit.draftId,
    });
    expect(kit.metrics.total('DraftsCreated')).toBe(1);
  });

  it('its draft was sent and taken back, which made it a person’s: found by its marker', async () => {
    const kit = await withUnansweredDraft();
    kit.desk.agent.sendDraft(kit.handle, { user });
    kit.clock.advance(5_000);
    kit.desk.agent.undoSend(kit.handle, user);
    kit.clock.advance(3_600_000);
    await kit.observe(kit.conversationId);
    expect(await kit.store.drafts.getLive(kit.conversationId)).toMatchObject({
      state: 'live',
      draftThreadId: kit.draftId,
    });
  });
});

describe('managed: other calls fail', () => {
  const unanswered: readonly CallFault[] = ['500-before', 'timeout-before', 'html-before', 'refused', 401];
  it.each(unanswered)('listing: %s changes nothing', async (fault) => {
    const kit = await withDraft('managed');
    const second = await kit.customerWrites(kit.conversationId);
    const before = await kit.store.drafts.getLive(kit.conversationId);
    kit.failNext('GET', drafts, fault);
    expect(await thrownBy(kit.observe(kit.conversationId))).toBeInstanceOf(FreeScoutFailure);
    kit.failNext('GET', drafts, fault);
    expect(await thrownBy(kit.offer(kit.conversationId, second))).toBeInstanceOf(FreeScoutFailure);
    expect(await kit.store.drafts.getLive(kit.conversationId)).toEqual(before);
    expect(await kit.offer(kit.conversationId, second)).toBe('replaced');
  });

  it.each<readonly [CallFault, string]>([
    ['500-before', 'replaced'],
    ['timeout-before', 'replaced'],
    ['refused', 'replaced'],
    ['500-after', 'drafted'],
    ['timeout-after', 'drafted'],
  ])('replacing: %s, the next attempt ends in %s', async (fault, end) => {
    const kit = await withDraft('managed');
    const second = await kit.customerWrites(kit.conversationId);
    kit.failNext('PUT', draft, fault);
    expect(await thrownBy(kit.offer(kit.conversationId, second))).toBeInstanceOf(FreeScoutFailure);
    expect(await kit.offer(kit.conversationId, second, `<div>A new text for ${second}</div>`)).toBe(end);
    expect(draftsIn(kit.desk, kit.conversationId)).toHaveLength(1);
    expect(await kit.store.drafts.getLive(kit.conversationId)).toMatchObject({
      state: 'live',
      answeredThreadId: second,
      draftThreadId: kit.draftId,
    });

    kit.desk.agent.sendDraft(kit.handle, { user });
    kit.clock.advance(30_000);
    await kit.observe(kit.conversationId);
    expect(await outcomes(kit, kit.conversationId)).toEqual(['unchanged']);
  });

  it('replacing was not recorded: what is sent is compared with what was written', async () => {
    const kit = await withDraft('managed');
    const second = await kit.customerWrites(kit.conversationId);
    kit.failNext('PUT', draft, 'timeout-after');
    await thrownBy(kit.offer(kit.conversationId, second));
    expect(await kit.offer(kit.conversationId, second, '<div>Quite another text</div>')).toBe('drafted');
    const edited = (bodies(kit, kit.conversationId)[0] ?? '').replace('today', 'tomorrow');
    kit.desk.agent.sendDraft(kit.handle, { user, body: edited });
    kit.clock.advance(30_000);
    await kit.observe(kit.conversationId);
    expect(await outcomes(kit, kit.conversationId)).toEqual(['light-edit']);
  });

  it('replacing was not recorded and a person edited the result: kept', async () => {
    const kit = await withDraft('managed');
    const second = await kit.customerWrites(kit.conversationId);
    kit.failNext('PUT', draft, 'timeout-after');
    await thrownBy(kit.offer(kit.conversationId, second));
    const edited = `${bodies(kit, kit.conversationId)[0]}<div>PS</div>`;
    kit.desk.agent.saveDraft(kit.handle, { user, body: edited });
    kit.clock.advance(3_600_000);
    const third = await kit.customerWrites(kit.conversationId);
    expect(await kit.offer(kit.conversationId, third)).toBe('noted');
    expect(bodies(kit, kit.conversationId)).toEqual([edited]);
  });

  it.each<CallFault>(['500-before', '500-after', 'timeout-before', 'timeout-after'])(
    'withdrawing: %s, the next attempt ends the cycle',
    async (fault) => {
      const kit = await withDraft('managed');
      kit.desk.agent.reply(kit.conversationId, { user, body: '<div>By hand</div>' });
      kit.clock.advance(30_000);
      kit.failNext('DELETE', draft, fault);
      expect(await thrownBy(kit.observe(kit.conversationId))).toBeInstanceOf(FreeScoutFailure);
      expect(await outcomes(kit, kit.conversationId)).toEqual([]);
      await kit.observe(kit.conversationId);
      expect(await outcomes(kit, kit.conversationId)).toEqual(['replaced']);
      expect(draftsIn(kit.desk, kit.conversationId)).toEqual([]);
    },
  );

  it('the second read fails: nothing is taken for discarded', async () => {
    const kit = await withDraft('managed');
    const conversation = await kit.read(kit.conversationId);
    kit.desk.agent.discardDraft(kit.handle);
    kit.failNext('GET', /\/conversations\/\d+$/, '500-before');
    expect(await thrownBy(kit.keeper.observe(conversation))).toBeInstanceOf(FreeScoutFailure);
    expect(await outcomes(kit, kit.conversationId)).toEqual([]);
    await kit.observe(kit.conversationId);
    expect(await outcomes(kit, kit.conversationId)).toEqual(['discarded']);
  });
});

describe.each(modes)('%s: a note fails', (mode) => {
  it.each<readonly [CallFault, string]>([
    ['500-before', 'is written by the next attempt'],
    ['refused', 'is written by the next attempt'],
    ['500-after', 'is found by the next attempt'],
    ['timeout-after', 'is found by the next attempt'],
    ['no-resource-id', 'is found by the next attempt'],
  ])('%s: the note %s', async (fault) => {
    const kit = createDraftDesk({ mode });
    const { conversationId, threadId } = await kit.begin();
    kit.failNext('POST', threads, fault);
    const explain = async () =>
      kit.keeper.explainNoDraft(await kit.read(conversationId), threadId, 'wrong-language');
    expect(await thrownBy(explain())).toBeInstanceOf(FreeScoutFailure);
    await explain();
    expect(notesIn(kit.desk, conversationId)).toHaveLength(1);
  });
});

describe.each(modes)('%s: no draft was written', (mode) => {
  it('one note per customer message says why', async () => {
    const kit = createDraftDesk({ mode });
    const { conversationId, threadId } = await kit.begin();
    for (let attempt = 0; attempt < 2; attempt++) {
      await kit.keeper.explainNoDraft(await kit.read(conversationId), threadId, 'refused');
    }
    const notes = notesIn(kit.desk, conversationId);
    expect(notes).toHaveLength(1);
    expect(notes[0]?.body).toContain('the model declined to write one');
    expect((await kit.read(conversationId)).cc).toEqual(['boss@example.org']);
    expect(draftsIn(kit.desk, conversationId)).toEqual([]);
    expect(kit.metrics.total('DraftsUnusable')).toBe(1);
    expect(kit.log.of('DRAFT_UNUSABLE')).toMatchObject([{ reason: 'refused' }]);

    const second = await kit.customerWrites(conversationId);
    await kit.keeper.explainNoDraft(await kit.read(conversationId), second, '<b>odd</b>');
    expect(notesIn(kit.desk, conversationId)).toHaveLength(2);
    expect(notesIn(kit.desk, conversationId)[1]?.body).not.toContain('odd');
  });

  it('a follow-up has its own notes beside those of the reply to the same message', async () => {
    const kit = createDraftDesk({ mode });
    const { conversationId, threadId } = await kit.begin();
    const read = () => kit.read(conversationId);
    await kit.keeper.explainNoDraft(await read(), threadId, 'refused');
    await kit.keeper.explainNoDraft(await read(), threadId, 'refused', { kind: 'followup' });
    expect(notesIn(kit.desk, conversationId)).toHaveLength(2);

    kit.failNext('POST', threads, 'timeout-after');
    await thrownBy(kit.offer(conversationId, threadId));
    kit.desk.agent.writeDraft(conversationId, { user, body: '<div>My own</div>' });
    const second = mode === 'managed' ? await kit.customerWrites(conversationId) : threadId;
    const followUp = {
      ...suggestionFor(second, '<div>Sorry that you had to wait.</div>'),
      kind: 'followup',
    } as const;
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await kit.offer(conversationId, second)).toBe('noted');
      expect(await kit.keeper.offer(await read(), followUp)).toBe('noted');
    }
    const [, , reply, late, ...more] = notesIn(kit.desk, conversationId).map(({ body }) => body);
    expect(reply).toContain(`csm:suggestion:${conversationId}:${second} `);
    expect(late).toContain('Sorry that you had to wait.');
    expect(more).toEqual([]);
  });

  it('a note that a person or a customer wrote with our marker does not count', async () => {
    const kit = createDraftDesk({ mode });
    const { conversationId, threadId } = await kit.begin();
    const forged = `<div>x</div><!-- csm:no-draft:${conversationId}:${threadId} -->`;
    kit.desk.agent.addNote(conversationId, { user, body: forged });
    await kit.customerWrites(conversationId, forged);
    await kit.keeper.explainNoDraft(await kit.read(conversationId), threadId, 'empty');
    expect(notesIn(kit.desk, conversationId)).toHaveLength(1);
  });
});

describe.each(modes)('%s: the conversation went another way', (mode) => {
  it('deleted: nothing is concluded, and the draft is still known when it comes back', async () => {
    const kit = await withDraft(mode);
    kit.desk.agent.trash(kit.conversationId, user);
    await kit.observe(kit.conversationId);
    expect(await outcomes(kit, kit.conversationId)).toEqual([]);
    kit.desk.agent.restore(kit.conversationId, user);
    const second = await kit.customerWrites(kit.conversationId);
    await kit.observe(kit.conversationId);
    expect(await kit.offer(kit.conversationId, second)).toBe(mode === 'guarded' ? 'noted' : 'replaced');
    expect(draftsIn(kit.desk, kit.conversationId)).toHaveLength(1);
  });

  it.each(['our draft was sent', 'an agent replied by hand'])(
    'deleted after %s: the outcome is recorded',
    async (how) => {
      const kit = await withDraft(mode);
      kit.clock.advance(60_000);
      if (how === 'our draft was sent') {
        kit.desk.agent.sendDraft(kit.handle, { user });
      } else {
        kit.desk.agent.reply(kit.conversationId, { user, body: '<div>By hand</div>' });
      }
      kit.desk.agent.trash(kit.conversationId, user);
      kit.clock.advance(30_000);
      const calls = kit.desk.requests.length;
      await kit.observe(kit.conversationId);
      expect(await outcomes(kit, kit.conversationId)).toEqual([
        how === 'our draft was sent' ? 'unchanged' : 'replaced',
      ]);
      // Nothing is listed, and nothing is withdrawn: the one call is the test's own reading.
      expect(kit.desk.requests.slice(calls)).toHaveLength(1);
    },
  );

  it('gone for good before the draft call: intent cleared', async () => {
    const kit = createDraftDesk({ mode });
    const { conversationId, threadId } = await kit.begin();
    const conversation = await kit.read(conversationId);
    kit.desk.agent.deleteForever(conversationId);
    const thrown = await thrownBy(kit.keeper.offer(conversation, suggestionFor(threadId)));
    expect(thrown).toBeInstanceOf(FreeScoutFailure);
    expect(thrown).toMatchObject({ retryable: false });
    expect(await kit.store.drafts.getLive(conversationId)).toMatchObject({ state: 'gone' });
  });

  it('merged into another: nothing is concluded about the source', async () => {
    const kit = await withDraft(mode);
    const target = await kit.begin('Another question');
    kit.desk.agent.merge(target.conversationId, kit.conversationId, user);
    await kit.observe(kit.conversationId);
    expect(await outcomes(kit, kit.conversationId)).toEqual([]);

    const message = await kit.customerWrites(target.conversationId);
    const offered = await kit.offer(target.conversationId, message);
    if (mode === 'managed') {
      // The draft moved along, is ours and untouched: it carries the new suggestion.
      expect(offered).toBe('replaced');
      expect(draftsIn(kit.desk, target.conversationId)).toHaveLength(1);
    } else {
      expect(offered).toBe('drafted');
    }
  });

  it('merged into another after a person edited our draft: it is theirs there', async () => {
    const kit = await withDraft(mode);
    const edited = `${bodies(kit, kit.conversationId)[0]}<div>PS</div>`;
    kit.desk.agent.saveDraft(kit.handle, { user, body: edited });
    const target = await kit.begin('Another question');
    kit.desk.agent.merge(target.conversationId, kit.conversationId, user);
    kit.clock.advance(3_600_000);

    const message = await kit.customerWrites(target.conversationId);
    // Guarded cannot see what the merge brought.
    expect(await kit.offer(target.conversationId, message)).toBe(mode === 'managed' ? 'noted' : 'drafted');
    expect(bodies(kit, target.conversationId)).toContain(edited);
    expect(bodies(kit, target.conversationId)).toHaveLength(mode === 'managed' ? 1 : 2);
  });

  it.each(['closed', 'spam'] as const)(
    '%s since it was read: the draft is written all the same',
    async (status) => {
      const kit = createDraftDesk({ mode });
      const { conversationId, threadId } = await kit.begin();
      const conversation = await kit.read(conversationId);
      kit.desk.agent.setStatus(conversationId, status, user);
      expect(await kit.keeper.offer(conversation, suggestionFor(threadId))).toBe('drafted');
      expect(draftsIn(kit.desk, conversationId)).toHaveLength(1);
      expect((await kit.read(conversationId)).status).toBe('active');
    },
  );

  it('closed or spam: the status that was read is kept', async () => {
    const kit = createDraftDesk({ mode });
    const { conversationId, threadId } = await kit.begin();
    kit.desk.agent.setStatus(conversationId, 'closed', user);
    await kit.offer(conversationId, threadId);
    expect((await kit.read(conversationId)).status).toBe('closed');
  });

  it('another customer now: the draft is recorded as any other', async () => {
    const kit = await withDraft(mode);
    await kit.client.addCustomerMessage(kit.conversationId, {
      customer: { email: 'other@example.org' },
      html: '<div>I take over</div>',
      cc: ['nina@example.org'],
      attachments: [],
      keepSpam: false,
    });
    kit.desk.agent.sendDraft(kit.handle, { user });
    kit.clock.advance(30_000);
    await kit.observe(kit.conversationId);
    expect(await outcomes(kit, kit.conversationId)).toEqual(['unchanged']);
  });

  it('the answered message is no longer there: the time of the draft decides', async () => {
    const kit = createDraftDesk({ mode });
    const { conversationId } = await kit.begin();
    kit.desk.agent.reply(conversationId, { user, body: '<div>An earlier answer</div>' });
    kit.clock.advance(60_000);
    const answered = await kit.customerWrites(conversationId);
    expect(await kit.offer(conversationId, answered)).toBe('drafted');
    const observeWithoutAnswered = async () => {
      kit.clock.advance(60_000);
      const conversation = await kit.read(conversationId);
      const others = conversation.threads.filter((thread) => thread.id !== answered);
      await kit.keeper.observe({ ...conversation, threads: others });
    };
    await observeWithoutAnswered();
    expect(await outcomes(kit, conversationId)).toEqual([]);

    kit.desk.agent.reply(conversationId, { user, body: '<div>By hand</div>' });
    await observeWithoutAnswered();
    expect(await outcomes(kit, conversationId)).toEqual(['replaced']);
  });
});
