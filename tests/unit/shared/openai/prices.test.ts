import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costUsd, priceOf, worstCaseUsd } from '#shared/openai/prices.ts';
import { parseSettings } from '#shared/settings/settings.ts';

const price = { input: 2, cachedInput: 0.2, output: 12 };

describe('what a call costs', () => {
  it.each([
    [
      'plain input and output',
      { input: 1_000_000, cachedInput: 0, cacheWriteInput: 0, output: 1_000_000 },
      14,
    ],
    ['all of it cached', { input: 1_000_000, cachedInput: 1_000_000, cacheWriteInput: 0, output: 0 }, 0.2],
    [
      'all of it written to the cache',
      { input: 1_000_000, cachedInput: 0, cacheWriteInput: 1_000_000, output: 0 },
      2.5,
    ],
    [
      'some of each',
      { input: 10_000, cachedInput: 4000, cacheWriteInput: 2000, output: 500 },
      (4000 * 2 + 4000 * 0.2 + 2000 * 2.5 + 500 * 12) / 1e6,
    ],
    ['nothing', { input: 0, cachedInput: 0, cacheWriteInput: 0, output: 0 }, 0],
  ])('%s', (_, tokens, usd) => {
    expect(costUsd(price, tokens)).toBeCloseTo(usd, 10);
  });

  it('is never more than the worst case while a token is at least three bytes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' })),
        fc.nat(3000),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (texts, output, cached, cacheWrite) => {
          const input = Math.floor(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 3);
          const cachedInput = Math.floor(input * cached);
          const cacheWriteInput = Math.floor((input - cachedInput) * cacheWrite);
          const tokens = { input, cachedInput, cacheWriteInput, output };
          expect(costUsd(price, tokens)).toBeLessThanOrEqual(worstCaseUsd(price, texts, 3000));
        },
      ),
    );
  });

  it('counts Chinese by the character', () => {
    expect(worstCaseUsd(price, ['你好'], 0)).toBeCloseTo((2 * 2 * 1.25) / 1e6, 12);
  });
});

describe('the price of a model', () => {
  it('comes from the settings', () => {
    const { openai } = parseSettings({});
    expect(priceOf(openai.triageModel, openai.prices)).toEqual({
      input: 0.2,
      cachedInput: 0.02,
      output: 1.2,
    });
  });

  it.each(['gpt-unknown', 'constructor'])('is missed for %s', (model) => {
    expect(() => priceOf(model, {})).toThrow('has no price');
  });
});
