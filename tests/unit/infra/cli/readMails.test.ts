import { expect, it } from 'vitest';
import { readMails } from '#infra/cli/readMails.ts';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { alertKey, messageKey } from '#shared/store/keys.ts';
import { buildMail } from '#tests/support/mailBuilder.ts';

it('shows sender and subject of each mail as its source has them now, and keeps every row', async () => {
  let atOnce = 0;
  let most = 0;
  const source = {
    kind: 'gmail' as const,
    alias: 'support',
    mailOf: async (id: string) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await Promise.resolve();
      atOnce -= 1;
      if (id === 'refused') {
        throw new Error('refused');
      }
      return id === 'gone'
        ? null
        : parseMail(
            buildMail({ From: 'Ann <ann@customer.example>', Subject: `About\u202e ${id} ${'x'.repeat(90)}` }),
          );
    },
  };
  const keys = [
    ...['m1', 'gone', 'refused', 'm2', 'm3', 'm4', 'm5'].map((id) => messageKey('gmail', 'support', id)),
    messageKey('gmail', 'left-the-settings', 'm1'),
    alertKey(1, 'p0'),
  ];
  const read = await readMails(
    [source],
    keys.map((key) => ({ key })),
  );
  const [first, gone, refused] = keys.map((key) => read.get(key));
  expect(first?.sender).toBe('ann@customer.example');
  expect(first?.subject).toMatch(/^About m1 x+$/);
  expect(first?.subject).toHaveLength(60);
  expect(gone?.subject).toBe('(no longer there)');
  expect(refused?.subject).toBe('(cannot be read now)');
  expect(read.size).toBe(7);
  expect(most).toBe(5);
});
