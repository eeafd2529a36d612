import { type FreeScoutStandIn, startFreeScoutStandIn } from '#infra/standins/freescout/standIn.ts';
import { composeMail } from '#infra/standins/gmail/composeMail.ts';
import { type GmailStandIn, startGmailStandIn } from '#infra/standins/gmail/standIn.ts';
import { type OpenaiStandIn, startOpenaiStandIn } from '#infra/standins/openai/standIn.ts';
import { type SlackStandIn, startSlackStandIn } from '#infra/standins/slack/standIn.ts';
import { gmailChannelsOf, mailboxIdsOf } from '#shared/settings/channels.ts';
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
  const addresses = gmailChannelsOf(settings).map(({ address }) => address);
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
