import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { silentLog } from '#infra/cli/deployment.ts';
import type { FreeScoutClient } from '#shared/freescout/freescoutClient.ts';
import { createFreeScoutRequests } from '#shared/freescout/freescoutRequest.ts';
import { createFreeScoutClient } from '#shared/freescout/httpFreeScoutClient.ts';
import type { Conversation } from '#shared/freescout/model.ts';
import { unlimited } from '#shared/http/rateLimiter.ts';
import { systemClock } from '#shared/time/clock.ts';
import { launchChromium } from '#tests/support/chromium.ts';
import { type RunningSystem, startSystem } from '#tests/support/runningSystem.ts';
import { type ReceivedMail, type SmtpServer, startSmtpServer } from '#tests/support/smtpServer.ts';
import { readTrialVariables, type TrialVariables } from './trialVariables.ts';

/** The system over a real FreeScout: a browser as the agent, a mail server behind it. Gmail and the model are stand-ins. */
export interface FreeScoutTrial {
  readonly variables: TrialVariables;
  /** `managed`: the companion module answers. */
  readonly mode: 'guarded' | 'managed';
  readonly agentId: number;
  /** FreeScout as the product sees it, without a limit of calls. */
  readonly client: FreeScoutClient;
  readonly system: RunningSystem;
  /** Pages of it are signed in as the agent. */
  readonly page: Page;
  /** In every subject and address of this run. */
  readonly tag: string;
  /** A mail to the Gmail account; mails of one `thread` are answers to its first. */
  customerWrites(mail: {
    readonly thread: string;
    readonly text?: string;
    readonly html?: string;
    /** How many small files come with it. */
    readonly attachments?: number;
  }): Promise<void>;
  /** Address of the customer of a thread. */
  customerOf(thread: string): string;
  /** The conversation of a thread, once it is there and as the condition asks. */
  conversation(thread: string, holds?: (conversation: Conversation) => boolean): Promise<Conversation>;
  /** Opens it in the browser. */
  open(conversationId: number): Promise<void>;
  /** Opens it again until that many drafts are shown. */
  openWithDrafts(conversationId: number, count: number): Promise<void>;
  mailsTo(address: string, about?: string): readonly ReceivedMail[];
  /** Deletes what the run made and stops everything. Customers stay: FreeScout's API deletes none. */
  end(): Promise<void>;
}

const waitMilliseconds = 60_000;

/** Asks until the answer is one. @throws with what was waited for. */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | null> | Answer | null,
  milliseconds = waitMilliseconds,
): Promise<Answer> {
  for (const end = Date.now() + milliseconds; Date.now() < end; await sleep(250)) {
    const answer = await ask();
    if (answer !== null) {
      return answer;
    }
  }
  throw new Error(`Waited ${milliseconds / 1000} s in vain for ${what}.`);
}

/**
 * The FreeScout that the variables name, without a limit of calls.
 *
 * @throws with what is missing when they name none.
 */
export function connectToFreeScout() {
  const read = readTrialVariables(process.env);
  if ('faults' in read) {
    throw new Error(read.faults.join('\n'));
  }
  const { variables } = read;
  const url = variables.CSM_TRIAL_FREESCOUT_URL.replace(/\/+$/, '');
  const connection = {
    baseUrl: url,
    apiKey: async () => variables.CSM_TRIAL_FREESCOUT_KEY,
    fetch,
    clock: systemClock,
    limiter: unlimited,
    timeoutMilliseconds: 30_000,
    attempts: 3,
    log: silentLog,
    measure: () => {},
  };
  const client = createFreeScoutClient({ ...connection, botUserId: variables.CSM_TRIAL_BOT_USER });
  return { variables, url, client, requests: createFreeScoutRequests(connection) };
}

/**
 * @param options - `settings`: laid over those that lead to the trial's mailbox and users, `freescout` over their part of FreeScout;
 * `environment`: of the system.
 * @throws with what is missing when the variables do not name a FreeScout.
 */
export async function startTrial(
  options: {
    readonly settings?: Readonly<Record<string, unknown>>;
    readonly freescout?: Readonly<Record<string, unknown>>;
    readonly environment?: Readonly<Record<string, string>>;
  } = {},
): Promise<FreeScoutTrial> {
  const { variables, url, client, requests } = connectToFreeScout();
  const agent = (await client.listUsers()).find(({ email }) => email === variables.CSM_TRIAL_AGENT);
  if (agent === undefined) {
    throw new Error(`FreeScout has no user ${variables.CSM_TRIAL_AGENT}.`);
  }
  const mode = (await client.companionVersion()) === null ? 'guarded' : 'managed';
  const tag = `t${randomBytes(4).toString('hex')}`;
  const startedAt = new Date(Date.now() - 60_000);
  const sink: SmtpServer = await startSmtpServer({
    starttls: false,
    port: variables.CSM_TRIAL_SMTP_PORT,
  });
  const system = await startSystem({
    settings: {
      channels: [
        {
          kind: 'gmail',
          alias: 'support',
          address: 'support@example.com',
          mailboxId: variables.CSM_TRIAL_MAILBOX,
        },
      ],
      worker: { retryDelaysSeconds: [2, 5, 10, 10] },
      openai: { rateLimit: { maxRequests: 0 } },
      ...options.settings,
      freescout: {
        botUserId: variables.CSM_TRIAL_BOT_USER,
        assignTo: agent.id,
        rateLimit: { maxRequests: 0 },
        ...options.freescout,
      },
    },
    environment: {
      FREESCOUT_URL: url,
      FREESCOUT_KEY: variables.CSM_TRIAL_FREESCOUT_KEY,
      FREESCOUT_WEBHOOK_SECRET: variables.CSM_TRIAL_FREESCOUT_WEBHOOK_SECRET,
      CSM_STAND_INS: 'allowed',
      ...options.environment,
    },
  });
  const browser: Browser = await launchChromium();
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  page.on('dialog', (dialog) => void dialog.accept());
  await page.goto(`${url}/login`);
  await page.fill('input[name=email]', variables.CSM_TRIAL_AGENT);
  await page.fill('input[name=password]', variables.CSM_TRIAL_AGENT_PASSWORD);
  await page.click('button[type=submit]');
  await page.waitForURL((address) => !address.pathname.endsWith('/login'));

  const customerOf = (thread: string) => `${thread}@${tag}.test`;
  const ours = async () =>
    (
      await client.listConversations({
        mailboxIds: [variables.CSM_TRIAL_MAILBOX],
        updatedSince: startedAt,
        embed: ['threads', 'tags'],
        sort: { field: 'updatedAt', order: 'desc' },
        page: 1,
        pageSize: 200,
      })
    ).conversations.filter(({ subject }) => subject.includes(tag));
  const written = new Map<string, number>();
  const trial: FreeScoutTrial = {
    variables,
    mode,
    agentId: agent.id,
    client,
    system,
    page,
    tag,
    customerOf,
    async customerWrites({ thread, text = '', html, attachments = 0 }) {
      const count = (written.get(thread) ?? 0) + 1;
      written.set(thread, count);
      const first = `<${thread}-1@${tag}.test>`;
      const type = `text/${html === undefined ? 'plain' : 'html'}; charset=utf-8`;
      const files = Array.from({ length: attachments }, (_, index) =>
        [
          '--part',
          'Content-Type: text/plain',
          `Content-Disposition: attachment; filename="file-${index + 1}.txt"`,
          '',
          `File ${index + 1}`,
        ].join('\r\n'),
      );
      await system.receiveMail(
        [
          `From: Nina Okafor <${customerOf(thread)}>`,
          'To: support@example.com',
          `Subject: ${count > 1 ? 'Re: ' : ''}${thread} ${tag}`,
          `Message-ID: <${thread}-${count}@${tag}.test>`,
          ...(count > 1 ? [`In-Reply-To: ${first}`, `References: ${first}`] : []),
          `Date: ${new Date().toUTCString()}`,
          'MIME-Version: 1.0',
          ...(attachments === 0
            ? [`Content-Type: ${type}`, '', html ?? text]
            : [
                'Content-Type: multipart/mixed; boundary=part',
                '',
                '--part',
                `Content-Type: ${type}`,
                '',
                html ?? text,
                ...files,
                '--part--',
              ]),
          '',
        ].join('\r\n'),
      );
    },
    conversation: (thread, holds = () => true) =>
      until(`the conversation "${thread} ${tag}"`, async () => {
        const found = (await ours()).filter(({ subject }) => subject === `${thread} ${tag}`);
        const [conversation] = found;
        return found.length === 1 && conversation && holds(conversation) ? conversation : null;
      }),
    async open(conversationId) {
      await page.goto(`${url}/conversation/${conversationId}`);
    },
    async openWithDrafts(conversationId, count) {
      await until(`${count} drafts in conversation ${conversationId}`, async () => {
        await trial.open(conversationId);
        return (await page.locator('.thread-type-draft').count()) === count || null;
      });
    },
    mailsTo: (address, about = tag) =>
      sink.mails.filter(({ to, raw }) => to.includes(address) && raw.includes(about)),
    async end() {
      await browser.close();
      const left = await ours();
      const code = await system.stop();
      for (const { id } of left) {
        await requests({
          method: 'DELETE',
          route: '/conversations/{conversation}',
          ids: { conversation: id },
          expected: [404],
        });
      }
      await sink.close();
      if (code !== 0) {
        throw new Error(`The system ended with ${code}.`);
      }
    },
  };
  return trial;
}
