import { describe, expect, it } from 'vitest';
import { alertKinds } from '#shared/alerts/alertKinds.ts';
import { channelKinds } from '#shared/channels/channelKinds.ts';
import {
  alertKey,
  followUpKey,
  messageKey,
  parseLedgerKey,
  threadKey,
  threadMapKey,
} from '#shared/store/keys.ts';

describe('a key of the ledger', () => {
  it.each([
    ...channelKinds.map((channel) => [
      messageKey(channel, 'sales-eu', 'SM_1-a'),
      { kind: 'message', channel, alias: 'sales-eu', messageId: 'SM_1-a' },
    ]),
    [threadKey(7, 9), { kind: 'thread', conversationId: 7 }],
    [threadKey(7, '-'), { kind: 'thread', conversationId: 7 }],
    [threadKey(7, -2), { kind: 'thread', conversationId: 7 }],
    [followUpKey(7, 9), { kind: 'follow-up', conversationId: 7 }],
    ...alertKinds.map((alert) => [alertKey(7, alert), { kind: 'alert', conversationId: 7, alert }]),
    ['digest:filtered:2026-11-20', { kind: 'digest', digest: 'filtered', day: '2026-11-20' }],
    ['digest:second-look:2026-11-20', { kind: 'digest', digest: null, day: '2026-11-20' }],
    ['delivery:7:9:1', { kind: 'delivery' }],
  ] as readonly [string, object][])('%s is read as what it stands for', (key, meaning) => {
    expect(parseLedgerKey(key)).toEqual({ key, ...meaning });
  });

  it.each([
    '',
    'gmail',
    'gmail:support',
    'gmail:support:',
    'gmail:Support:m1',
    'gmail:support:m1:x',
    'gmail:support:m 1',
    `gmail:support:${'m'.repeat(65)}`,
    'telegram:support:m1',
    'freescout:7',
    'freescout:7:x',
    'freescout:x:-',
    'followup:7:-',
    'alert:7:other',
    'alert:7:',
    'digest:filtered',
    'digest:filtered:today',
    'digest:Filtered:2026-11-20',
    'delivery:7:9',
    'draft:7:9',
  ])('is not "%s"', (text) => {
    expect(parseLedgerKey(text)).toBeNull();
  });
});

describe('stored keys', () => {
  it('never change: earlier releases wrote them', () => {
    expect(messageKey('gmail', 'support', 'm1')).toBe('gmail:support:m1');
    expect(threadMapKey.thread('gmail', 'support', 't1')).toBe('gmail:support:t1');
    expect(threadMapKey.mail('<a@example.com>')).toBe(
      'mail:388aa267e2b92c85a7026aab1f6c47d8c21ac62bc856168d135d7f9d9e38ec39',
    );
    expect(threadMapKey.freescoutThread(9)).toBe('freescout:9');
  });
});
