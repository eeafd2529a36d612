import { describe, expect, it } from 'vitest';
import { countsByReason, filteredDigest } from '#shared/alerts/digest.ts';
import { alertKey, messageKey } from '#shared/store/keys.ts';

const filtered = (id: number, reason: string) => ({ key: messageKey('gmail', 'support', `m${id}`), reason });

describe('what was filtered within a day', () => {
  it('is counted by reason, most first', () => {
    const rows = ['bulk', 'auto-reply', 'bulk', 'label:SPAM'].map((reason, id) => filtered(id, reason));
    expect([...countsByReason(rows)]).toEqual([
      ['bulk', 2],
      ['auto-reply', 1],
      ['label:SPAM', 1],
    ]);
  });

  it('leaves out what hides nobody: our own, doubles, what was asked for, and rows of no message', () => {
    const reasons = [
      'own',
      'label:SENT',
      'freescout-notification',
      'double',
      'before-intake',
      'gone',
      'forgotten',
    ];
    const rows = [
      ...reasons.map((reason, id) => filtered(id, reason)),
      { key: alertKey(1, 'p0'), reason: 'no-channel' },
    ];
    expect(countsByReason(rows).size).toBe(0);
  });

  it('is one line, with what to do', () => {
    const counts = new Map([
      ['bulk', 7],
      ['auto-reply', 5],
    ]);
    const { title, text } = filteredDigest('2026-11-29', counts, { isWhole: true });
    expect(title).toBe('12 filtered on 2026-11-29');
    expect(text.split('\n')[0]).toBe('12 filtered on 2026-11-29 (UTC): 7 bulk, 5 auto-reply.');
    expect(text).toContain('restore-filtered');
    expect(filteredDigest('2026-11-29', counts, { isWhole: false }).title).toBe(
      '12 or more filtered on 2026-11-29',
    );
  });
});
