import { expect, it } from 'vitest';
import { gmailChannelOf, gmailChannelsOf, mailboxIdsOf, ownAddresses } from '#shared/settings/channels.ts';
import { parseSettings } from '#shared/settings/settings.ts';

const settings = parseSettings({
  channels: [
    { kind: 'gmail', alias: 'support', address: 'Support@example.com', mailboxId: 7 },
    {
      kind: 'gmail',
      alias: 'sales',
      address: 'sales@example.com',
      mailboxId: 2,
      ownAddresses: ['a@x.example'],
    },
    { kind: 'gmail', alias: 'help', address: 'help@example.com', mailboxId: 7 },
  ],
});

it('several channels may feed one mailbox, which is named once', () => {
  expect(mailboxIdsOf(settings)).toEqual([7, 2]);
});

it('the addresses of all channels are ours', () => {
  expect([...ownAddresses(settings)]).toEqual([
    'support@example.com',
    'sales@example.com',
    'a@x.example',
    'help@example.com',
  ]);
});

it('a Gmail channel is found by its alias', () => {
  expect(gmailChannelsOf(settings).map(({ alias }) => alias)).toEqual(['support', 'sales', 'help']);
  expect(gmailChannelOf(settings, 'help')?.address).toBe('help@example.com');
  expect(gmailChannelOf(settings, 'gone')).toBeUndefined();
});
