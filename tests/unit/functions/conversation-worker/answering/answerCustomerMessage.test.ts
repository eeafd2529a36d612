import { describe, expect, it } from 'vitest';
import { defaultAgent } from '#infra/standins/freescout/model.ts';
import { markerFor } from '#shared/drafts/markers.ts';
import { permanent, retryable } from '#shared/failure/failure.ts';
import { threadKey } from '#shared/store/keys.ts';
import { createWorkerBench, judgement, type WorkerBench } from '#tests/support/workerBench.ts';

describe('a message that the model refuses to judge', () => {
  it('is tried a few times, then told to the agents once and never paid for again by itself', async () => {
    const bench = createWorkerBench({ answers: { triage: 'refused' } });
    const { conversationId, threadId } = await bench.client.createConversation({
      mailboxId: 1,
      subject: 'Help',
      customer: { email: 'nina@example.org' },
      html: '<div>My lawyer will be in touch about this chargeback</div>',
      cc: [],
      attachments: [],
      imported: true,
    });
    const key = threadKey(conversationId, threadId ?? 0);
    const job = { kind: 'conversation', conversationId, cause: 'webhook', requestId: 'request-1' };
    for (let receiveCount = 1; receiveCount < 5; receiveCount += 1) {
      expect(await bench.work(job, { receiveCount })).toMatchObject({ end: 'back-to-queue' });
      expect(await bench.store.ledger.get(key)).toMatchObject({ status: 'failed', retryable: true });
    }

    expect(await bench.work(job, { receiveCount: 5 })).toEqual({ end: 'done' });

    expect(await bench.store.ledger.get(key)).toMatchObject({
      status: 'failed',
      retryable: false,
      reason: 'openai-answer-unusable',
    });
    const conversation = await bench.client.getConversation(conversationId);
    const notes = conversation?.threads.filter(({ type }) => type === 'note') ?? [];
    expect(notes.map(({ body }) => body)).toEqual([
      expect.stringContaining('is not judged yet'),
      expect.stringContaining('could not judge'),
    ]);
    expect(conversation?.tags).toContain('p0');
    expect(bench.asked).toHaveLength(5);
  });
});

const job = { kind: 'conversation', conversationId: 1, cause: 'webhook', requestId: 'request-1' };

async function mailFrom(bench: WorkerBench, text: string): Promise<void> {
  const customer = { email: 'nina@example.org' };
  const html = `<div>${text}</div>`;
  const message = { customer, html, attachments: [], imported: true };
  if (bench.desk.conversations.has(1)) {
    await bench.client.addCustomerMessage(1, { ...message, cc: [], keepSpam: false });
  } else {
    await bench.client.createConversation({
      ...message,
      mailboxId: 1,
      subject: 'Help',
      cc: ['boss@example.org'],
    });
  }
}

const threadsOf = (bench: WorkerBench) => bench.desk.threadsOf.get(1) ?? [];
const draftsOf = (bench: WorkerBench) => threadsOf(bench).filter(({ state }) => state === 'draft');
const notesOf = (bench: WorkerBench) => threadsOf(bench).filter(({ type }) => type === 'note');
/** As the queue lets them through. */
const alertsOf = (bench: WorkerBench) => {
  const alerts = bench.queue.jobs.filter(({ job: queued }) => queued.kind === 'alert');
  return [...new Set(alerts.map(({ deduplicationId }) => deduplicationId))];
};

describe('a message that cannot be judged yet', () => {
  const noQuota = () => Promise.reject(retryable('openai-rate-limited', 'no quota'));
  const bodiesOf = (bench: WorkerBench) => notesOf(bench).map(({ body }) => body);

  it('is told to the agents after the second failure, once, and judged as usual later', async () => {
    const bench = createWorkerBench();
    await mailFrom(bench, 'Please help');
    for (const told of [0, 1, 1]) {
      bench.duringNext('triage', noQuota);
      expect(await bench.work(job)).toMatchObject({ end: 'back-to-queue' });
      expect(bodiesOf(bench)).toHaveLength(told);
    }
    expect(bodiesOf(bench)).toEqual([expect.stringContaining('is not judged yet')]);

    expect(await bench.work(job)).toEqual({ end: 'done' });

    expect(bodiesOf(bench)).toEqual([expect.stringContaining('is not judged yet'), expect.anything()]);
    expect(draftsOf(bench)).toHaveLength(1);
    expect((await bench.client.getConversation(1))?.tags).toEqual(['customer', 'p2']);
  });

  it('has no such note in a conversation that was closed meanwhile', async () => {
    const bench = createWorkerBench();
    await mailFrom(bench, 'Please help');
    bench.duringNext('triage', noQuota);
    await bench.work(job);
    bench.duringNext('triage', () => {
      bench.desk.agent.setStatus(1, 'closed', defaultAgent);
      return noQuota();
    });
    await bench.work(job);
    expect(notesOf(bench)).toEqual([]);
  });

  it('has the note later when FreeScout takes none now, and fails for the reason of the judgement', async () => {
    const bench = createWorkerBench();
    await mailFrom(bench, 'Please help');
    const attempt = async () => {
      bench.duringNext('triage', noQuota);
      await bench.work(job);
      const [message] = threadsOf(bench);
      return bench.store.ledger.get(threadKey(1, message?.id ?? 0));
    };
    await attempt();
    bench.failNext('POST', /threads$/, '500-before');
    expect(await attempt()).toMatchObject({ status: 'failed', reason: 'openai-rate-limited' });
    expect(notesOf(bench)).toEqual([]);
    await attempt();
    expect(bodiesOf(bench)).toEqual([expect.stringContaining('is not judged yet')]);
  });

  it.each([
    ['triage', 'could not judge'],
    ['draft', 'refuses the request'],
  ] as const)(
    'tells the agents when the model refuses the %s for good, and tries again when they cannot be told',
    async (asked, told) => {
      const bench = createWorkerBench();
      await mailFrom(bench, 'Please help');
      const refuse = () => Promise.reject(permanent('openai-rejected', 'No'));
      bench.duringNext(asked, refuse);
      bench.failNext('POST', /threads$/, '500-before');
      expect(await bench.work(job)).toMatchObject({ end: 'back-to-queue' });
      expect(notesOf(bench)).toEqual([]);
      bench.duringNext(asked, refuse);
      expect(await bench.work(job)).toEqual({ end: 'done' });
      expect(bodiesOf(bench).filter((body) => body?.includes(told))).toHaveLength(1);
      const [message] = threadsOf(bench);
      expect(await bench.store.ledger.get(threadKey(1, message?.id ?? 0))).toMatchObject({
        status: 'failed',
        retryable: false,
        reason: 'openai-rejected',
      });
    },
  );

  it('waits for an attempt at the model: other failures and a lack of time write no note', async () => {
    const bench = createWorkerBench();
    await mailFrom(bench, 'Please help');
    for (const code of ['time-over', 'store-contention'] as const) {
      for (let attempt = 0; attempt < 2; attempt += 1) {
        bench.duringNext('triage', () => Promise.reject(retryable(code, 'later')));
        await bench.work(job);
      }
    }
    expect(notesOf(bench)).toEqual([]);
  });
});

describe('what people do while the model is at work', () => {
  it.each(['triage', 'draft'] as const)('stays as they left it: tags, assignee, cc (%s)', async (purpose) => {
    const bench = createWorkerBench({
      settings: { freescout: { url: 'http://freescout.test', botUserId: 2, assignTo: 2, attempts: 1 } },
    });
    await mailFrom(bench, 'Please help');
    bench.duringNext(purpose, async () => {
      await bench.client.setTags(1, ['vip']);
      await bench.client.assign(1, defaultAgent);
      await bench.client.addNote(1, { html: '<div>Mine</div>', cc: ['other@example.org'], imported: false });
    });

    await bench.work(job);

    const after = await bench.client.getConversation(1);
    expect(after?.tags).toEqual(['vip', 'customer', 'p2']);
    expect(after?.assignee?.id).toBe(defaultAgent);
    expect(after?.cc).toEqual(['other@example.org']);
    expect(draftsOf(bench)).toHaveLength(1);
  });

  it.each(['spam', 'closed'] as const)('ends it: %s, and nothing is written', async (status) => {
    const bench = createWorkerBench();
    await mailFrom(bench, 'Please help');
    bench.duringNext('draft', () => bench.desk.agent.setStatus(1, status, defaultAgent));

    expect(await bench.work(job)).toEqual({ end: 'done' });

    expect(draftsOf(bench)).toEqual([]);
    expect(notesOf(bench)).toEqual([]);
    expect((await bench.client.getConversation(1))?.tags).toEqual([]);
  });

  it('gets no draft for another customer: the job comes back and looks again', async () => {
    const bench = createWorkerBench();
    await mailFrom(bench, 'Please help');
    const other = await bench.client.createConversation({
      mailboxId: 1,
      subject: 'Other',
      customer: { email: 'otto@example.org' },
      html: '<div>Other</div>',
      cc: [],
      attachments: [],
      imported: true,
    });
    bench.duringNext('draft', () => {
      const [record, elsewhere] = [
        bench.desk.conversations.get(1),
        bench.desk.conversations.get(other.conversationId),
      ];
      if (record && elsewhere) {
        record.customerId = elsewhere.customerId;
      }
    });

    expect(await bench.work(job)).toEqual({ end: 'back-to-queue', seconds: 10 });
    expect(draftsOf(bench)).toEqual([]);
  });

  it('is seen again after a note that took FreeScout long', async () => {
    const bench = createWorkerBench();
    await mailFrom(bench, 'Please help');
    const { addNote } = bench.client;
    const freescout = {
      ...bench.client,
      addNote: async (...note: Parameters<typeof addNote>) => {
        const written = await addNote(...note);
        bench.clock.advance(6000);
        bench.desk.agent.reply(1, { user: defaultAgent, body: 'Done.', status: 'active' });
        return written;
      },
    };

    expect(await bench.work(job, { deps: { freescout } })).toEqual({ end: 'back-to-queue', seconds: 20 });

    expect(notesOf(bench)).toHaveLength(1);
    expect(draftsOf(bench)).toEqual([]);
    bench.clock.advance(20_000);
    expect(await bench.work(job, { receiveCount: 2 })).toEqual({ end: 'done' });
    expect(draftsOf(bench)).toEqual([]);
    expect(notesOf(bench)).toHaveLength(1);
  });

  it.each([
    ['before the job', 0],
    ['while the model is at work', 1],
  ])('is an answer at once when it is a team message: %s', async (when, notes) => {
    const bench = createWorkerBench();
    await mailFrom(bench, 'Please help');
    const html = `<div>Sent elsewhere</div>${markerFor('team:gmail:support:1')}`;
    const answer = () => bench.client.addNote(1, { html, cc: [], imported: true });
    if (when === 'before the job') {
      await answer();
    } else {
      bench.duringNext('draft', answer);
    }

    expect(await bench.work(job)).toEqual({ end: 'done' });

    expect(draftsOf(bench)).toEqual([]);
    expect(notesOf(bench)).toHaveLength(1 + notes);
    const [message] = threadsOf(bench);
    expect(await bench.store.ledger.get(threadKey(1, message?.id ?? 0))).toMatchObject({
      status: 'success',
      action: 'answered',
    });
  });

  it.each(['before the job', 'while the model is at work'])(
    'is no answer when it is taken back: %s',
    async (when) => {
      const bench = createWorkerBench();
      await mailFrom(bench, 'Please help');
      let replyId = 0;
      const reply = () => {
        replyId = bench.desk.agent.reply(1, { user: defaultAgent, body: 'Oh', status: 'active' }).id;
      };
      if (when === 'before the job') {
        reply();
      } else {
        bench.duringNext('draft', reply);
      }
      bench.clock.advance(3000);
      expect(await bench.work(job)).toMatchObject({ end: 'back-to-queue' });

      bench.desk.agent.undoSend({ conversationId: 1, threadId: replyId }, defaultAgent);
      bench.clock.advance(20_000);
      await bench.work(job, { receiveCount: 2 });

      expect(draftsOf(bench)).toHaveLength(2);
    },
  );
});

describe('custom fields', () => {
  const [priority, type, importance] = [1, 2, 3];
  const fieldsIn = async (bench: WorkerBench) =>
    Object.fromEntries(
      (await bench.client.getConversation(1))?.customFields?.map(({ id, value }) => [id, value]) ?? [],
    );
  const putField = (bench: WorkerBench, id: number, options: Record<string, string> | null = null) =>
    bench.desk.customFields.set(id, {
      id,
      mailboxId: 1,
      name: `Field ${id}`,
      type: options === null ? 'singleline' : 'dropdown',
      options: options ?? {},
      required: false,
      sortOrder: id,
    });
  const benchWithFields = (fields: object, answers: { triage: typeof judgement } = { triage: judgement }) =>
    createWorkerBench({
      settings: {
        freescout: { url: 'http://freescout.test', botUserId: 2, attempts: 1, ...fields },
      },
      answers,
    });
  const important = (value: number) => ({ ...judgement, importance: value });
  const writes = (bench: WorkerBench) =>
    bench.desk.requests.filter(({ method, path }) => method === 'PUT' && path.endsWith('/custom_fields'));
  const optionReads = (bench: WorkerBench) =>
    bench.desk.requests.filter(({ path }) => path === '/api/mailboxes/1/custom_fields');

  it('follow the judgement until a person chose a value', async () => {
    const answers = { triage: judgement };
    const bench = benchWithFields(
      { priorityFieldId: priority, typeFieldId: type, importanceFieldId: importance },
      answers,
    );
    for (const id of [priority, type, importance]) {
      putField(bench, id);
    }
    await mailFrom(bench, 'Please help');
    await bench.work(job);
    expect(await fieldsIn(bench)).toEqual({ [priority]: '2', [type]: 'customer', [importance]: '5' });

    answers.triage = { ...judgement, type: 'lead', importance: 8 };
    await mailFrom(bench, 'And a lamp, please');
    await bench.work(job);
    expect(await fieldsIn(bench)).toEqual({ [priority]: '3', [type]: 'lead', [importance]: '8' });

    await bench.client.setCustomFields(1, [
      { id: priority, value: '4' },
      { id: type, value: 'partner' },
      { id: importance, value: '10' },
    ]);
    answers.triage = judgement;
    await mailFrom(bench, 'Thanks');
    await bench.work(job);
    expect(await fieldsIn(bench)).toEqual({ [priority]: '4', [type]: 'partner', [importance]: '10' });
  });

  it('get no value that their dropdown lacks; the others are written', async () => {
    const bench = benchWithFields(
      { priorityFieldId: priority, typeFieldId: type, importanceFieldId: importance },
      { triage: important(8) },
    );
    putField(bench, priority, { 1: 'Low', 2: 'High' });
    putField(bench, type, { 1: 'lead', 2: 'customer' });
    putField(bench, importance);
    await mailFrom(bench, 'Please help');
    await bench.work(job);

    expect(writes(bench).map(({ body }) => body)).toEqual([
      { customFields: [{ id: importance, value: '8' }] },
    ]);
    expect(bench.log.of('FIELD_NOT_WRITTEN')).toEqual([
      expect.objectContaining({ customField: priority, reason: 'no-option' }),
      expect.objectContaining({ customField: type, reason: 'no-option' }),
    ]);
    expect(draftsOf(bench)).toHaveLength(1);
  });

  it('take an option that was added five minutes ago', async () => {
    const bench = benchWithFields({ priorityFieldId: priority }, { triage: important(8) });
    putField(bench, priority, { 1: 'Low', 2: 'High' });
    await mailFrom(bench, 'Please help');
    await bench.work(job);
    putField(bench, priority, { 1: 'Low', 2: 'High', 3: 'Urgent' });
    await mailFrom(bench, 'Still broken');
    await bench.work(job);
    expect(await fieldsIn(bench)).toEqual({ [priority]: '' });

    bench.clock.advance(5 * 60_000);
    await mailFrom(bench, 'Hello?');
    await bench.work(job);
    expect(await fieldsIn(bench)).toEqual({ [priority]: '3' });
    expect(optionReads(bench)).toHaveLength(2);
  });

  it('are ours again after a judgement whose value the dropdown lacked', async () => {
    const answers = { triage: important(5) };
    const bench = benchWithFields({ priorityFieldId: priority }, answers);
    putField(bench, priority, { 1: 'Low', 2: 'High' });
    await mailFrom(bench, 'Please help');
    await bench.work(job);
    expect(await fieldsIn(bench)).toEqual({ [priority]: '2' });
    answers.triage = important(8);
    await mailFrom(bench, 'Now nothing works');
    await bench.work(job);
    expect(await fieldsIn(bench)).toEqual({ [priority]: '2' });
    answers.triage = important(2);
    await mailFrom(bench, 'Thank you');
    await bench.work(job);
    expect(await fieldsIn(bench)).toEqual({ [priority]: '1' });
  });

  it('replace a value that is no option: FreeScout shows it as empty, so nobody chose it', async () => {
    const bench = benchWithFields({ priorityFieldId: priority });
    putField(bench, priority, { 1: 'Low', 2: 'High' });
    await mailFrom(bench, 'Please help');
    await bench.client.setCustomFields(1, [{ id: priority, value: '9' }]);
    await bench.work(job);
    expect(await fieldsIn(bench)).toEqual({ [priority]: '2' });
  });

  it.each(['500-before', 'timeout-before', 'html-before', 'refused'] as const)(
    'wait for another message when their options cannot be read (%s); the draft does not',
    async (fault) => {
      const bench = benchWithFields({ priorityFieldId: priority });
      putField(bench, priority, { 1: 'Low' });
      await mailFrom(bench, 'Please help');
      bench.failNext('GET', /\/mailboxes\/1\/custom_fields$/, fault);
      expect(await bench.work(job)).toEqual({ end: 'done' });
      expect(writes(bench)).toEqual([]);
      expect(bench.log.of('FIELD_NOT_WRITTEN').map(({ reason }) => reason)).toEqual(['options-unread']);
      expect(draftsOf(bench)).toHaveLength(1);

      putField(bench, priority, { 1: 'Low', 2: 'High' });
      await mailFrom(bench, 'Still broken');
      await bench.work(job);
      expect(await fieldsIn(bench)).toEqual({ [priority]: '2' });
    },
  );

  it('are written by what was known of their options when those cannot be read again', async () => {
    const answers = { triage: judgement };
    const bench = benchWithFields({ priorityFieldId: priority }, answers);
    putField(bench, priority, { 1: 'Low', 2: 'High' });
    await mailFrom(bench, 'Please help');
    await bench.work(job);
    answers.triage = important(2);
    bench.clock.advance(24 * 60 * 60_000);
    bench.failNext('GET', /\/mailboxes\/1\/custom_fields$/, '500-before');
    await mailFrom(bench, 'Thank you');
    await bench.work(job);
    expect(await fieldsIn(bench)).toEqual({ [priority]: '1' });
  });

  it('are written where FreeScout does not tell their options', async () => {
    const bench = benchWithFields({ priorityFieldId: priority });
    putField(bench, priority, { 1: 'Low' });
    await mailFrom(bench, 'Please help');
    bench.failNext('GET', /\/mailboxes\/1\/custom_fields$/, 405);
    await bench.work(job);
    expect(writes(bench)).toHaveLength(1);
  });
});

describe('a ledger that was taken back to a time before the work', () => {
  it('leads to no second draft: a note carries the text', async () => {
    const bench = createWorkerBench();
    await mailFrom(bench, 'Please help');
    await bench.work(job);
    const restored = createWorkerBench();

    await bench.work(job, { deps: { store: restored.store, draftKeeper: bench.keeperOver(restored.store) } });

    expect(draftsOf(bench)).toHaveLength(1);
    expect(notesOf(bench)).toHaveLength(2);
    expect(notesOf(bench).at(-1)?.body).toContain('we look into it today');
  });
});

describe('escalation words', () => {
  const calm = { triage: { ...judgement, importance: 2, threatens: true } };
  const harmless = { triage: { ...judgement, importance: 2 } };

  it('raise the importance whatever the model says, and the note names them', async () => {
    const bench = createWorkerBench({ answers: calm });
    await mailFrom(bench, 'I will call my lawyer.');
    await bench.work(job);
    expect((await bench.client.getConversation(1))?.tags).toEqual(['p0', 'high-priority', 'customer']);
    expect(notesOf(bench).map(({ body }) => body)).toEqual([
      expect.stringContaining('Raised because the customer wrote: &quot;lawyer&quot;'),
    ]);
    expect(alertsOf(bench)).toHaveLength(1);
  });

  it('count in every message that waits, not only in the newest', async () => {
    const bench = createWorkerBench({ answers: calm });
    await mailFrom(bench, 'I will call my lawyer.');
    await mailFrom(bench, 'PS: the order number is 5.');
    await bench.work(job);
    expect((await bench.client.getConversation(1))?.tags).toContain('p0');
    expect(alertsOf(bench)).toHaveLength(1);
  });

  it('of a message that an agent answered count no longer', async () => {
    const bench = createWorkerBench({ answers: calm });
    await mailFrom(bench, 'I will call my lawyer.');
    bench.clock.advance(60_000);
    bench.desk.agent.reply(1, { user: defaultAgent, body: 'Sorry.', status: 'active' });
    bench.clock.advance(60_000);
    await mailFrom(bench, 'Thank you.');
    await bench.work(job);
    expect((await bench.client.getConversation(1))?.tags).toContain('p3');
    expect(alertsOf(bench)).toEqual([]);
  });

  it('set their tags before the model is asked', async () => {
    const bench = createWorkerBench({ answers: harmless });
    await mailFrom(bench, 'I will call my lawyer.');
    let before: readonly string[] | null | undefined;
    bench.duringNext('triage', async () => {
      before = (await bench.client.getConversation(1))?.tags;
      expect(alertsOf(bench)).toEqual([]);
    });
    await bench.work(job);
    expect(before).toEqual(['p0', 'high-priority']);
  });

  it('keep their tags and hold the alert while the model finds nothing that threatens', async () => {
    const bench = createWorkerBench({ answers: harmless });
    await mailFrom(bench, 'Our lawyer is happy, we order ten.');
    await bench.work(job);
    await bench.work(job);
    expect((await bench.client.getConversation(1))?.tags).toEqual(['p0', 'high-priority', 'customer']);
    expect(notesOf(bench).map(({ body }) => body)).toEqual([
      expect.stringContaining('The model sees nothing in it that threatens.'),
    ]);
    expect(draftsOf(bench)).toHaveLength(1);
    expect(alertsOf(bench)).toEqual([]);
  });

  it('alert where the model’s own importance is that of a p0, although it finds no threat', async () => {
    const bench = createWorkerBench({ answers: { triage: { ...judgement, importance: 9 } } });
    await mailFrom(bench, 'Our lawyer is happy, but all is down.');
    await bench.work(job);
    expect(alertsOf(bench)).toHaveLength(1);
  });

  it('alert where the model was shown them only as a quotation, or in no part', async () => {
    const cut = 'x '.repeat(40_000);
    for (const text of ['Broken.<br>--<br>I call my lawyer', `Broken. ${cut} Then my lawyer. ${cut}`]) {
      const bench = createWorkerBench({ answers: harmless });
      await mailFrom(bench, text);
      await bench.work(job);
      expect(alertsOf(bench)).toHaveLength(1);
    }
  });

  it('alert before the text of the draft is asked for', async () => {
    const bench = createWorkerBench({ answers: calm });
    await mailFrom(bench, 'I will call my lawyer.');
    bench.duringNext('draft', () => expect(alertsOf(bench)).toHaveLength(1));
    await bench.work(job);
    expect(draftsOf(bench)).toHaveLength(1);
  });

  it('are found where drafts are off', async () => {
    const bench = createWorkerBench({ answers: calm, settings: { drafts: { enabled: false } } });
    await mailFrom(bench, 'I will call my lawyer.');
    await bench.work(job);
    expect((await bench.client.getConversation(1))?.tags).toContain('p0');
    expect(alertsOf(bench)).toHaveLength(1);
  });

  it('alert at once although the model fails for good', async () => {
    const bench = createWorkerBench();
    await mailFrom(bench, 'I will call my lawyer.');
    bench.duringNext('triage', () => {
      throw permanent('openai-rejected', 'No');
    });
    await bench.work(job);
    expect((await bench.client.getConversation(1))?.tags).toEqual(['p0', 'high-priority']);
    expect(alertsOf(bench)).toHaveLength(1);
  });

  it('alert once, and at once, while the model cannot be reached', async () => {
    const bench = createWorkerBench();
    await mailFrom(bench, 'I will call my lawyer.');
    for (const receiveCount of [1, 4, 5]) {
      bench.duringNext('triage', () => {
        throw retryable('openai-unreachable', 'No');
      });
      expect(await bench.work(job, { receiveCount })).toMatchObject({ end: 'back-to-queue' });
      expect((await bench.client.getConversation(1))?.tags).toEqual(['p0', 'high-priority']);
      expect(alertsOf(bench)).toHaveLength(1);
    }
  });

  it.each(['refused', 'over-budget'])('alert at once and keep their tags: %s', async (triage) => {
    const bench = createWorkerBench({ answers: { triage } });
    await mailFrom(bench, 'I will call my lawyer.');
    await bench.work(job);
    expect((await bench.client.getConversation(1))?.tags).toEqual(['p0', 'high-priority']);
    expect(alertsOf(bench)).toHaveLength(1);
  });

  it('alert once over every delivery of a message, whatever the model says in the end', async () => {
    const answers: { triage: unknown } = { triage: 'over-budget' };
    const bench = createWorkerBench({ answers });
    await mailFrom(bench, 'I will call my lawyer.');
    await bench.work(job);
    await bench.drain();
    answers.triage = calm.triage;
    await bench.work(job);
    await bench.drain();
    expect(bench.queue.jobs.filter(({ job: queued }) => queued.kind === 'alert')).toHaveLength(1);
  });

  it('alert although FreeScout takes no tags', async () => {
    const bench = createWorkerBench({ answers: calm });
    await mailFrom(bench, 'I will call my lawyer.');
    bench.failNext('PUT', /tags/, 500);
    bench.failNext('PUT', /tags/, 500);
    expect(await bench.work(job)).toMatchObject({ end: 'back-to-queue' });
    expect(alertsOf(bench)).toHaveLength(1);
  });

  it('get their tags although FreeScout refused them at first and the model cannot be asked', async () => {
    const bench = createWorkerBench({ answers: { triage: 'over-budget' } });
    await mailFrom(bench, 'I will call my lawyer.');
    bench.failNext('PUT', /tags/, 500);
    expect(await bench.work(job)).toEqual({ end: 'done' });
    expect((await bench.client.getConversation(1))?.tags).toEqual(['p0', 'high-priority']);
  });
});

describe('a model that cannot be reached for the draft', () => {
  it('keeps neither tags nor note back', async () => {
    const bench = createWorkerBench();
    await mailFrom(bench, 'Please help');
    bench.duringNext('draft', () => {
      throw retryable('openai-unreachable', 'No');
    });
    expect(await bench.work(job)).toMatchObject({ end: 'back-to-queue' });
    expect((await bench.client.getConversation(1))?.tags).toEqual(['customer', 'p2']);
    expect(notesOf(bench)).toHaveLength(1);
    expect(await bench.work(job, { receiveCount: 2 })).toEqual({ end: 'done' });
    expect(draftsOf(bench)).toHaveLength(1);
    expect(notesOf(bench)).toHaveLength(1);
    expect(bench.asked).toEqual(['triage', 'draft', 'draft']);
  });
});

describe('a conversation that an agent moves to another mailbox while the model is at work', () => {
  it('gets no draft there; the job comes back and looks again', async () => {
    const bench = createWorkerBench();
    const { conversationId } = await bench.client.createConversation({
      mailboxId: 1,
      subject: 'Help',
      customer: { email: 'nina@example.org' },
      html: '<div>Please help</div>',
      cc: [],
      attachments: [],
      imported: true,
    });
    bench.duringNext('draft', () => {
      const record = bench.desk.conversations.get(conversationId);
      if (record !== undefined) {
        record.mailboxId = 2;
      }
    });

    expect(await bench.work(job)).toEqual({ end: 'back-to-queue', seconds: 10 });
    expect(await bench.work(job)).toEqual({ end: 'done' });

    expect(bench.desk.threadsOf.get(conversationId)?.filter(({ state }) => state === 'draft')).toEqual([]);
  });
});
