import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { threadKey } from '#shared/store/keys.ts';
import { createWorkerBench, judgement } from '#tests/support/workerBench.ts';

const flag = '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}';
const family = '👨\u200d👩\u200d👧';
const spelled = `می\u200cخواهم ${family} ${flag}`;

/** A message from its arrival to draft and note, with a model that answers this. */
async function worked(text: string) {
  const bench = createWorkerBench({
    answers: {
      triage: {
        ...judgement,
        language: '',
        reasoning: text,
        facts: [text],
        uncertainties: [text],
        escalationReason: text,
      },
      draft: {
        language: 'en',
        blocks: [
          { kind: 'paragraph', text: `It is done. ${text}` },
          { kind: 'list', items: [`one ${text}`, 'two'] },
        ],
      },
    },
  });
  const { conversationId, threadId } = await bench.client.createConversation({
    mailboxId: 1,
    subject: 'Help',
    customer: { email: 'nina@example.org' },
    html: '<div>Please help</div>',
    cc: [],
    attachments: [],
    imported: true,
  });
  await bench.work({ kind: 'conversation', conversationId, cause: 'webhook', requestId: 'request-1' });
  const threads = bench.desk.threadsOf.get(conversationId) ?? [];
  const drafts = threads.filter(({ state }) => state === 'draft');
  const notes = threads.filter(({ type }) => type === 'note');
  return {
    drafts: drafts.map(({ body }) => body ?? ''),
    notes: notes.map(({ body }) => body ?? ''),
    text: await bench.store.drafts.getText(drafts[0]?.id ?? 0, conversationId),
    triage: (await bench.store.ledger.get(threadKey(conversationId, threadId ?? 0)))?.triage,
    live: await bench.store.drafts.getLive(conversationId),
  };
}

describe('a hostile answer of the model', () => {
  it.each([
    ['half a character', '\ud800 … end', '\ufffd … end'],
    ['NUL', 'pay\u0000ment', 'payment'],
    ['an override', 'pay\u202etnem', 'paytnem'],
    ['zero-width characters', 'p\u200ba\u200dy\ufeffment', 'payment'],
    ['what spells words and emoji', spelled, spelled],
  ])('%s: draft, note, record and judgement say the same', async (_, text, seen) => {
    const { drafts, notes, text: kept, triage, live } = await worked(text);
    expect(drafts).toEqual([expect.stringContaining(`<div>It is done. ${seen}</div>`)]);
    expect(drafts[0]).toContain(`<li>one ${seen}</li>`);
    expect(kept).toContain(`<div>It is done. ${seen}</div>`);
    expect(live).toMatchObject({ state: 'live' });
    expect(notes).toEqual([expect.stringContaining(`<div>Why: ${seen}</div>`)]);
    expect(notes[0]).toContain(`<div>• ${seen}</div>`);
    expect(triage).toMatchObject({
      reasoning: seen,
      facts: [seen],
      uncertainties: [seen],
      escalationReason: seen,
    });
  });

  it('a judgement that is cut ends with a whole character that joins nothing', async () => {
    const { triage } = await worked(`a${'😀'.repeat(400)}${family.repeat(400)}`);
    for (const text of [triage?.reasoning, triage?.facts[0], triage?.escalationReason]) {
      expect(text).toMatch(/^a😀{200,}/u);
      expect(text?.isWellFormed()).toBe(true);
      expect(text).not.toMatch(/[\ufffd]|\u200d$/u);
    }
  });

  it('of whatever characters: nothing that is written hides anything or is half', async () => {
    const units = [
      '\ud83d',
      '\ude00',
      '\u0000',
      '\u202e',
      '\u2066',
      '\u200b',
      '\u200d',
      '\ufeff',
      '\u00ad',
      '\u{e0041}',
    ];
    const text = fc
      .array(fc.oneof(fc.constantFrom(...units), fc.string({ unit: 'binary', maxLength: 3 })), {
        maxLength: 12,
      })
      .map((parts) => `Hello ${parts.join('')}`);
    await fc.assert(
      fc.asyncProperty(text, async (hostile) => {
        const written = JSON.stringify(await worked(hostile), (_, value) =>
          typeof value === 'string' && !value.isWellFormed() ? 'half' : value,
        );
        expect(written).not.toContain('"half"');
        expect(written).not.toMatch(
          /\\u0000|[\u202a-\u202e\u2066-\u2069\u200b\ufeff\u00ad\u{e0000}-\u{e007f}]/u,
        );
        expect(written).not.toMatch(/[ "a-z]\u200d/u);
      }),
      { numRuns: 50 },
    );
  });
});
