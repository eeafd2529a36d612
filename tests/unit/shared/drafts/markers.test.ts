import { describe, expect, it } from 'vitest';
import { hasMarker, isTeamMessage, markerFor, markerNames, teamMarkerOf } from '#shared/drafts/markers.ts';
import { messageKey } from '#shared/store/keys.ts';

describe('markers', () => {
  it.each(['gmail:support:18c2f3a', 'freescout:12:-', 'note:freescout:3:4', 'draft:1:2'])(
    '%s is found again',
    (name) => {
      const html = `<div>a</div>${markerFor(name)}<div>b</div>`;
      expect(markerNames(html)).toEqual([name]);
      expect(hasMarker(html, name)).toBe(true);
      expect(hasMarker(html, `${name}1`)).toBe(false);
    },
  );

  it('lists several, each once', () => {
    expect(markerNames(markerFor('b') + markerFor('a') + markerFor('b'))).toEqual(['b', 'a']);
  });

  it('is found when white space around the name changed', () => {
    expect(hasMarker('<!--csm:draft:1:2-->', 'draft:1:2')).toBe(true);
    expect(hasMarker('<!--  csm:draft:1:2  -->', 'draft:1:2')).toBe(true);
  });

  it('takes nothing else for one', () => {
    for (const html of [
      '&lt;!-- csm:a --&gt;',
      '<!-- csm: -->',
      '<!-- x csm:a -->',
      '<!-- csm:a b -->',
      'csm:a',
    ]) {
      expect(markerNames(html)).toEqual([]);
    }
  });

  it('refuses names that could end the comment', () => {
    for (const name of ['', 'a>b', 'a b', 'a\n', 'x'.repeat(201)]) {
      expect(() => markerFor(name)).toThrow(RangeError);
    }
  });
});

describe('a team message', () => {
  const marker = teamMarkerOf(messageKey('gmail', 'support', '18c2f3a'));
  const body = `<div>We have sent it.</div>${markerFor(marker)}`;
  const note = { type: 'note', createdBy: { id: 2 }, body };

  it('is a note of our bot user with its marker', () => {
    expect(marker).toBe('team:gmail:support:18c2f3a');
    expect(isTeamMessage(note, 2)).toBe(true);
  });

  it.each([
    ['another user wrote it', { createdBy: { id: 1 } }],
    ['nobody wrote it', { createdBy: null }],
    ['it is no note', { type: 'message' }],
    ['a customer wrote it', { type: 'customer' }],
    ['its marker is another', { body: `<div>Type: customer</div>${markerFor('note:team:1')}` }],
    ['it has no marker', { body: '<div>team:gmail:support:18c2f3a</div>' }],
  ])('is no thread of which this holds: %s', (_, difference) => {
    expect(isTeamMessage({ ...note, ...difference }, 2)).toBe(false);
  });
});
