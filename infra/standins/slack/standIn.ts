import { createEmulator } from 'emulate';
import * as z from 'zod';
import { openFaultProxy } from '#infra/standins/faultProxy.ts';
import type { Faults } from '#infra/standins/faults.ts';

export interface SlackStandIn {
  /** Address without trailing slash. */
  readonly url: string;
  /** What goes into the Slack secret. */
  readonly webhookUrl: string;
  /** Texts that were posted, oldest first. */
  readonly messages: readonly string[];
  readonly faults: Faults;
  readonly close: () => Promise<void>;
}

/** Path of the emulation's incoming webhook; it posts to the channel `general`. */
const webhookPath = '/services/T000000001/B000000001/X000000001';

const postedSchema = z.object({ text: z.string() });

/**
 * Starts the stand-in for Slack: an emulated workspace with one incoming webhook, behind a fault proxy.
 * `GET /control/messages` lists the texts that were posted.
 *
 * @throws the error of `listen`, for example EADDRINUSE.
 */
export async function startSlackStandIn({ port }: { readonly port: number }): Promise<SlackStandIn> {
  const emulator = await createEmulator({ service: 'slack', port: 0 });
  const messages: string[] = [];
  const proxy = await openFaultProxy({
    port,
    handle: async ({ req }) => {
      const { pathname, search } = new URL(req.url);
      const body = await req.text();
      const answer = await fetch(`${emulator.url}${pathname}${search}`, {
        method: req.method,
        headers: {
          'content-type': req.header('content-type') ?? '',
          authorization: req.header('authorization') ?? '',
        },
        ...(req.method === 'GET' ? {} : { body }),
      });
      if (answer.ok && pathname.startsWith('/services/')) {
        messages.push(postedSchema.parse(JSON.parse(body)).text);
      }
      return new Response(await answer.text(), {
        status: answer.status,
        headers: { 'content-type': answer.headers.get('content-type') ?? 'text/plain' },
      });
    },
    errorAnswer: (status, reason) => new Response(reason ?? 'internal_error', { status }),
    control: (app) => app.get('/messages', (context) => context.json(messages)),
  }).catch(async (error: unknown) => {
    await emulator.close();
    throw error;
  });
  return {
    url: proxy.url,
    webhookUrl: `${proxy.url}${webhookPath}`,
    messages,
    faults: proxy.faults,
    close: async () => {
      await proxy.close();
      await emulator.close();
    },
  };
}
