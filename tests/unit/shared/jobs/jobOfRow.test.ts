import { describe, expect, it } from 'vitest';
import { alertKinds } from '#shared/alerts/alertKinds.ts';
import { jobOfRow } from '#shared/jobs/jobOfRow.ts';
import { jobSchema } from '#shared/jobs/jobSchema.ts';
import {
  alertKey,
  asLedgerKey,
  followUpKey,
  gmailKey,
  type LedgerKey,
  threadKey,
} from '#shared/store/keys.ts';

const origin = { cause: 'wake', requestId: 'run-1' } as const;

describe('the job of a row', () => {
  it.each<[LedgerKey, object]>([
    [
      gmailKey('support', 'm1'),
      { kind: 'gmail-message', account: 'support', messageId: 'm1', gmailThreadId: 't1' },
    ],
    [threadKey(7, 9), { kind: 'conversation', conversationId: 7, rowKey: 'freescout:7:9' }],
    [threadKey(7, '-'), { kind: 'conversation', conversationId: 7, rowKey: 'freescout:7:-' }],
    [threadKey(7, -2), { kind: 'conversation', conversationId: 7, rowKey: 'freescout:7:-2' }],
    [
      followUpKey(7, 9),
      { kind: 'conversation', conversationId: 7, step: 'follow-up', rowKey: 'followup:7:9' },
    ],
    ...alertKinds.map((alert): [LedgerKey, object] => [
      alertKey(7, alert),
      { kind: 'alert', conversationId: 7, alert },
    ]),
  ])('%s', (key, expected) => {
    expect(asLedgerKey(key)).toBe(key);
    const job = jobOfRow({ key, gmailThreadId: 't1' }, origin);
    expect(job).toEqual({ ...expected, ...origin });
    expect(jobSchema.parse(job)).toEqual(job);
  });

  it('names a mail whose thread is not known after itself', () => {
    const job = jobOfRow({ key: gmailKey('support', 'm1') }, origin);
    expect(job).toMatchObject({ gmailThreadId: 'm1' });
  });
});
