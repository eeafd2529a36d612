import { expect, it } from 'vitest';
import { freeScoutThreadIds } from '#shared/mail/replies/replyIds.ts';

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
