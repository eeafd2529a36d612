import { setTimeout as sleep } from 'node:timers/promises';
import { type Deployment, silentLog } from '#infra/cli/deployment.ts';
import { asFailure } from '#shared/failure/failure.ts';
import { stopDrafting, tryDraft } from '#shared/freescout/draftProof.ts';
import { FreeScoutFailure } from '#shared/freescout/freescoutClient.ts';
import { adviceOnLostWebhooks, webhooksTo } from '#shared/freescout/lostWebhooks.ts';
import { isCustomerMessage } from '#shared/freescout/model.ts';
import { provokeWebhook } from '#shared/freescout/proofConversations.ts';
import { mailboxIdsOf } from '#shared/settings/channels.ts';
import { openaiApiKeyOf } from '#shared/settings/secrets.ts';
import { systemClock } from '#shared/time/clock.ts';
import { dayMilliseconds } from '#shared/time/durations.ts';
import { type AddCommand, type Cli, print } from '../command.ts';
import { positiveInteger } from '../options.ts';
import { readReady } from '../statusApi.ts';
import { CommandFailed } from '../terminal.ts';
import { tryModels } from '../trialOfModel.ts';

interface Finding {
  readonly check: string;
  /** `unknown`: only a person can tell. */
  readonly result: 'passed' | 'warning' | 'failed' | 'unknown';
  readonly detail: string;
}

export const addDoctor: AddCommand = (program, run) => {
  program
    .command('doctor')
    .description(
      'check everything: /ready, that FreeScout keeps drafts as drafts, its own fetching, its limit for attachments, that OpenAI answers, that webhooks arrive',
    )
    .option('--fetching-off', "you looked: FreeScout's own fetching is off for every mailbox we feed")
    .option('--webhook-wait <seconds>', "how long to wait for FreeScout's webhook", positiveInteger, 90)
    .action(
      run(async (cli, options: { readonly fetchingOff?: true; readonly webhookWait: number }) => {
        const deployment = await cli.deployment();
        const findings = [
          ...(await readiness(deployment)),
          await proofOfDrafts(deployment),
          await ownFetching(cli, deployment, options.fetchingOff === true),
          await attachmentLimit(deployment),
          await answersOfModel(deployment),
          await webhooksArrive(cli, deployment, options.webhookWait),
        ];
        const failed = findings.some(({ result }) => result === 'failed');
        print(cli, { healthy: !failed, findings }, () => textOf(findings, failed));
        return failed ? 1 : 0;
      }),
    );
};

async function readiness(deployment: Deployment): Promise<readonly Finding[]> {
  const ready = await readReady(deployment).catch((error: unknown) => {
    if (error instanceof CommandFailed) {
      return error;
    }
    throw error;
  });
  if (ready instanceof CommandFailed) {
    // The other checks need no status function.
    return [{ check: 'ready', result: 'failed', detail: ready.message }];
  }
  const { status, issues, mode } = ready;
  if (issues.length === 0) {
    return [
      {
        check: 'ready',
        result: status === 'not_ready' ? 'failed' : 'passed',
        detail: `${status}, drafts ${mode ?? 'in an unknown mode'}`,
      },
    ];
  }
  // The trials below find out whether drafting is still unsafe and webhooks still get lost, so both are warnings here.
  return issues.map((detail) => ({
    check: 'ready',
    result:
      status === 'not_ready' && !/^(drafting stopped|FreeScout was made to send a webhook)/.test(detail)
        ? 'failed'
        : 'warning',
    detail,
  }));
}

/** Tries a draft in a conversation that mails nobody, also after an earlier trial. Only a passed trial ends a stop. */
async function proofOfDrafts(deployment: Deployment): Promise<Finding> {
  const check = 'drafts stay drafts';
  const { settings, store, trialClient } = deployment;
  const { url } = settings.freescout;
  let fault: string | null;
  try {
    fault = await tryDraft(trialClient, settings.channels[0]?.mailboxId ?? 1);
  } catch (thrown) {
    return {
      check,
      result: 'failed',
      detail: `The trial could not be carried through; whether drafting is stopped stays as it was. ${asFailure(thrown).message}`,
    };
  }
  if (fault !== null) {
    const reason = fault;
    await stopDrafting({
      state: store.state,
      url,
      clock: systemClock,
      log: silentLog,
      measure: () => {},
      reason,
    });
    return {
      check,
      result: 'failed',
      detail: `REFUSED – ${reason}. It would MAIL drafts to customers. Drafting is stopped; nobody was mailed by this trial. Update FreeScout's "API & Webhooks" module, then run doctor again.`,
    };
  }
  await store.state.clearDraftProof();
  await store.state.saveDraftProof({ state: 'proven', url, at: systemClock.now().toISOString() });
  return {
    check,
    result: 'passed',
    detail: 'a trial draft was kept as a draft and deleted; drafting is allowed',
  };
}

/** FreeScout's API does not tell whether it fetches a mailbox, but what it fetched shows. */
async function ownFetching(cli: Cli, deployment: Deployment, saidToBeOff: boolean): Promise<Finding> {
  const check = "FreeScout's own fetching";
  try {
    const since = Date.now() - dayMilliseconds;
    const { conversations } = await deployment.freescout.listConversations({
      mailboxIds: mailboxIdsOf(deployment.settings),
      updatedSince: new Date(since),
      embed: ['threads'],
      sort: { field: 'updatedAt', order: 'desc' },
      page: 1,
    });
    const fetched = conversations.find(({ threads }) =>
      threads.some(
        (thread) => isCustomerMessage(thread) && thread.sourceType === 'email' && thread.createdAt >= since,
      ),
    );
    if (fetched !== undefined) {
      return {
        check,
        result: 'failed',
        detail: `FreeScout fetched a mail itself within the last day (${deployment.conversationLink(fetched.id)}): every mail would arrive twice. Switch fetching off: Mailbox → Connection settings → Fetching.`,
      };
    }
  } catch (thrown) {
    return { check, result: 'failed', detail: asFailure(thrown).message };
  }
  const isOff =
    saidToBeOff ||
    (cli.terminal.isInteractive &&
      !cli.json &&
      /^y(es)?$/i.test(
        await cli.terminal.ask(
          "Is FreeScout's own fetching off for every mailbox we feed (Mailbox → Connection settings → Fetching)? [y/N] ",
        ),
      ));
  return isOff
    ? { check, result: 'passed', detail: 'off, by your word; nothing it fetched was found' }
    : {
        check,
        result: 'unknown',
        detail:
          'nothing it fetched was found in the last day, but its API does not tell: look at Mailbox → Connection settings → Fetching, and say --fetching-off when it is off',
      };
}

/** Sends a note with an attachment as large as we would pass on, in a conversation that is deleted again. */
async function attachmentLimit({ settings, trialClient, sendToFreeScout }: Deployment): Promise<Finding> {
  const check = 'attachments';
  const megabytes = settings.freescout.attachmentLimitMegabytes;
  if (megabytes === 0) {
    return {
      check,
      result: 'passed',
      detail: 'none are passed on (freescout.attachmentLimitMegabytes is 0)',
    };
  }
  try {
    const { conversationId } = await trialClient.createProofConversation(
      settings.channels[0]?.mailboxId ?? 1,
    );
    try {
      await sendToFreeScout({
        method: 'POST',
        route: '/conversations/{conversation}/threads',
        ids: { conversation: conversationId },
        body: {
          type: 'note',
          text: '<div>A check of how large attachments may be.</div>',
          user: settings.freescout.botUserId,
          cc: [],
          attachments: [
            {
              fileName: 'check.txt',
              mimeType: 'text/plain',
              data: Buffer.alloc(megabytes * 1_000_000, 'a').toString('base64'),
            },
          ],
        },
      });
      return { check, result: 'passed', detail: `FreeScout takes ${megabytes} MB, as the settings promise` };
    } finally {
      await trialClient.deleteProofConversation(conversationId);
    }
  } catch (thrown) {
    const tooLarge = thrown instanceof FreeScoutFailure && thrown.status === 413;
    return {
      check,
      result: 'warning',
      detail: tooLarge
        ? `FreeScout refuses ${megabytes} MB: mails with that much come in without attachments. Raise PHP's post_max_size and upload_max_filesize (to about ${Math.ceil(megabytes * 1.4)}M) and the web server's limit, or lower freescout.attachmentLimitMegabytes.`
        : asFailure(thrown).message,
    };
  }
}

/** Makes a call of a few tokens. A call that is answered ends what `/ready` says of a quota or a key: the worker may not call for hours. */
async function answersOfModel({ settings, secrets, store }: Deployment): Promise<Finding> {
  const check = 'OpenAI';
  try {
    const fault = await tryModels(settings.openai, await openaiApiKeyOf(secrets)());
    if (fault !== null) {
      return { check, result: 'failed', detail: fault };
    }
    await store.state.forgetFault('OpenAIFailing');
  } catch (thrown) {
    return { check, result: 'failed', detail: asFailure(thrown).message };
  }
  const { triageModel, draftModel } = settings.openai;
  return {
    check,
    result: 'passed',
    detail: `answers, with ${[...new Set([triageModel, draftModel])].join(' and ')}`,
  };
}

/**
 * Makes FreeScout send a webhook and waits until one with our signature has come. FreeScout's queue may wait for a cron job, which runs
 * each minute.
 */
async function webhooksArrive(cli: Cli, deployment: Deployment, waitSeconds: number): Promise<Finding> {
  const check = 'webhooks';
  const { settings, store, trialClient, installation, webhookUrl } = deployment;
  if (!settings.freescout.webhookEnabled) {
    return { check, result: 'passed', detail: 'not used (freescout.webhookEnabled is false)' };
  }
  try {
    const startedAt = new Date().toISOString();
    await provokeWebhook(trialClient, settings.channels[0]?.mailboxId ?? 1);
    cli.terminal.err(`FreeScout was made to send a webhook; waiting for it, up to ${waitSeconds} s …\n`);
    for (let second = 0; second <= waitSeconds; second += 1) {
      const { lastAt } = (await store.state.counts()).webhooks;
      if (lastAt !== null && lastAt >= startedAt) {
        return { check, result: 'passed', detail: 'FreeScout sent one, and its signature was right' };
      }
      await sleep(1000);
    }
    const listed = await installation.listWebhooks();
    const hasWebhook = listed && webhooksTo(webhookUrl, listed).length > 0;
    return {
      check,
      result: 'failed',
      detail: `FreeScout was made to send one, and within ${waitSeconds} s none came with our signature. ${adviceOnLostWebhooks(webhookUrl, hasWebhook)}`,
    };
  } catch (thrown) {
    return { check, result: 'failed', detail: asFailure(thrown).message };
  }
}

const signs = { passed: 'ok  ', warning: 'warn', failed: 'FAIL', unknown: '?   ' } as const;

function textOf(findings: readonly Finding[], failed: boolean): string {
  const lines = findings.map(({ check, result, detail }) => `${signs[result]}  ${check}: ${detail}\n`);
  return `${lines.join('')}\n${failed ? 'Something is wrong: see the lines that say FAIL.' : 'Nothing is wrong.'}\n`;
}
