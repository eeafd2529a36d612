import { expect, it } from 'vitest';
import { settingsFaults } from '#tests/support/settingsFaults.ts';

const migrate = 'csm settings migrate prints the new text';
const accountsFault = `accounts: is now "channels" (kind "gmail", "gmailAddress" is "address"); ${migrate}`;
const account = { alias: 'support', gmailAddress: 'support@example.com', mailboxId: 1 };
const channel = { kind: 'gmail', alias: 'support', address: 'support@example.com', mailboxId: 1 };
const calendar = { timeZone: 'Europe/Berlin', weekdays: { monday: ['09:00-17:00'] } };

it.each<[string, unknown, readonly string[]]>([
  [
    'whole, with nothing that follows from it',
    {
      accounts: [account, { ...account, alias: 'sales', gmailAddress: 'sales@example.com', mailboxId: 2 }],
      followUps: { calendars: { sales: calendar } },
    },
    [accountsFault],
  ],
  [
    'beside every other fault, under the path that the entry gets',
    { accounts: [{ ...account, mailboxId: 'x' }], colour: 'blue', worker: { maxConcurrency: 1 } },
    [
      accountsFault,
      'channels.0.mailboxId: Invalid input: expected number, received string',
      'worker.maxConcurrency: Too small: expected number to be >=2',
      '(root): Unrecognized key: "colour"',
    ],
  ],
  ['beside the new one', { accounts: [account], channels: [channel] }, [accountsFault]],
  [
    'within new ones',
    { channels: [channel, { ...account, alias: 'sales', kind: 'gmail' }] },
    [
      `channels.1.gmailAddress: is now "address"; ${migrate}`,
      'channels.1.address: address is used by another channel',
    ],
  ],
  [
    'with a value that was wrong before',
    { accounts: 'x' },
    [accountsFault, 'channels: Invalid input: expected array, received string'],
  ],
])('refuses a key of an earlier release by name: %s', (_, raw, expected) => {
  expect(settingsFaults(raw)).toEqual(expected);
});

it('leaves what it was given as it was', () => {
  const raw = { accounts: [account] };
  settingsFaults(raw);
  expect(raw).toEqual({ accounts: [account] });
});
