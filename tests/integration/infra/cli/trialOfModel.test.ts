import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { tryModels } from '#infra/cli/trialOfModel.ts';
import { type OpenaiStandIn, startOpenaiStandIn } from '#infra/standins/openai/standIn.ts';
import { parseSettings } from '#shared/settings/settings.ts';

let standIn: OpenaiStandIn;

beforeAll(async () => {
  standIn = await startOpenaiStandIn({ port: 0 });
});
afterAll(() => standIn.close());
beforeEach(() => standIn.faults.clear());

const trial = (openai: object = {}, apiKey = 'key') =>
  tryModels(parseSettings({ openai: { baseUrl: standIn.baseUrl, ...openai } }).openai, apiKey);

it('asks each model of the settings once', async () => {
  const before = standIn.calls.length;
  expect(await trial()).toBeNull();
  expect(standIn.calls).toHaveLength(before + 1);
  expect(await trial({ draftModel: 'gpt-5.6-terra' })).toBeNull();
  expect(standIn.calls).toHaveLength(before + 3);
});

it.each([
  [429, 'insufficient_quota', 'gpt-5.6-luna (it answers 429): the quota is used up: pay, or'],
  [401, undefined, 'gpt-5.6-luna (it answers 401): the key is refused'],
  [
    404,
    'model_not_found',
    'gpt-5.6-luna (it answers 404): the model is not known there: mend openai.triageModel',
  ],
  [400, 'unsupported_value', 'gpt-5.6-luna (it answers 400): requests are refused: mend'],
  [500, undefined, 'gpt-5.6-luna (it answers 500): it does not answer, or answers with an error'],
])('tells what is wrong and what to do: %d %s', async (status, reason, says) => {
  standIn.faults.add({ status, ...(reason === undefined ? {} : { reason }) });
  expect(await trial()).toContain(says);
});

it('tells that nobody is there', async () => {
  expect(await trial({ baseUrl: 'http://127.0.0.1:9/v1' })).toMatch(/^gpt-5.6-luna: it does not answer/);
});
