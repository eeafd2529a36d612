import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FreeScoutStandIn, startFreeScoutStandIn } from '#infra/standins/freescout/standIn.ts';
import type { FreeScoutClient } from '#shared/freescout/freescoutClient.ts';
import { createFreeScoutClient } from '#shared/freescout/httpFreeScoutClient.ts';
import { unlimited } from '#shared/http/rateLimiter.ts';
import { systemClock } from '#shared/time/clock.ts';
import { recordingLog } from '#tests/support/recordingLog.ts';

let desk: FreeScoutStandIn;
let client: FreeScoutClient;

beforeEach(async () => {
  desk = await startFreeScoutStandIn({
    delayFactor: 0,
    customFields: [
      {
        id: 7,
        mailboxId: 1,
        name: 'Priority',
        type: 'singleline',
        options: {},
        sortOrder: 0,
        required: false,
      },
    ],
  });
  client = createFreeScoutClient({
    baseUrl: desk.url,
    apiKey: async () => desk.apiKey,
    botUserId: 2,
    fetch,
    clock: systemClock,
    limiter: unlimited,
    timeoutMilliseconds: 10_000,
    attempts: 1,
    log: recordingLog(),
    measure: () => undefined,
  });
});
afterEach(() => desk.close());

describe('what /ready asks of FreeScout', () => {
  it('is whether the modules are there', async () => {
    expect(await client.hasTags()).toBe(true);
    expect(await client.listCustomFields(1)).toEqual([{ id: 7, options: null }]);
    desk.model.switches.tagsModule = false;
    desk.model.switches.customFieldsModule = false;
    expect(await client.hasTags()).toBe(false);
    expect(await client.listCustomFields(1)).toBe('module-absent');
  });

  it.each<[string, Record<string, string>, readonly string[]]>([
    ['an object', { 1: 'Low', 2: 'High' }, ['1', '2']],
    ['a list, as PHP writes keys that start with 0', { 0: 'Low', 1: 'High' }, ['0', '1']],
    ['nothing', {}, []],
  ])('is what a dropdown takes, whose options come as %s', async (_, options, taken) => {
    const field = {
      id: 8,
      mailboxId: 1,
      name: 'Kind',
      type: 'dropdown',
      sortOrder: 1,
      required: false,
    } as const;
    desk.model.customFields.set(8, { ...field, options });
    expect(await client.listCustomFields(1)).toContainEqual({ id: 8, options: taken });
  });

  it('is which mailboxes a user has access to: an administrator to all, and nobody to all as well', async () => {
    const bot = desk.model.users.get(2);
    if (bot === undefined) {
      throw new Error('no bot');
    }
    const of = async (userId: number) => (await client.listMailboxes(userId)).map(({ id }) => id);
    desk.model.users.set(2, { ...bot, mailboxIds: [] });
    expect([await of(1), await of(2), await of(9)]).toEqual([[1], [], [1]]);
    desk.model.users.set(2, { ...bot, mailboxIds: [1] });
    expect(await of(2)).toEqual([1]);
  });

  it('is where its webhooks lead, which older versions of its API do not tell', async () => {
    desk.registerWebhook('https://csm.example.com/freescout', ['convo.created']);
    expect(await client.listWebhooks()).toBeNull();
    desk.model.switches.webhookList = true;
    expect(await client.listWebhooks()).toEqual([
      { id: 1, url: 'https://csm.example.com/freescout', events: ['convo.created'] },
    ]);
  });

  it('cannot be told by a FreeScout whose API does not know the call', async () => {
    desk.model.faults.failNext({ kind: 405, times: 3 });
    expect(await client.hasTags()).toBeNull();
    expect(await client.listCustomFields(1)).toBeNull();
    expect(await client.listWebhooks()).toBeNull();
  });

  it('fails when FreeScout does', async () => {
    desk.model.faults.failNext({ kind: 500, times: 1 });
    await expect(client.hasTags()).rejects.toMatchObject({ code: 'freescout-error', status: 500 });
  });
});
