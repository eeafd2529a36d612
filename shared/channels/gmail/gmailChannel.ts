import type { Channel, ChannelLookup } from '#shared/channels/channel.ts';
import type { Filtered, IncomingMessage, TeamMessage } from '#shared/channels/incomingMessage.ts';
import type { KnownCustomers } from '#shared/customers/knownCustomers.ts';
import type { UserAddresses } from '#shared/freescout/userAddresses.ts';
import { intakeSince } from '#shared/intake/intakeSince.ts';
import type { IncomingMessageJob } from '#shared/jobs/jobs.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import { gmailChannelOf, ownAddresses } from '#shared/settings/channels.ts';
import type { GmailChannelSettings, Settings } from '#shared/settings/settings.ts';
import type { NamedLabel } from '#shared/store/pollCursors.ts';
import type { SystemState } from '#shared/store/systemState.ts';
import type { Clock } from '#shared/time/clock.ts';
import type { GmailClient } from './gmailClient.ts';
import { incomingMail } from './incomingMail.ts';
import { teamMail } from './teamMail.ts';
import { ticketDecision } from './ticketedLabels.ts';

export interface GmailChannelDependencies {
  readonly settings: Settings;
  readonly client: (alias: string) => GmailClient;
  readonly state: Pick<
    SystemState,
    'intakeSince' | 'countMailOfSender' | 'rememberMissingAddress' | 'getPollCursor'
  >;
  readonly customers: Pick<KnownCustomers, 'isKnown'>;
  readonly users: UserAddresses;
  readonly clock: Clock;
  readonly log: Log;
}

/** The Gmail addresses of the settings as channels. */
export function createGmailChannels(deps: GmailChannelDependencies): ChannelLookup {
  return (kind, alias) => {
    const channel = kind === 'gmail' ? gmailChannelOf(deps.settings, alias) : undefined;
    return channel === undefined ? null : gmailChannel(deps, channel);
  };
}

function gmailChannel(deps: GmailChannelDependencies, { alias, mailboxId }: GmailChannelSettings): Channel {
  const { settings } = deps;
  const client = deps.client(alias);
  return {
    kind: 'gmail',
    alias,
    mailboxId,
    reviveAfterDays: settings.gmail.reviveAfterDays,
    read: (job, { anyway }) => readMail(deps, client, job, anyway),
    acknowledge: async (messageId, log) => {
      if (settings.gmail.label === '') {
        return;
      }
      try {
        await client.addLabel(messageId, settings.gmail.label);
      } catch {
        log.write('GMAIL_LABEL_FAILED');
      }
    },
  };
}

async function readMail(
  { settings, state, customers, users, clock, log }: GmailChannelDependencies,
  client: GmailClient,
  job: IncomingMessageJob,
  anyway: boolean,
): Promise<IncomingMessage | TeamMessage | Filtered | null> {
  const message = await client.getRaw(job.messageId);
  if (message === null) {
    return null;
  }
  const isFirstLook = job.conversationId === undefined && job.cause !== 'replay';
  if (
    !anyway &&
    isFirstLook &&
    message.internalDate < (await intakeSince({ settings, store: { state }, clock }))
  ) {
    // History names by when it came into the mailbox: an archive that somebody imports is new there and old by date.
    return { kind: 'filtered', reason: 'before-intake' };
  }
  const labels = await labelsOfPoll(settings, state, job.alias);
  const decision = ticketDecision(message.labelIds, settings.gmail, labels);
  const answer = anyway
    ? null
    : await teamMail(message, { alias: job.alias, ownAddresses: ownAddresses(settings) });
  if (answer !== null) {
    return answer;
  }
  if (!decision.ticket && !anyway) {
    return { kind: 'filtered', reason: decision.reason };
  }
  return incomingMail(message, {
    alias: job.alias,
    ownAddresses: ownAddresses(settings),
    users,
    hygiene: settings.hygiene,
    state,
    customers,
    tellMissing: async (address) => {
      if (await state.rememberMissingAddress(job.alias, address)) {
        log.write('OWN_ADDRESS_MISSING', { account: job.alias, ownAddress: address });
      }
    },
  });
}

/** The labels that the poll decided by; it keeps them before it queues a job. */
async function labelsOfPoll(
  { gmail: { excludedLabels, requiredLabels } }: Settings,
  state: GmailChannelDependencies['state'],
  alias: string,
): Promise<readonly NamedLabel[]> {
  return excludedLabels.length + requiredLabels.length === 0
    ? []
    : ((await state.getPollCursor('gmail', alias)).labels?.named ?? []);
}
