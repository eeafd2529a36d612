import { expect, it } from 'vitest';
import { triageConversation } from '#shared/triage/triageConversation.ts';
import { createWorkerBench, judgement } from '#tests/support/workerBench.ts';

it.each([
  ['de', 'de'],
  [' DE-at ', 'de'],
  ['zh_Hant', 'zh'],
  ['fil', 'fil'],
  ['und', ''],
  ['mul', ''],
  ['', ''],
  ['German', ''],
])('the model names the language %j: %j', async (told, language) => {
  const bench = createWorkerBench({ answers: { triage: { ...judgement, language: told } } });
  const { conversationId } = await bench.client.createConversation({
    mailboxId: 1,
    subject: 'Help',
    customer: { email: 'nina@example.org' },
    html: '<div>Help</div>',
    cc: [],
    attachments: [],
    imported: false,
  });
  const conversation = await bench.client.getConversation(conversationId);
  if (conversation === null) {
    throw new Error('The conversation is not there');
  }
  expect(await triageConversation(bench.deps, conversation, 60_000)).toMatchObject({
    outcome: 'triaged',
    triage: { language },
  });
});
