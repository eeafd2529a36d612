import { describe, expect, it } from 'vitest';
import { parseSettings } from '#shared/settings/settings.ts';
import { bucketAmong, bucketOf, tagsOf, tagsToSet } from '#shared/triage/buckets.ts';

const { thresholds } = parseSettings({});

describe('bucketOf', () => {
  it.each([
    [10, 'p0'],
    [9, 'p0'],
    [8.99, 'p1'],
    [7, 'p1'],
    [6.9, 'p2'],
    [4, 'p2'],
    [3.9, 'p3'],
    [0, 'p3'],
    [Number.NaN, 'p3'],
  ])('importance %d is %s', (importance, bucket) => {
    expect(bucketOf(importance, thresholds)).toBe(bucket);
  });
});

describe('tagsOf', () => {
  it('adds high-priority from its own threshold on', () => {
    expect(tagsOf({ type: 'lead', importance: 8 }, thresholds)).toEqual(['lead', 'p1', 'high-priority']);
    expect(tagsOf({ type: 'customer', importance: 7.9 }, thresholds)).toEqual(['customer', 'p1']);
  });

  it('leaves the type out while there is no judgement', () => {
    expect(tagsOf({ type: null, importance: 9 }, thresholds)).toEqual(['p0', 'high-priority']);
  });
});

describe('tagsToSet', () => {
  it('replaces our earlier judgement and keeps what people set', () => {
    expect(tagsToSet(['vip', 'Lead', 'P3', 'refund'], ['customer', 'p1'])).toEqual([
      'vip',
      'refund',
      'customer',
      'p1',
    ]);
  });

  it('takes high-priority away when it no longer holds', () => {
    expect(tagsToSet(['lead', 'p1', 'high-priority'], ['lead', 'p2'])).toEqual(['lead', 'p2']);
  });

  it.each([[['customer', 'p1']], [['p1', 'customer']]])(
    'asks for no call when nothing changes: %j',
    (present) => {
      expect(tagsToSet(present, ['customer', 'p1'])).toBeNull();
    },
  );
});

describe('bucketAmong', () => {
  it('finds the bucket whatever its case', () => {
    expect(bucketAmong(['vip', 'P2'])).toBe('p2');
    expect(bucketAmong(['vip'])).toBeNull();
  });
});
