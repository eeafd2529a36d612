import { createHmac } from 'node:crypto';
import type { Deployment } from '#infra/cli/deployment.ts';
import { sentByUsHeader } from '#shared/freescout/webhookEvents.ts';
import { type AddCommand, print } from '../command.ts';
import { commandFetch } from '../commandFetch.ts';
import { CommandFailed } from '../terminal.ts';

/** The webhook function checks the signature first and ignores events it does not know. */
const testEvent = 'csm.test';

export const addSendTestWebhook: AddCommand = (program, run) => {
  program
    .command('send-test-webhook')
    .description(
      'send a webhook signed with our secret: an event that changes nothing, or a kept one again. Whether FreeScout reaches us, doctor tells',
    )
    .option('--event <id>', 'a kept webhook; "show <conversation>" tells their ids')
    .action(
      run(async (cli, options: { readonly event?: string }) => {
        const deployment = await cli.deployment();
        const { event, body } = await webhookToSend(deployment, options.event);
        const { webhookSecret } = await deployment.secrets.freescout();
        if (webhookSecret === null) {
          throw new CommandFailed(
            'There is no webhook secret: npm run csm -- connect freescout. Nothing was sent.',
          );
        }
        const answer = await send(deployment.webhookUrl, event, body, webhookSecret);
        const ok = answer.status === 200;
        const told = { url: deployment.webhookUrl, event, status: answer.status, answer: answer.text, ok };
        print(
          cli,
          told,
          () =>
            `${event} → ${deployment.webhookUrl}: ${answer.status} ${answer.text}\n${meaningOf(answer.status)}\n`,
        );
        return ok ? 0 : 1;
      }),
    );
};

async function webhookToSend(deployment: Deployment, id: string | undefined) {
  if (id === undefined) {
    return { event: testEvent, body: Buffer.from('{}') };
  }
  const kept = await deployment.store.webhookEvents.get(id);
  if (kept === null) {
    throw new CommandFailed(`No webhook ${id} is kept: it is unknown, or older than webhook.keepRawDays.`);
  }
  return { event: kept.event ?? '', body: Buffer.from(kept.rawBody) };
}

async function send(url: string, event: string, body: Buffer, secret: string) {
  try {
    return await commandFetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(event === '' ? {} : { 'x-freescout-event': event }),
        [sentByUsHeader]: 'yes',
        'x-freescout-signature': createHmac('sha1', secret).update(body).digest('base64'),
      },
      body: new Uint8Array(body),
    });
  } catch (error) {
    if (error instanceof CommandFailed) {
      throw error;
    }
    throw new CommandFailed(
      `${url} does not answer (${error instanceof Error ? error.name : 'no answer'}). FreeScout cannot reach it either.`,
    );
  }
}

function meaningOf(status: number): string {
  switch (status) {
    case 200:
      return 'From here the address is reachable, and it takes what is signed with our secret. Whether FreeScout has the same secret and reaches the address, doctor finds out.';
    case 401:
      return 'The webhook function has another secret than this command read: it reads a changed one within ten minutes.';
    case 503:
      return 'The webhook function has no secret yet, or the queue takes no jobs.';
    default:
      return 'That is no answer of the webhook function when all is well.';
  }
}
