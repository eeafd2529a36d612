import { expect, it, vi } from 'vitest';
import { createUserAddresses } from '#shared/freescout/userAddresses.ts';
import { manualClock } from '#tests/support/manualClock.ts';

const user = (id: number, email: string) => ({ id, name: 'Ada', email });
const minutes = 60_000;

it('asks for the users once in ten minutes', async () => {
  const clock = manualClock();
  const listUsers = vi.fn(async () => [user(1, 'Ada@Desk.example')]);
  const addresses = createUserAddresses({ freescout: { listUsers }, clock });
  expect([...(await addresses())]).toEqual(['ada@desk.example']);
  clock.advance(9 * minutes);
  await addresses();
  expect(listUsers).toHaveBeenCalledTimes(1);
  clock.advance(minutes);
  listUsers.mockResolvedValue([user(1, 'ada@desk.example'), user(2, 'bob@desk.example')]);
  expect((await addresses()).size).toBe(2);
});

it('keeps those it knows while they cannot be read, and guesses nothing before', async () => {
  const clock = manualClock();
  const listUsers = vi.fn(async () => [user(1, 'ada@desk.example')]);
  listUsers.mockRejectedValueOnce(new Error('FreeScout is away'));
  const addresses = createUserAddresses({ freescout: { listUsers }, clock });
  await expect(addresses()).rejects.toThrow('FreeScout is away');
  await addresses();
  clock.advance(10 * minutes);
  listUsers.mockRejectedValueOnce(new Error('FreeScout is away'));
  expect((await addresses()).has('ada@desk.example')).toBe(true);
});
