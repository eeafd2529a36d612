import { afterEach, beforeEach, expect, it } from 'vitest';
import { type FreeScoutStandIn, startFreeScoutStandIn } from '#infra/standins/freescout/standIn.ts';
import { proofSubject } from '#shared/freescout/proofConversations.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';
import { csm } from '#tests/support/csm.ts';
import { type LightsScene, startLightsScene } from '#tests/support/lightsScene.ts';

let desk: FreeScoutStandIn;
let scene: LightsScene;

beforeEach(async () => {
  desk = await startFreeScoutStandIn({ delayFactor: 0.05 });
  scene = await startLightsScene(
    { freescout: { rateLimit: { maxRequests: 0 }, updatePriority: false } },
    {
      FREESCOUT_URL: desk.url,
      FREESCOUT_KEY: desk.apiKey,
      FREESCOUT_WEBHOOK_SECRET: desk.webhookSecret,
      CSM_STAND_INS: 'allowed',
    },
  );
});
afterEach(async () => {
  await scene.stop();
  await desk.close();
});

const run = (...words: readonly string[]) => csm(words, { dataDirectory: scene.system.dataDirectory });
const doctor = (waitSeconds: number) =>
  run('doctor', '--fetching-off', '--webhook-wait', String(waitSeconds));
const registerOurs = () => void desk.registerWebhook(`${scene.system.description.api}/freescout`);

/** @returns how the fault is mended. */
const breakages: Readonly<Record<string, () => () => void>> = {
  'another secret in FreeScout': () => {
    registerOurs();
    const right = desk.model.webhookSecret;
    desk.model.webhookSecret = 'of-another-app-key';
    return () => {
      desk.model.webhookSecret = right;
    };
  },
  'no webhook in FreeScout': () => registerOurs,
};

it.each(Object.entries(breakages))(
  '%s: /ready and doctor say so, and it is over with the first signed webhook',
  async (_name, breakIt) => {
    const mend = breakIt();
    await scene.sweep();
    await expect
      .poll(
        async () => {
          await scene.ageTrial(11 * minuteMilliseconds);
          return scene.ready();
        },
        { timeout: 20_000, interval: 500 },
      )
      .toMatchObject({
        status: 'not_ready',
        conditions: ['WebhookLost'],
        issues: [expect.stringMatching(/none has come with our signature.*connect freescout/)],
      });
    const broken = await doctor(3);
    expect(broken.code).toBe(1);
    expect(broken.err).toContain('waiting for it, up to 3 s');
    expect(broken.out).toMatch(
      /FAIL {2}webhooks: .* none came with our signature\. .*FREESCOUT_WEBHOOK_SECRET/,
    );
    // Our own command shows nothing about FreeScout, and ends nothing.
    expect(await run('send-test-webhook')).toMatchObject({
      code: 0,
      out: expect.stringContaining('doctor finds out'),
    });
    expect((await scene.ready()).conditions).toEqual(['WebhookLost']);

    mend();
    const mended = await doctor(30);
    expect(mended.out).toContain('ok    webhooks: FreeScout sent one, and its signature was right');
    expect(mended.code).toBe(0);
    expect(await scene.ready()).toMatchObject({ status: 'ready', issues: [] });
    expect([...desk.model.conversations.values()].map(({ subject }) => subject)).not.toContain(proofSubject);
    expect((await scene.state.counts()).messages.filtered).toBe(0);
  },
);
