import { expect, it } from 'vitest';
import { csm } from '#tests/support/csm.ts';

it.each([
  [['dance'], 'dance'],
  [['reset-draft', 'seven'], 'positive whole number'],
  [['forget', 'nobody'], 'e-mail address'],
  [['replay'], 'Say what to replay'],
  [['replay', '1', '--failed'], 'Say what to replay'],
  [['replay', '--filtered'], '--filtered needs --reason'],
  [['follow-ups'], 'say --dry-run'],
])('%j ends with exit code 2, whether a system runs or not', async (args, sentence) => {
  expect(await csm(args, { dataDirectory: '/nowhere' })).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining(sentence),
  });
});

it('what could not be done ends with exit code 1', async () => {
  expect(await csm(['failures'], { dataDirectory: '/nowhere' })).toMatchObject({ code: 1, out: '' });
});
