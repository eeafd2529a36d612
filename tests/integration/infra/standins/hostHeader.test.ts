import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFreeScoutStandIn } from '#infra/standins/freescout/standIn.ts';
import { startSlackStandIn } from '#infra/standins/slack/standIn.ts';

/** One with a server of its own, and one behind the fault proxy, as those of Gmail and OpenAI are. */
const starters: Readonly<Record<string, () => Promise<{ url: string; close: () => Promise<void> }>>> = {
  FreeScout: () => startFreeScoutStandIn(),
  Slack: () => startSlackStandIn({ port: 0 }),
};
const paths: Readonly<Record<string, string>> = {
  FreeScout: '/inspect/conversations',
  Slack: '/control/messages',
};

describe.each(Object.keys(starters))('the stand-in of %s', (name) => {
  let standIn: { url: string; close: () => Promise<void> };
  beforeAll(async () => {
    const start = starters[name];
    standIn = (await start?.()) ?? expect.unreachable();
  });
  afterAll(() => standIn.close());

  /** What a browser sends in `Host` is what stands in its address bar, wherever that name leads. */
  const statusFor = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const call = request(`${standIn.url}${paths[name]}`, { headers: { host } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      call.once('error', reject);
      call.end();
    });

  it.each(['127.0.0.1:4001', '127.1.2.3', 'localhost', 'LOCALHOST:4001', 'desk.localhost', '[::1]:4001'])(
    'answers to %s',
    async (host) => {
      expect(await statusFor(host)).toBe(200);
    },
  );

  it.each([
    'attacker.example',
    'attacker.example:4001',
    'localhost.attacker.example',
    '127.0.0.1.attacker.example',
    '192.168.1.7:4001',
    '[::2]',
    ' ',
  ])('does nothing for %s, a name that a stranger may have lead here', async (host) => {
    expect(await statusFor(host)).toBe(421);
  });
});
