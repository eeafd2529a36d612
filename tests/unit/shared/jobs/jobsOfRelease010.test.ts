import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { jobSchema } from '#shared/jobs/jobSchema.ts';
import { messageGroupOf } from '#shared/jobs/jobs.ts';
import { jobsOfRelease010 } from '#tests/support/release010/captures.ts';
import { leavesOf } from '#tests/support/release010/leaves.ts';

/*
 * After an update the queue still holds jobs of the release before, for as long as they are retried; the dead letters hold them for 14
 * days. The bodies are what release 0.1.0 sent, so they stay as they are whatever a job is called today.
 */
describe.each(jobsOfRelease010.everyKind)('the job $body', ({ body, group }) => {
  const sent = z.record(z.string(), z.unknown()).parse(JSON.parse(body));

  it('is read with everything that it says', () => {
    // What a kind and a cause are called may change, so both are left out.
    const { kind: _kind, cause: _cause, ...said } = sent;
    expect(leavesOf(jobSchema.parse(sent))).toEqual(expect.arrayContaining([...leavesOf(said)]));
  });

  it('goes back into the message group that it came from', () => {
    // Jobs of both releases about the same thing have to wait for each other.
    expect(messageGroupOf(jobSchema.parse(sent))).toBe(group);
  });
});

it('every way to queue a job is among them', () => {
  const kinds = jobsOfRelease010.everyKind.map(({ body }) => {
    const { kind, cause, step, alert } = z
      .record(z.string(), z.string().or(z.number()))
      .parse(JSON.parse(body));
    return [kind, cause, step, alert].filter(Boolean).join(' ');
  });
  expect([...new Set(kinds)].sort()).toEqual([
    'alert follow-ups p0-follow-up',
    'alert replay p0',
    'alert wake p0',
    'alert webhook loop',
    'alert written p0',
    'conversation follow-ups follow-up',
    'conversation follow-ups reminder',
    'conversation replay',
    'conversation replay follow-up',
    'conversation sweep',
    'conversation wake',
    'conversation wake follow-up',
    'conversation webhook',
    'conversation written',
    'gmail-message back-fill',
    'gmail-message gap-check',
    'gmail-message moved',
    'gmail-message poll',
    'gmail-message replay',
    'gmail-message wake',
  ]);
});
