import { type FreeScoutStandIn, startFreeScoutStandIn } from '#infra/standins/freescout/standIn.ts';
import { composeMail } from '#infra/standins/gmail/composeMail.ts';
import { startSamples } from '#infra/standins/gmail/samples/startSamples.ts';
import { type GmailStandIn, startGmailStandIn } from '#infra/standins/gmail/standIn.ts';
import { type OpenaiStandIn, startOpenaiStandIn } from '#infra/standins/openai/standIn.ts';
import { type SlackStandIn, startSlackStandIn } from '#infra/standins/slack/standIn.ts';
import { gmailChannelsOf, mailboxIdsOf } from '#shared/settings/channels.ts';
import { gmailSecretName } from '#shared/settings/secrets.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { LocalOptions } from './environment.ts';
import { StartRefused } from './startRefused.ts';

/** The stand-ins that run; undefined where the real part is used. */
export interface StandIns {
  readonly freescout: FreeScoutStandIn | undefined;
  readonly gmail: GmailStandIn | undefined;
  readonly openai: OpenaiStandIn | undefined;
  /** Undefined also where there is no Slack at all: beside a real FreeScout an alert must not count as delivered to nobody. */
  readonly slack: SlackStandIn | undefined;
}

/**
 * Starts a stand-in for every part that is not real, joined as the real ones are: a reply that leaves the help desk lands in
 * Gmail as sent mail, and a customer's mail comes in through Gmail.
 *
 * @param onClose is handed what has to be closed, as soon as it is open.
 * @throws {StartRefused} when a port is taken.
 */
export async function startStandIns(
  options: LocalOptions,
  settings: Settings,
  onClose: (close: () => Promise<void>) => void,
  report: (sentence: string) => void,
): Promise<StandIns> {
  const opened = <Part extends { close(): Promise<void> }>(part: Part): Part => {
    onClose(() => part.close());
    return part;
  };
  const addresses = mailAddresses(settings);
  const [first = '', ...others] = addresses;
  const gmail = options.gmail
    ? undefined
    : opened(
        await withPort('Gmail', options.ports.gmail, (port) =>
          startGmailStandIn({ port, accounts: [first, ...others] }),
        ),
      );
  const openai = options.openai
    ? undefined
    : opened(await withPort('OpenAI', options.ports.openai, (port) => startOpenaiStandIn({ port })));
  const slack =
    options.slackWebhookUrl || options.freescout ? undefined : opened(await startSlackStandIn({ port: 0 }));
  const insert = (mail: Parameters<GmailStandIn['insert']>[0]) =>
    gmail
      ?.insert(mail)
      .catch((error: unknown) => report(`A mail did not reach the Gmail stand-in: ${String(error)}`));
  const freescout = options.freescout
    ? undefined
    : opened(
        await withPort('desk', options.ports.desk, (port) =>
          startFreeScoutStandIn({
            port,
            ...helpDesk(settings),
            delayFactor: options.deskDelayFactor,
            deliverToCustomer: (mail) => {
              void insert({
                account: accountOf(addresses, [mail.from.email]),
                labelIds: ['SENT'],
                raw: composeMail({
                  ...mail,
                  to: mail.to.map((email) => ({ email })),
                  cc: mail.cc.map((email) => ({ email })),
                  date: new Date(),
                }),
              });
            },
            ...(gmail && {
              submitCustomerMail: async (mail) => {
                await insert({
                  account: accountOf(addresses, [mail.to, ...mail.cc]),
                  raw: composeMail({
                    ...mail,
                    to: [{ email: mail.to }],
                    cc: mail.cc.map((email) => ({ email })),
                    date: new Date(),
                  }),
                });
              },
            }),
          }),
        ),
      );
  return { freescout, gmail, openai, slack };
}

/** The addresses that mail comes in through. */
export function mailAddresses(settings: Settings): readonly string[] {
  return gmailChannelsOf(settings).map(({ address }) => address);
}

/** Seconds between two runs, by the construct id of the function that polls. */
export function pollSeconds({ gmailPollSeconds }: LocalOptions): Readonly<Record<string, number>> {
  return { GmailPoll: gmailPollSeconds };
}

/** @returns what stops the sample mails; undefined where no stand-in takes them. */
export function startSampleMails(
  settings: Settings,
  { gmail }: StandIns,
  report: (sentence: string) => void,
): (() => void) | undefined {
  return gmail && startSamples(gmail.insert, mailAddresses(settings)[0] ?? '', report);
}

/** Settings that lead the channels to the parts that run. */
export function channelAddresses(options: LocalOptions, { gmail }: StandIns): object {
  return {
    gmail: {
      // Nothing polls by it here, but what counts as silence follows from it.
      pollMinutes: Math.max(1, Math.ceil(options.gmailPollSeconds / 60)),
      rootUrl: withSlash(gmail ? gmail.url : (options.gmail?.rootUrl ?? null)),
      tokenUrl: gmail?.tokenUrl ?? options.gmail?.tokenUrl ?? null,
    },
  };
}

/** Google's client puts the path right behind it. */
function withSlash(url: string | null): string | null {
  return url === null ? null : url.replace(/\/*$/, '/');
}

/** What the secrets of the channels hold: that of a stand-in, or of the environment; none = it stays empty. */
export function channelSecretValues(
  settings: Settings,
  options: LocalOptions,
  { gmail }: StandIns,
): readonly { readonly name: string; readonly value: Readonly<Record<string, string>> }[] {
  return gmailChannelsOf(settings).flatMap(({ alias, address }, index) => {
    const name = gmailSecretName(alias);
    if (gmail) {
      const refreshToken = gmail.refreshTokenOf(address);
      return [{ name, value: { clientId: 'stand-in', clientSecret: 'stand-in', refreshToken } }];
    }
    // A person's consent is for one account; a service account may act for all of them.
    const credentials =
      index === 0 || !('refreshToken' in (options.gmail?.credentials ?? {}))
        ? options.gmail?.credentials
        : undefined;
    return credentials === undefined ? [] : [{ name, value: { ...emptySecret, ...credentials } }];
  });
}

/** What a Gmail secret holds before it is filled in: a reader must find every key. */
const emptySecret = { clientId: '', clientSecret: '', refreshToken: '' };

/** What an operator has to know at every start with a real FreeScout; null when nothing stands in for another part. */
export function standInWarning({ freescout, gmail, openai }: StandIns): string | null {
  const parts = [
    ...(gmail ? ['Gmail (no mail of customers comes in through it; set GMAIL_…)'] : []),
    ...(openai ? ['OpenAI (judgements and drafts are made up; set OPENAI_API_KEY)'] : []),
  ];
  return freescout || parts.length === 0
    ? null
    : `FreeScout is real, but stand-ins run for ${parts.join(' and ')}.`;
}

/** Opens something on a port and says which one is taken. */
export async function withPort<Part>(
  name: string,
  port: number,
  open: (port: number) => Promise<Part>,
): Promise<Part> {
  try {
    return await open(port);
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      (error.code === 'EADDRINUSE' || error.code === 'EACCES')
    ) {
      throw new StartRefused(
        `Port ${port} (${name}) is ${error.code === 'EACCES' ? 'not allowed' : 'taken'}: set CSM_PORT to the first of four free ports.`,
      );
    }
    throw error;
  }
}

function accountOf(addresses: readonly string[], recipients: readonly string[]): string {
  const wanted = recipients.map((address) => address.toLowerCase());
  return addresses.find((address) => wanted.includes(address.toLowerCase())) ?? addresses[0] ?? '';
}

/** Mailboxes, users and fields as the settings name them. */
function helpDesk(settings: Settings) {
  const { botUserId, assignTo, priorityFieldId, priorityFieldValues, typeFieldId, importanceFieldId } =
    settings.freescout;
  const agentId = assignTo !== null && assignTo !== botUserId ? assignTo : botUserId === 1 ? 2 : 1;
  const buckets = Object.entries(priorityFieldValues).map(([bucket, value]) => [value, bucket] as const);
  const fields = [
    { id: priorityFieldId, name: 'Priority', type: 'dropdown', options: Object.fromEntries(buckets) },
    { id: typeFieldId, name: 'Type', type: 'singleline', options: {} },
    { id: importanceFieldId, name: 'Importance', type: 'number', options: {} },
  ] as const;
  return {
    agentId,
    users: [
      { id: agentId, firstName: 'Ada', lastName: 'Admin', email: 'ada@desk.example', role: 'admin' },
      { id: botUserId, firstName: 'Bot', lastName: 'Assistant', email: 'bot@desk.example', role: 'user' },
    ] as const,
    // A mailbox that several channels feed has the name and the address of the first.
    mailboxes: gmailChannelsOf(settings)
      .filter(({ mailboxId }, at, all) => all.findIndex((each) => each.mailboxId === mailboxId) === at)
      .map(({ alias, mailboxId, address }) => ({
        id: mailboxId,
        name: `${alias.charAt(0).toUpperCase()}${alias.slice(1)}`,
        email: address,
      })),
    customFields: mailboxIdsOf(settings).flatMap((mailboxId) =>
      fields.flatMap(({ id, ...field }, sortOrder) =>
        id === null ? [] : [{ ...field, id, mailboxId, sortOrder, required: false }],
      ),
    ),
  };
}
