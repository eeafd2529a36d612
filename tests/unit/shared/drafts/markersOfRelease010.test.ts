import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '#shared/drafts/fingerprint.ts';
import { draftMarker, markerFor, markerNames } from '#shared/drafts/markers.ts';
import { messageKey, threadKey } from '#shared/store/keys.ts';
import { deskOfRelease010, mailOfRelease010 } from '#tests/support/release010/captures.ts';

/* By what release 0.1.0 left in FreeScout the present system finds again what was written, and tells whether a human touched it. */
const bodies = deskOfRelease010.threads.map(({ body }) => body ?? '').filter((body) => body.includes('csm:'));

describe('what release 0.1.0 left in FreeScout', () => {
  it('is recognized by its markers', () => {
    expect(bodies.length).toBeGreaterThan(15);
    for (const body of bodies) {
      const written = [...body.matchAll(/<!-- csm:(\S+) -->/g)].map(([, name]) => name);
      expect(markerNames(body)).toEqual(written);
    }
  });

  it.each([
    ['a mail', messageKey('gmail', 'support', mailOfRelease010('lamp').id)],
    ['a note about a judgement', `note:${threadKey(3, 7)}`],
    ['a reply', draftMarker.draft({ conversationId: 3, answeredThreadId: 7, kind: 'reply' })],
    ['a follow-up', draftMarker.draft({ conversationId: 1, answeredThreadId: 1, kind: 'followup' })],
    ['a reminder', draftMarker.draft({ conversationId: 3, answeredThreadId: 9, kind: 'reminder' })],
    ['a suggestion', draftMarker.suggestion({ conversationId: 4, answeredThreadId: 14, kind: 'reply' })],
    ['no draft', draftMarker.noDraft({ conversationId: 1, answeredThreadId: 1, kind: 'reply' })],
  ])('carries the marker that is looked for today: %s', (_, name) => {
    expect(bodies.filter((body) => body.includes(markerFor(name)))).toHaveLength(1);
  });

  it('is known as untouched by its fingerprint', () => {
    const drafts = bodies.filter((body) => body.includes('csm:fingerprint:'));
    expect(drafts).toHaveLength(5);
    for (const body of drafts) {
      expect(body).toContain(`<!-- csm:fingerprint:${fingerprintOf(body)} -->`);
    }
  });
});
