import { expect, it } from 'vitest';
import { messageKey } from '#shared/store/keys.ts';
import { createInMemoryStore } from '#tests/support/inMemoryStore.ts';
import { manualClock } from '#tests/support/manualClock.ts';

const key = messageKey('gmail', 'support', 'm1');
const claim = { owner: 'a', leaseSeconds: 210, lastDelivery: false };

it('can be stopped before an operation has any effect', async () => {
  let stopAt = 'ledger.claim';
  const { ledger } = createInMemoryStore({
    clock: manualClock(),
    beforeEach: (operation) => {
      if (operation === stopAt) {
        throw new Error('stopped');
      }
    },
  });
  await expect(ledger.claim(key, claim)).rejects.toThrow('stopped');
  stopAt = '';
  expect(await ledger.get(key)).toBeNull();
});

it('can be stopped after an operation took effect and before its caller learns', async () => {
  const { ledger } = createInMemoryStore({
    clock: manualClock(),
    afterEach: (operation) => {
      if (operation === 'ledger.claim') {
        throw new Error('stopped');
      }
    },
  });
  await expect(ledger.claim(key, claim)).rejects.toThrow('stopped');
  expect(await ledger.get(key)).toMatchObject({ leaseOwner: 'a' });
});

it('gives way to others before an operation happens', async () => {
  const { ledger } = createInMemoryStore({ clock: manualClock() });
  const order: string[] = [];
  const first = ledger.get(key).then(() => order.push('first'));
  order.push('meanwhile');
  await first;
  expect(order).toEqual(['meanwhile', 'first']);
});
