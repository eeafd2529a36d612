import { describe, expect, it } from 'vitest';
import { jobSchema, readJob } from '#shared/jobs/jobSchema.ts';
import { conversationOf, deduplicationId, messageGroupOf } from '#shared/jobs/jobs.ts';

/** As the releases before the second channel queued it. */
const mailJob = {
  kind: 'gmail-message',
  account: 'support',
  messageId: '18c2f0a1b2c3d4e5',
  gmailThreadId: '18c2f0a1b2c3d4e0',
  cause: 'poll',
  requestId: 'run-1',
};
const sameJob = {
  kind: 'incoming-message',
  channel: 'gmail',
  alias: 'support',
  messageId: '18c2f0a1b2c3d4e5',
  threadId: '18c2f0a1b2c3d4e0',
  cause: 'poll',
  requestId: 'run-1',
};

describe('a job that an earlier release queued', () => {
  it.each([
    ['a mail', mailJob, sameJob],
    [
      'a mail on its way into the group of its conversation',
      { ...mailJob, cause: 'moved', conversationId: 7 },
      { ...sameJob, cause: 'requeued', conversationId: 7 },
    ],
    [
      'a conversation',
      { kind: 'conversation', conversationId: 7, cause: 'moved', requestId: 'run-1' },
      { kind: 'conversation', conversationId: 7, cause: 'requeued', requestId: 'run-1' },
    ],
  ])('is read as the job it is now: %s', (_, old, now) => {
    expect(jobSchema.parse(old)).toEqual(now);
  });

  it('is none without its thread', () => {
    const { gmailThreadId, ...rest } = mailJob;
    expect(jobSchema.safeParse(rest).success).toBe(false);
  });
});

describe('what the queue orders and drops by', () => {
  const job = jobSchema.parse(mailJob);
  const moved = jobSchema.parse({ ...mailJob, conversationId: 7 });

  it('is the same text for a mail as in the releases before, which queued beside this one', () => {
    expect(messageGroupOf(job)).toBe('gmail:support:18c2f0a1b2c3d4e0');
    expect(messageGroupOf(moved)).toBe('conversation:7');
    expect(deduplicationId.incoming('gmail:support:18c2f0a1b2c3d4e5')).toBe('gmail:support:18c2f0a1b2c3d4e5');
    expect(job.kind === 'incoming-message' && deduplicationId.requeued(job, 7)).toBe(
      'gmail:support:18c2f0a1b2c3d4e5:to:7:run-1',
    );
  });

  it('tells channels of one alias apart', () => {
    expect(messageGroupOf(jobSchema.parse({ ...sameJob, channel: 'form' }))).toBe(
      'form:support:18c2f0a1b2c3d4e0',
    );
  });
});

describe('a self-check', () => {
  it('has a group of its own and belongs to no conversation', () => {
    const job = { kind: 'self-check', cause: 'connect', requestId: 'connect-1' } as const;
    expect(readJob(JSON.stringify(job))).toEqual(job);
    expect(messageGroupOf(job)).toBe('self-check');
    expect(conversationOf(job)).toBeUndefined();
    expect(deduplicationId.selfCheck(job)).toBe('self-check:connect-1');
  });
});
