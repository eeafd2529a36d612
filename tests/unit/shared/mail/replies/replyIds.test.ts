import { expect, it } from 'vitest';
import { answeredNotification, freeScoutThreadIds } from '#shared/mail/replies/replyIds.ts';

it.each<readonly [readonly string[], readonly number[]]>([
  [['<FS_reply-12-0123456789abcdef@desk.example>'], [12]],
  [['FS_reply-12-0123456789abcdef@desk.example'], [12]],
  [
    [' <fs_reply-7-ab@desk.example> ', '<other@x>', '<FS_reply-12-a@d>', '<FS_reply-7-ab@desk.example>'],
    [7, 12],
  ],
  [
    [
      '<FS_autoreply-12-ab@d>',
      '<FS_notify-1-2-3@d>',
      '<FS_reply-x-ab@d>',
      '<x-FS_reply-1-ab@d>',
      '<FS_reply-1@d>',
      '',
    ],
    [],
  ],
  [[`<FS_reply-${'9'.repeat(400)}-ab@d>`], []],
])('finds the threads of %j', (ids, threads) => {
  expect(freeScoutThreadIds(ids)).toEqual(threads);
});

it.each([
  [['<FS_notify-12-3-1793700000@desk.example>'], { threadId: 12, conversationId: null }],
  [
    ['<FS_notify-12-3-1793700000@d>', '<FS_conversation-7-8f14e45fceea167a5a36dedd4bea2543@d>'],
    { threadId: 12, conversationId: 7 },
  ],
  [
    ['<fs_notify-12-3-1@d>', '<FS_conversation-8-8f14e45fceea167a5a36dedd4bea2543@d>'],
    { threadId: 12, conversationId: null },
  ],
  [['<FS_conversation-7-8f14e45fceea167a5a36dedd4bea2543@d>'], null],
  [['<FS_reply-12-0123456789abcdef@d>', '<x-FS_notify-1-2-3@d>', '<FS_notify-x-2-3@d>'], null],
])('finds the notification that is answered in %j', (ids, notified) => {
  expect(answeredNotification(ids)).toEqual(notified);
});
