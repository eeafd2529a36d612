import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '#shared/drafts/fingerprint.ts';
import { classifySent, lightEditSimilarity, similarityOf } from '#shared/drafts/outcome.ts';

const ours =
  '<div>Hi Nina,</div><div>thank you for writing. We are looking into error 403 and will tell you what we find.</div>';
const classify = (sent: string, kept: string | null = ours) => classifySent(fingerprintOf(ours), kept, sent);

describe('similarity', () => {
  it.each([
    ['', '', 1],
    ['abcd', 'abcd', 1],
    ['abcd', 'abcx', 0.75],
    ['abcd', '', 0],
    ['abcd', 'wxyz', 0],
    ['abcd', 'xabcd', 0.8],
  ])('%j and %j: %d', (a, b, expected) => {
    expect(similarityOf(a, b)).toBeCloseTo(expected, 10);
  });

  it('is bounded in time and still tells very long texts apart', () => {
    const long = 'The quick brown fox jumps over the lazy dog. '.repeat(20_000);
    const before = process.cpuUsage();
    expect(similarityOf(long, long.toUpperCase())).toBeLessThan(0.5);
    expect(similarityOf(`${long}a`, `${long}b`)).toBeGreaterThan(0.999);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(10_000);
  });
});

describe('what became of a sent draft', () => {
  it('unchanged, also when the editor rewrote it', () => {
    expect(classify(ours)).toEqual({ outcome: 'unchanged', similarity: 1 });
    expect(classify(ours.replaceAll('div', 'p'))).toEqual({ outcome: 'unchanged', similarity: 1 });
  });

  it('lightly edited: another name and figure', () => {
    const result = classify(ours.replace('Nina', 'Ms Okafor').replace('403', '500'));
    expect(result.outcome).toBe('light-edit');
    expect(result.similarity).toBeGreaterThanOrEqual(lightEditSimilarity);
  });

  it('lightly edited: only the looks changed', () => {
    expect(classify(ours.replace('error 403', '<b>error 403</b>'))).toEqual({
      outcome: 'light-edit',
      similarity: 1,
    });
  });

  it('heavily edited', () => {
    const result = classify('<div>Hi Nina,</div><div>please call us, this needs a person.</div>');
    expect(result.outcome).toBe('heavy-edit');
    expect(result.similarity).toBeLessThan(lightEditSimilarity);
  });

  it('without our text an edit counts as heavy and its similarity is unknown', () => {
    expect(classify(ours, null)).toEqual({ outcome: 'unchanged', similarity: 1 });
    expect(classify(`${ours}<div>Bye</div>`, null)).toEqual({ outcome: 'heavy-edit', similarity: null });
  });

  it('does not compare with the text of another draft', () => {
    expect(classify(`${ours}<div>Bye</div>`, '<div>something else</div>')).toEqual({
      outcome: 'heavy-edit',
      similarity: null,
    });
  });
});
