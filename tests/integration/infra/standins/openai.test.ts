import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type OpenaiStandIn, startOpenaiStandIn } from '#infra/standins/openai/standIn.ts';
import { draftAnswerSchema } from '#shared/drafts/draftAnswer.ts';
import { triageAnswerSchema } from '#shared/triage/triage.ts';

let standIn: OpenaiStandIn;
let openai: OpenAI;

beforeAll(async () => {
  standIn = await startOpenaiStandIn({ port: 0 });
  openai = new OpenAI({ baseURL: standIn.baseUrl, apiKey: 'local', maxRetries: 0 });
});
afterAll(() => standIn.close());
beforeEach(() => standIn.faults.clear());

const input = `<<<SUBJECT Rechnung doppelt abgebucht SUBJECT>>>

<<<MESSAGE author="customer" at="2026-11-20T10:00:00.000Z"
Guten Tag, die Rechnung RE-20417 über 149,00 € wurde doppelt abgebucht. Das ist eine Frechheit! Bitte sofort prüfen.
MESSAGE>>>`;

const triage = () =>
  openai.responses.parse({
    model: 'gpt-5.6-luna',
    instructions: `Task: triage\n${'You judge. '.repeat(500)}`,
    input,
    store: false,
    text: { format: zodTextFormat(triageAnswerSchema, 'triage') },
  });

describe('OpenAI stand-in through the real client', () => {
  it('judges and drafts in the shape that is asked for, the same way every time', async () => {
    const [first, second] = [await triage(), await triage()];
    expect(first.output_parsed).toMatchObject({
      type: 'customer',
      language: 'de',
      sentiment: 'angry',
      needsReply: true,
      facts: ['invoice RE-20417', 'amount 149,00 €'],
    });
    expect(first.output_parsed?.importance).toBeGreaterThanOrEqual(9);
    expect(second.output_parsed).toEqual(first.output_parsed);
    expect(first.usage).toMatchObject({ input_tokens_details: { cached_tokens: 0 } });
    expect(first.usage?.input_tokens).toBeGreaterThan(1000);
    expect(second.usage?.input_tokens_details.cached_tokens).toBeGreaterThan(1000);

    const draft = await openai.responses.parse({
      model: 'gpt-5.6-luna',
      instructions: 'Task: draft\n',
      input: `Customer's language: de\n\n${input}`,
      text: { format: zodTextFormat(draftAnswerSchema, 'reply') },
    });
    expect(draft.output_parsed?.language).toBe('de');
    expect(JSON.stringify(draft.output_parsed?.blocks)).toContain('Rechnung doppelt abgebucht');
    expect(JSON.stringify(draft.output_parsed?.blocks)).toContain('RE-20417');
  });

  it('fails as told', async () => {
    standIn.faults.add({ status: 429, reason: 'insufficient_quota', retryAfterSeconds: 2 });
    await expect(triage()).rejects.toMatchObject({ status: 429, code: 'insufficient_quota' });
    standIn.faults.add({ status: 500 });
    await expect(triage()).rejects.toMatchObject({ status: 500 });
    standIn.faults.add({ answer: 'refusal' });
    expect((await triage()).output[0]).toMatchObject({ content: [{ type: 'refusal' }] });
    standIn.faults.add({ answer: 'malformed' });
    await expect(triage()).rejects.toThrow();
    standIn.faults.add({ answer: 'incomplete' });
    const cutOff = await openai.responses.create({ model: 'm', instructions: 'Task: triage', input });
    expect(cutOff).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    });
    standIn.faults.add({ delayMilliseconds: 2000 });
    await expect(
      openai.responses.create({ model: 'm', instructions: 'Task: triage', input }, { timeout: 100 }),
    ).rejects.toThrow('timed out');
    expect((await triage()).output_parsed).not.toBeNull();
  });

  it('refuses a call without a key', async () => {
    expect((await fetch(`${standIn.baseUrl}/responses`, { method: 'POST', body: '{}' })).status).toBe(401);
  });
});
