import { describe, expect, it } from 'vitest';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { workOnJob } from '#functions/conversation-worker/workOnJob.ts';
import { fetchMail } from '#infra/standins/freescout/fetchedMail.ts';
import { defaultAgent } from '#infra/standins/freescout/model.ts';
import { sharersOf } from '#shared/customers/senderShare.ts';
import { markerFor } from '#shared/drafts/markers.ts';
import type { ConversationJob } from '#shared/jobs/jobs.ts';
import type { LanguageModel } from '#shared/openai/languageModel.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { followUpKey } from '#shared/store/keys.ts';
import { createWorkerBench, judgement } from '#tests/support/workerBench.ts';

const hour = 3_600_000;

/** How the model answers the prompts for drafts, oldest first; afterwards it answers usably. */
type DraftAnswer = 'usable' | 'refused' | 'over-budget';

function followUpBench({
  settings = {},
  drafts = [],
  importance = 5,
  mode = 'guarded',
}: {
  readonly settings?: object;
  readonly mode?: 'guarded' | 'managed';
  readonly drafts?: readonly DraftAnswer[];
  readonly importance?: number;
} = {}) {
  const bench = createWorkerBench({ settings, mode });
  const { desk, clock, store } = bench;
  const prompts: string[] = [];
  const answers = [...drafts];
  let beforeAnswer = () => {};
  const usage = { model: 'm', inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, usd: 0 };
  const model: LanguageModel = {
    async ask(request) {
      if (request.purpose === 'triage') {
        return { outcome: 'answered', value: request.schema.parse({ ...judgement, importance }), usage };
      }
      prompts.push(`${request.instructions}\n${request.input}`);
      beforeAnswer();
      const fate = answers.shift() ?? 'usable';
      if (fate === 'over-budget') {
        return { outcome: 'over-budget' };
      }
      if (fate === 'refused') {
        return { outcome: 'refused', usage };
      }
      const value = { language: 'en', blocks: [{ kind: 'paragraph', text: 'Sorry that you had to wait.' }] };
      return { outcome: 'answered', value: request.schema.parse(value), usage };
    },
  };
  let mayDraft = true;
  const deps: WorkerDependencies = {
    ...bench.deps,
    model,
    draftKeeper: { ...bench.deps.draftKeeper, mayDraft: async () => mayDraft },
  };
  let deliveries = 0;
  async function work(job: Partial<ConversationJob> = {}, withDeps = deps) {
    deliveries += 1;
    return workOnJob(
      withDeps,
      JSON.stringify({ kind: 'conversation', conversationId: 1, cause: 'webhook', requestId: 'r', ...job }),
      { owner: `w${deliveries}`, receiveCount: 1, last: false, timeLeftMilliseconds: () => 170_000 },
    );
  }
  let mails = 0;
  function customerWrites(): number {
    mails += 1;
    const thread = fetchMail(desk, 1, {
      messageId: `mail-${mails}@customer.test`,
      from: { name: 'Nina', email: 'nina@customer.test' },
      to: 'support@example.com',
      cc: [],
      subject: 'Lamp',
      text: `Question ${mails}`,
      html: '',
      inReplyTo: mails === 1 ? null : 'mail-1@customer.test',
      references: [],
    });
    if (thread === null) {
      throw new Error('FreeScout did not take the mail');
    }
    return thread.id;
  }
  const threads = () => desk.threadsOf.get(1) ?? [];
  return {
    ...bench,
    deps,
    prompts,
    work,
    customerWrites,
    meanwhile: (act: () => void) => {
      beforeAnswer = act;
    },
    followUp: (job: Partial<ConversationJob> = {}, deps?: WorkerDependencies) =>
      work({ step: 'follow-up', cause: 'follow-ups', ...job }, deps),
    stopDrafts(stopped: boolean) {
      mayDraft = !stopped;
    },
    /** The first mail, judged and answered by a draft, or not, and then silence. */
    async begin(hours = 24): Promise<number> {
      const threadId = customerWrites();
      await work();
      clock.advance(hours * hour);
      return threadId;
    },
    drafts: () => threads().filter(({ type, state }) => type === 'message' && state === 'draft'),
    notes: () => threads().filter(({ type }) => type === 'note'),
    tags: async () => (await bench.client.getConversation(1))?.tags ?? [],
    rowOf: (threadId: number) => store.ledger.get(followUpKey(1, threadId)),
    alerts: () => bench.queue.jobs.map(({ job }) => job).filter(({ kind }) => kind === 'alert'),
    teamMessage: () =>
      bench.client.addNote(1, {
        html: `<div>Sent elsewhere</div>${markerFor('team:gmail:support:1')}`,
        cc: [],
        imported: true,
      }),
    agentReplies: () => desk.agent.reply(1, { user: defaultAgent, body: 'Here it is.', status: 'active' }),
  };
}

describe('the follow-up step', () => {
  it('writes one late draft, then the tag, and nothing more however often it is asked', async () => {
    const test = followUpBench({ drafts: ['refused'] });
    const threadId = await test.begin(30);
    expect(test.drafts()).toHaveLength(0);
    for (let time = 0; time < 3; time += 1) {
      expect(await test.followUp()).toEqual({ end: 'done' });
    }
    expect(test.drafts()).toHaveLength(1);
    expect(test.drafts()[0]?.body).toContain(`<!-- csm:draft:1:${threadId}:followup -->`);
    expect(await test.tags()).toEqual(['customer', 'p2', 'followup-ready']);
    expect(await test.rowOf(threadId)).toMatchObject({ status: 'success', action: 'drafted' });
    expect(test.prompts).toHaveLength(2);
    expect(test.prompts[1]).toMatch(/^Task: follow-up\n[\s\S]*owning\n\s*the delay[\s\S]*Promise no date/);
    expect(test.prompts[1]).toContain("Customer's language: en\nThe customer waits for: 30 hours");
  });

  it('keeps a draft that is seen to wait: only the tag is added, and nothing is spent', async () => {
    const test = followUpBench({ mode: 'managed' });
    const threadId = await test.begin();
    await test.followUp();
    expect(test.drafts()).toHaveLength(1);
    expect(test.prompts).toHaveLength(1);
    expect(await test.tags()).toContain('followup-ready');
    expect(await test.rowOf(threadId)).toMatchObject({ status: 'success', action: 'tagged' });
  });

  it.each([
    ['is still there', false],
    ['was discarded', true],
  ])('puts its words into a note where no draft can be seen and one %s', async (_, isDiscarded) => {
    const test = followUpBench();
    const threadId = await test.begin();
    const [draft] = test.drafts();
    if (isDiscarded) {
      test.desk.agent.discardDraft({ conversationId: 1, threadId: draft?.id ?? 0 });
    }
    const notes = test.notes().length;
    for (let time = 0; time < 2; time += 1) {
      expect(await test.followUp()).toEqual({ end: 'done' });
    }
    expect(test.drafts()).toEqual(isDiscarded ? [] : [draft]);
    expect(test.notes()).toHaveLength(notes + 1);
    const body = test.notes().at(-1)?.body;
    expect(body).toContain('Suggested late answer: the customer still waits.');
    expect(body).toContain('Sorry that you had to wait.');
    expect(test.notes().at(-1)?.imported).toBe(false);
    expect(await test.tags()).toContain('followup-ready');
    expect(await test.rowOf(threadId)).toMatchObject({ status: 'success', action: 'noted' });
    expect(test.prompts).toHaveLength(2);
  });

  it('drafts anew in managed mode when the draft was discarded', async () => {
    const test = followUpBench({ mode: 'managed' });
    const threadId = await test.begin();
    test.desk.agent.discardDraft({ conversationId: 1, threadId: test.drafts()[0]?.id ?? 0 });
    await test.followUp();
    expect(test.drafts()).toHaveLength(1);
    expect(test.drafts()[0]?.body).toContain('Sorry that you had to wait.');
    expect(await test.tags()).toContain('followup-ready');
    expect(await test.rowOf(threadId)).toMatchObject({ status: 'success', action: 'drafted' });
  });

  it.each([
    ['too young', 23.9, {}],
    ['switched off', 30, { followUps: { enabled: false } }],
    ['a dry run', 30, { followUps: { dryRun: true } }],
  ])('does nothing when it is not due: %s', async (_, hours, settings) => {
    const test = followUpBench({ settings });
    const threadId = await test.begin(hours);
    await test.followUp();
    expect(await test.tags()).not.toContain('followup-ready');
    expect(await test.rowOf(threadId)).toBeNull();
  });

  it('does nothing once an agent has answered', async () => {
    const test = followUpBench({ drafts: ['refused'] });
    await test.begin();
    test.agentReplies();
    test.clock.advance(60_000);
    await test.followUp();
    expect(test.drafts()).toHaveLength(0);
    expect(await test.tags()).not.toContain('followup-ready');
  });

  it('tries only the tag again when the tag fails', async () => {
    const test = followUpBench({ drafts: ['refused'] });
    const threadId = await test.begin();
    test.failNext('PUT', /tags$/, '500-before');
    expect(await test.followUp()).toMatchObject({ end: 'back-to-queue' });
    expect(await test.rowOf(threadId)).toMatchObject({ status: 'failed', followUp: 'drafted' });
    const [draft] = test.drafts();
    await test.followUp();
    expect(test.drafts()).toEqual([draft]);
    expect(test.prompts).toHaveLength(2);
    expect(await test.tags()).toContain('followup-ready');
    expect(await test.rowOf(threadId)).toMatchObject({ status: 'success', action: 'drafted' });
  });

  it('tries no second draft when a person discarded it before the tag came through', async () => {
    const test = followUpBench({ drafts: ['refused'] });
    await test.begin();
    test.failNext('PUT', /tags$/, '500-before');
    await test.followUp();
    const [draft] = test.drafts();
    test.desk.agent.discardDraft({ conversationId: 1, threadId: draft?.id ?? 0 });
    await test.followUp();
    expect(test.drafts()).toHaveLength(0);
    expect(test.prompts).toHaveLength(2);
  });

  it('sets no tag when somebody wrote before the tag came through', async () => {
    const test = followUpBench({ drafts: ['refused'] });
    const threadId = await test.begin();
    test.failNext('PUT', /tags$/, '500-before');
    await test.followUp();
    test.clock.advance(1000);
    test.customerWrites();
    await test.followUp({ rowKey: followUpKey(1, threadId) });
    expect(await test.tags()).not.toContain('followup-ready');
    expect(await test.rowOf(threadId)).toMatchObject({ status: 'success', action: 'superseded' });
  });

  it('sets no tag in a conversation that people moved just before: the job comes back and looks again', async () => {
    const test = followUpBench({ drafts: ['refused'] });
    const threadId = await test.begin();
    test.failNext('PUT', /tags$/, '500-before');
    await test.followUp();
    const { freescout } = test.deps;
    let reads = 0;
    const getConversation = async (id: number) => {
      reads += 1;
      const record = test.desk.conversations.get(id);
      // The job reads it for our draft, for the step, and before the tag.
      if (record && reads === 3) {
        record.mailboxId = 2;
      }
      return freescout.getConversation(id);
    };
    const deps = { ...test.deps, freescout: { ...freescout, getConversation } };

    expect(await test.followUp({}, deps)).toEqual({ end: 'back-to-queue', seconds: 10 });

    expect(reads).toBe(3);
    expect(await test.tags()).not.toContain('followup-ready');
    expect(await test.rowOf(threadId)).toMatchObject({ status: 'processing', followUp: 'drafted' });
  });

  it('writes nothing into a conversation that people moved to a mailbox of others meanwhile', async () => {
    const test = followUpBench({ drafts: ['refused'] });
    const threadId = await test.begin();
    test.meanwhile(() => {
      const record = test.desk.conversations.get(1);
      if (record) {
        record.mailboxId = 2;
      }
    });
    const notes = test.notes().length;
    expect(await test.followUp()).toEqual({ end: 'back-to-queue', seconds: 10 });
    expect(await test.followUp()).toEqual({ end: 'done' });
    await test.followUp({ cause: 'wake', rowKey: followUpKey(1, threadId) });
    expect(test.drafts()).toEqual([]);
    expect(test.notes()).toHaveLength(notes);
    expect(await test.rowOf(threadId)).toMatchObject({ status: 'success', action: 'covered' });
  });

  it('does nothing once a team message has answered, at once', async () => {
    const test = followUpBench({ drafts: ['refused'] });
    const threadId = await test.begin();
    await test.teamMessage();
    await test.followUp();
    expect(test.drafts()).toHaveLength(0);
    expect(await test.tags()).not.toContain('followup-ready');
    expect(await test.rowOf(threadId)).toBeNull();
  });

  it('drops the draft when somebody wrote while the model was at work', async () => {
    const test = followUpBench({ drafts: ['refused'] });
    const threadId = await test.begin();
    test.meanwhile(() => void test.agentReplies());
    await test.followUp();
    expect(test.drafts()).toHaveLength(0);
    expect(await test.tags()).not.toContain('followup-ready');
    expect(await test.rowOf(threadId)).toBeNull();
  });

  it.each<[string, (test: ReturnType<typeof followUpBench>) => () => void]>([
    [
      'the agent takes the reply back',
      (test) => {
        const { id } = test.agentReplies();
        return () => test.desk.agent.undoSend({ conversationId: 1, threadId: id }, defaultAgent);
      },
    ],
    [
      'the agent puts the conversation aside for a while',
      (test) => {
        test.desk.agent.setStatus(1, 'pending', defaultAgent);
        return () => test.desk.agent.setStatus(1, 'active', defaultAgent);
      },
    ],
  ])('comes later when %s meanwhile', async (_, interrupt) => {
    const test = followUpBench({ drafts: ['refused'] });
    const threadId = await test.begin();
    let end = () => {};
    test.meanwhile(() => {
      end = interrupt(test);
    });
    await test.followUp();
    expect(await test.tags()).not.toContain('followup-ready');
    end();
    test.meanwhile(() => {});
    test.clock.advance(6 * hour);
    await test.followUp();
    expect(await test.tags()).toContain('followup-ready');
    expect(await test.rowOf(threadId)).toMatchObject({ status: 'success', action: 'drafted' });
  });

  it('waits until drafts are written again, and pays for no text before', async () => {
    const test = followUpBench({ drafts: ['refused'] });
    const threadId = await test.begin();
    test.stopDrafts(true);
    await test.followUp();
    expect(test.prompts).toHaveLength(1);
    expect(await test.rowOf(threadId)).toBeNull();
    test.stopDrafts(false);
    await test.followUp();
    expect(await test.rowOf(threadId)).toMatchObject({ status: 'success', action: 'drafted' });
  });

  it('waits for the budget and goes on when it is woken', async () => {
    const test = followUpBench({ drafts: ['refused', 'over-budget'] });
    const threadId = await test.begin();
    await test.followUp();
    expect(await test.rowOf(threadId)).toMatchObject({ status: 'deferred', reason: 'budget' });
    expect(test.drafts()).toHaveLength(0);
    await test.followUp({ cause: 'wake', rowKey: followUpKey(1, threadId) });
    expect(test.drafts()).toHaveLength(1);
    expect(await test.tags()).toContain('followup-ready');
  });

  it.each([false, true])('is not woken for ever when it is not due now (dry run: %s)', async (dryRun) => {
    const test = followUpBench({ drafts: ['refused', 'over-budget'] });
    const threadId = await test.begin();
    await test.followUp();
    expect(await test.rowOf(threadId)).toMatchObject({ status: 'deferred' });
    if (!dryRun) {
      test.desk.agent.setStatus(1, 'pending', defaultAgent);
    }
    const { settings } = test.deps;
    const deps = { ...test.deps, settings: { ...settings, followUps: { ...settings.followUps, dryRun } } };
    await test.followUp({ cause: 'wake', rowKey: followUpKey(1, threadId) }, deps);
    expect(await test.rowOf(threadId)).toBeNull();
    test.desk.agent.setStatus(1, 'active', defaultAgent);
    await test.followUp();
    expect(await test.rowOf(threadId)).toMatchObject({ status: 'success', action: 'drafted' });
  });

  it('takes a woken row away that is no longer due', async () => {
    const test = followUpBench({ drafts: ['refused', 'over-budget'] });
    const threadId = await test.begin();
    await test.followUp();
    test.agentReplies();
    test.clock.advance(60_000);
    await test.followUp({ cause: 'wake', rowKey: followUpKey(1, threadId) });
    expect(await test.rowOf(threadId)).toBeNull();
  });

  it('explains in a note of its own when the model gives nothing, and says of nothing that it is ready', async () => {
    const test = followUpBench({ drafts: ['refused', 'refused'] });
    const threadId = await test.begin();
    const notes = test.notes().length;
    await test.followUp();
    expect(test.notes()).toHaveLength(notes + 1);
    expect(test.drafts()).toHaveLength(0);
    expect(await test.tags()).not.toContain('followup-ready');
    expect(await test.rowOf(threadId)).toMatchObject({ status: 'success', action: 'no-draft' });
  });

  it('replaces no tag of anybody', async () => {
    const test = followUpBench();
    await test.begin();
    await test.client.setTags(1, [...(await test.tags()), 'VIP']);
    await test.followUp();
    expect(await test.tags()).toEqual(['customer', 'p2', 'vip', 'followup-ready']);
  });

  it('is nothing for a conversation that is gone: the woken row ends', async () => {
    const test = followUpBench();
    const key = followUpKey(99, 5);
    await test.store.ledger.claim(key, { owner: 'x', leaseSeconds: 1, lastDelivery: false });
    await test.store.ledger.finish(key, 'x', { status: 'deferred', reason: 'budget' });
    await test.followUp({ conversationId: 99, rowKey: key });
    expect(await test.store.ledger.get(key)).toMatchObject({ status: 'filtered', reason: 'gone' });
  });
});

describe('the tag', () => {
  it.each(['customer', 'agent', 'team'] as const)(
    'is taken off by any job after the %s wrote',
    async (who) => {
      const test = followUpBench();
      await test.begin();
      await test.followUp();
      test.clock.advance(60_000);
      if (who === 'customer') {
        test.customerWrites();
      } else if (who === 'agent') {
        test.agentReplies();
      } else {
        await test.teamMessage();
      }
      test.clock.advance(60_000);
      await test.work();
      expect(await test.tags()).toEqual(['customer', 'p2']);
      expect(test.log.of('FOLLOW_UP_TAG_REMOVED')).toHaveLength(1);
    },
  );

  it('stays while nobody writes', async () => {
    const test = followUpBench();
    await test.begin();
    await test.followUp();
    await test.work();
    expect(await test.tags()).toContain('followup-ready');
  });

  it('stays when a person set it', async () => {
    const test = followUpBench();
    await test.begin();
    await test.client.setTags(1, [...(await test.tags()), 'followup-ready']);
    test.customerWrites();
    await test.work();
    expect(await test.tags()).toContain('followup-ready');
  });

  it('makes room for the next follow-up', async () => {
    const test = followUpBench({ drafts: ['refused'] });
    await test.begin();
    await test.followUp();
    test.clock.advance(60_000);
    const second = test.customerWrites();
    await test.work();
    test.clock.advance(24 * hour);
    await test.followUp();
    expect(await test.tags()).toContain('followup-ready');
    expect(await test.rowOf(second)).toMatchObject({ action: 'noted' });
    expect(test.drafts()).toHaveLength(1);
  });
});

describe('a reminder', () => {
  const settings = { followUps: { reminder: { enabled: true, afterDays: 2 } } };

  it('counts from a team message that the customer does not answer', async () => {
    const test = followUpBench({ settings });
    await test.begin(1);
    test.agentReplies();
    test.clock.advance(30 * hour);
    await test.teamMessage();
    test.clock.advance(30 * hour);
    await test.work({ step: 'reminder', cause: 'follow-ups' });
    expect(await test.tags()).not.toContain('reminder-ready');
    test.clock.advance(18 * hour);
    await test.work({ step: 'reminder', cause: 'follow-ups' });
    expect(await test.tags()).toContain('reminder-ready');
    expect(test.drafts().at(-1)?.body).toMatch(/draft:1:\d+:reminder/);
    expect(test.prompts.at(-1)).toContain('Sent elsewhere');
  });

  it('is drafted once for a reply that the customer does not answer', async () => {
    const test = followUpBench({ settings });
    await test.begin(1);
    test.clock.advance(60_000);
    const { id } = test.agentReplies();
    test.clock.advance(48 * hour);
    await test.work({ step: 'reminder', cause: 'follow-ups' });
    await test.work({ step: 'reminder', cause: 'follow-ups' });
    const reminders = test.drafts().filter(({ body }) => body?.includes(`draft:1:${id}:reminder`));
    expect(reminders).toHaveLength(1);
    expect(await test.tags()).toEqual(['customer', 'p2', 'reminder-ready']);
    expect(test.prompts.at(-1)).toMatch(/^Task: reminder\n/);
    expect(test.prompts.at(-1)).toContain('The customer has been silent for: 2 days');

    test.clock.advance(60_000);
    test.agentReplies();
    test.clock.advance(72 * hour);
    await test.work({ step: 'reminder', cause: 'follow-ups' });
    expect(await test.tags()).toEqual(['customer', 'p2']);
    expect(test.prompts).toHaveLength(2);
  });

  it('is written for no other customer, to whom people gave the conversation meanwhile with an older message', async () => {
    const test = followUpBench({ settings });
    await test.begin(1);
    const olgas = fetchMail(test.desk, 1, {
      messageId: 'mail-1@other.test',
      from: { name: 'Olga', email: 'olga@other.test' },
      to: 'support@example.com',
      cc: [],
      subject: 'Chair',
      text: 'Another question',
      html: '',
      inReplyTo: null,
      references: [],
    });
    test.clock.advance(60_000);
    const { id } = test.agentReplies();
    test.clock.advance(48 * hour);
    test.meanwhile(() => {
      const record = test.desk.conversations.get(1);
      const other = test.desk.conversations.get(olgas?.conversationId ?? 0);
      if (record && other) {
        test.desk.agent.merge(record.id, other.id, defaultAgent);
        record.customerId = other.customerId;
        record.customerEmail = other.customerEmail;
      }
    });
    await test.work({ step: 'reminder', cause: 'follow-ups' });
    expect(test.prompts).toHaveLength(2);
    expect(test.drafts().filter(({ body }) => body?.includes(':reminder'))).toEqual([]);
    expect(test.notes().filter(({ body }) => body?.includes(':reminder'))).toEqual([]);
    expect(await test.rowOf(id)).toBeNull();
  });
});

describe('alerts', () => {
  it('are queued once for a judgement of p0 and once when it waits', async () => {
    const test = followUpBench({ importance: 10 });
    await test.begin();
    expect(test.alerts()).toMatchObject([{ conversationId: 1, alert: 'p0' }]);
    await test.followUp();
    expect(test.alerts()).toMatchObject([{ alert: 'p0' }, { alert: 'p0-follow-up' }]);
    expect(JSON.stringify(test.alerts())).not.toMatch(/Lamp|Question|nina/);
  });

  it('tell of what waits also when the draft has to wait for the budget', async () => {
    const test = followUpBench({ importance: 10, drafts: ['refused', 'over-budget'] });
    await test.begin();
    await test.followUp();
    expect(test.alerts()).toMatchObject([{ alert: 'p0' }, { alert: 'p0-follow-up' }]);
  });

  it.each([
    ['p0AtTriage', ['p0-follow-up']],
    ['p0AtFollowUp', ['p0']],
  ])('can be switched off: %s', async (name, expected) => {
    const test = followUpBench({ importance: 10, settings: { alerts: { [name]: false } } });
    await test.begin();
    await test.followUp();
    expect(test.alerts().map((job) => ('alert' in job ? job.alert : ''))).toEqual(expected);
  });

  it('follow what people made of the priority', async () => {
    const test = followUpBench({ importance: 10, settings: { alerts: { p0AtTriage: false } } });
    await test.begin();
    await test.client.setTags(1, ['customer', 'p3']);
    await test.followUp();
    expect(test.alerts()).toEqual([]);
  });

  it('are queued for what waits with the tags of words in which the model found no threat', async () => {
    const test = followUpBench({ settings: { escalation: { words: { en: ['question'] } } } });
    await test.begin();
    expect((await test.client.getConversation(1))?.tags).toContain('p0');
    expect(test.alerts()).toEqual([]);
    await test.followUp();
    expect(test.alerts()).toMatchObject([{ alert: 'p0-follow-up' }]);
  });

  it('are not queued for what is not urgent', async () => {
    const test = followUpBench({ importance: 8 });
    await test.begin();
    await test.followUp();
    expect(test.alerts()).toEqual([]);
  });

  it('are queued for escalation words also while the judgement waits for the budget', async () => {
    const test = followUpBench();
    const deps: WorkerDependencies = {
      ...test.deps,
      settings: parseSettings({
        freescout: { url: 'http://freescout.test' },
        escalation: { words: { en: ['question'] } },
      }),
      model: { ask: async () => ({ outcome: 'over-budget' }) },
    };
    test.customerWrites();
    const job = { kind: 'conversation', conversationId: 1, cause: 'webhook', requestId: 'r' };
    await workOnJob(deps, JSON.stringify(job), {
      owner: 'w',
      receiveCount: 1,
      last: false,
      timeLeftMilliseconds: () => 170_000,
    });
    expect(test.alerts()).toMatchObject([{ alert: 'p0' }]);
    expect(await test.tags()).toContain('p0');
  });
});

describe('a follow-up of a customer over their share', () => {
  it('asks no model, leaves no row, and is due again when their day comes', async () => {
    const bench = followUpBench({ settings: { limits: { messagesPerAddress: 1 } } });
    const threadId = await bench.begin();
    const share = { of: 'model', by: sharersOf('nina@customer.test').address, per: 'day' } as const;
    await bench.store.state.takePlace(share, followUpKey(9, 9), 1, bench.deps.clock.now());
    const asked = bench.prompts.length;
    await bench.followUp();
    expect(bench.prompts).toHaveLength(asked);
    expect(await bench.store.ledger.get(followUpKey(1, threadId))).toBeNull();
    bench.clock.advance(24 * hour);
    await bench.followUp();
    expect(bench.prompts).toHaveLength(asked + 1);
  });
});
