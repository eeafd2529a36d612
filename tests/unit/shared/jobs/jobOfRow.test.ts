import { describe, expect, it } from 'vitest';
import { alertKinds } from '#shared/alerts/alertKinds.ts';
import { channelKinds } from '#shared/channels/channelKinds.ts';
import { jobOfRow } from '#shared/jobs/jobOfRow.ts';
import { jobSchema } from '#shared/jobs/jobSchema.ts';
import {
  alertKey,
  digestKey,
  followUpKey,
  type LedgerKey,
  messageKey,
  threadKey,
} from '#shared/store/keys.ts';

const origin = { cause: 'wake', requestId: 'run-1' } as const;

describe('the job of a row', () => {
  it.each<[LedgerKey, object]>([
    ...channelKinds.map((channel): [LedgerKey, object] => [
      messageKey(channel, 'support', 'm1'),
      { kind: 'incoming-message', channel, alias: 'support', messageId: 'm1', threadId: 't1' },
    ]),
    [threadKey(7, 9), { kind: 'conversation', conversationId: 7, rowKey: 'freescout:7:9' }],
    [threadKey(7, '-'), { kind: 'conversation', conversationId: 7, rowKey: 'freescout:7:-' }],
    [threadKey(7, -2), { kind: 'conversation', conversationId: 7, rowKey: 'freescout:7:-2' }],
    [
      followUpKey(7, 9),
      { kind: 'conversation', conversationId: 7, step: 'follow-up', rowKey: 'followup:7:9' },
    ],
    [digestKey('filtered', '2026-11-20'), { kind: 'digest', digest: 'filtered', day: '2026-11-20' }],
    ...alertKinds.map((alert): [LedgerKey, object] => [
      alertKey(7, alert),
      { kind: 'alert', conversationId: 7, alert },
    ]),
  ])('%s', (key, expected) => {
    const job = jobOfRow({ key, channelThreadId: 't1' }, origin);
    expect(job).toEqual({ ...expected, ...origin });
    expect(jobSchema.parse(job)).toEqual(job);
  });

  it('names a message whose thread is not known after itself', () => {
    const job = jobOfRow({ key: messageKey('gmail', 'support', 'm1') }, origin);
    expect(job).toMatchObject({ threadId: 'm1' });
  });

  it.each<LedgerKey>(['digest:of-a-later-release:2026-11-20', 'delivery:7:9:1'])(
    'is left to the release that wrote it: %s',
    (key) => {
      expect(jobOfRow({ key }, origin)).toBeNull();
    },
  );
});
