import type { Delivery } from '#functions/conversation-worker/delivery.ts';
import { underClaim, type WorkEnd } from '#functions/conversation-worker/underClaim.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { RawGmailMessage } from '#shared/channels/gmail/gmailClient.ts';
import { ticketDecision } from '#shared/channels/gmail/ticketedLabels.ts';
import { permanent } from '#shared/failure/failure.ts';
import { intakeSince } from '#shared/intake/intakeSince.ts';
import { deduplicationId, type IncomingMessageJob, type JobCause } from '#shared/jobs/jobs.ts';
import { classifyMail, type HygieneReason, type HygieneVerdict } from '#shared/mail/hygiene/classifyMail.ts';
import { withWriterBehindGroup } from '#shared/mail/hygiene/groupSender.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { ownAddresses } from '#shared/settings/accounts.ts';
import type { Account } from '#shared/settings/settings.ts';
import { messageKey, senderDigest, threadMapKey } from '#shared/store/keys.ts';
import { isTerminal, type LedgerRow } from '#shared/store/ledger.ts';
import { adopted, adoptUnanswered } from './adoptWrite.ts';
import { appendMail } from './appendMail.ts';
import { createConversationOfMail } from './createConversationOfMail.ts';
import { conversationOfReport, findConversation } from './findConversation.ts';
import { type MailInHand, requeueInGroup } from './mailInHand.ts';
import { senderOf, starterOf } from './mailToFreeScout.ts';
import { noteReport } from './noteReport.ts';
import { mapEntries } from './shapeMail.ts';
import { findEarlierWrite, findForgottenWrite, settleEarlierWrite } from './writeOnce.ts';

/**
 * Jobs of mails that may have been brought in before, in a time that the ledger no longer remembers. History names a mail when it
 * comes in, and a mail that moves into its conversation's group was looked for before it moved.
 */
const mayBeForgotten: ReadonlySet<JobCause> = new Set(['back-fill', 'gap-check', 'wake', 'replay']);

/**
 * Brings one Gmail message into FreeScout: exactly one conversation, message or note, or a terminal row that says why not; then
 * queues the conversation job. Everything is decided from the ledger and a fresh read, so a repeated or late job does no harm.
 */
export async function bringMailIn(
  deps: WorkerDependencies,
  job: IncomingMessageJob,
  delivery: Delivery,
): Promise<void> {
  const key = messageKey(job.channel, job.alias, job.messageId);
  const end = await underClaim(deps, key, delivery, { channelThreadId: job.threadId }, async (row) => {
    const account = deps.settings.accounts.find(
      ({ alias }) => job.channel === 'gmail' && alias === job.alias,
    );
    if (account === undefined) {
      throw permanent(
        'job-malformed',
        `The settings have no account "${job.alias}" any more; its mail is not brought in.`,
      );
    }
    return bringIn(deps, { job, delivery, account, row });
  });
  if (end.status === 'filtered') {
    deps.log.write('MAIL_FILTERED', { reason: end.reason ?? null });
    deps.measure('MailsFiltered');
  }
  if (end.status === 'success' && end.conversationId !== undefined) {
    await queueConversationJob(deps, job, end);
    await labelInGmail(deps, job);
  }
}

async function bringIn(
  deps: WorkerDependencies,
  known: Omit<MailInHand, 'message' | 'mail'>,
): Promise<WorkEnd> {
  const { job, account, row } = known;
  const message = await deps.gmail(account.alias).getRaw(job.messageId);
  if (message === null) {
    return { status: 'filtered', reason: 'gone' };
  }
  const anyway = row.ticketAnyway === true;
  const isFirstLook = job.conversationId === undefined && job.cause !== 'replay';
  if (!anyway && isFirstLook && message.internalDate < (await intakeSince(deps))) {
    // History names by when it came into the mailbox: an archive that somebody imports is new there and old by date.
    return { status: 'filtered', reason: 'before-intake' };
  }
  const decision = ticketDecision(message.labelIds, deps.settings.gmail);
  if (!decision.ticket && !anyway) {
    return { status: 'filtered', reason: decision.reason };
  }
  const mail = withWriterBehindGroup(await parseMail(message.raw), ownAddresses(deps.settings));
  const earlier = await settleEarlierWrite(deps, row, known.delivery);
  if (earlier !== null) {
    return adoptUnanswered(deps, { ...known, message, mail }, earlier);
  }
  const verdict = classifyMail(mail, {
    ownAddresses: ownAddresses(deps.settings),
    labelIds: message.labelIds,
    recentFromSender: await earlierOfSender(deps, account, message, mail),
    settings: deps.settings.hygiene,
  });
  if (verdict.kind === 'filtered' && !anyway) {
    return { status: 'filtered', reason: verdict.reason };
  }
  const noDraft = noDraftOf(verdict);
  await deps.store.ledger.progress(row.key, known.delivery.owner, { noDraft });
  const inHand: MailInHand = { ...known, message, mail };
  const forgotten = mayBeForgotten.has(job.cause)
    ? await findForgottenWrite(deps, row, sendersOf(deps, mail), message.internalDate)
    : null;
  if (forgotten !== null) {
    return adopted(inHand, forgotten);
  }
  if (verdict.kind === 'note') {
    const conversationId = job.conversationId ?? (await conversationOfReport(deps, verdict.references));
    if (conversationId !== null) {
      return job.conversationId === undefined
        ? requeueInGroup(deps, inHand, conversationId)
        : noteReport(deps, inHand, conversationId, verdict.reason);
    }
    if (!anyway) {
      return { status: 'filtered', reason: verdict.reason };
    }
  }
  if (job.conversationId !== undefined) {
    return appendMail(deps, inHand, job.conversationId);
  }
  const match = await findConversation(deps, account, message, mail);
  if (match.kind === 'found') {
    if (match.by === 'header') {
      // Written before the mail is: the next mail of this Gmail thread may not wait for it, and may carry no such header.
      await deps.store.threadMap.putAll(mapEntries(inHand, match.conversationId));
    }
    return requeueInGroup(deps, inHand, match.conversationId);
  }
  if (match.kind === 'not-theirs') {
    deps.log.write('SENDER_NOT_IN_CONVERSATION', { otherConversationId: match.conversationId });
    await deps.store.ledger.progress(row.key, known.delivery.owner, {
      related: { conversationId: match.conversationId, why: 'sender-has-no-part' },
    });
  }
  const begun = match.kind === 'form' ? null : await conversationOfThreadStarter(deps, inHand);
  if (begun !== null) {
    return requeueInGroup(deps, inHand, begun);
  }
  return match.kind === 'not-theirs'
    ? createConversationOfMail(deps, inHand, senderOf(mail))
    : createConversationOfMail(deps, inHand);
}

/**
 * The conversation that an earlier mail of the same Gmail thread started and never recorded, because its worker stopped after
 * FreeScout's write and its job ended among the dead letters; null when there is none, and then this mail is noted as the one that
 * starts it.
 */
async function conversationOfThreadStarter(
  deps: WorkerDependencies,
  { account, message, row }: MailInHand,
): Promise<number | null> {
  const gmailThread = threadMapKey.thread('gmail', account.alias, message.gmailThreadId);
  const beginner = await deps.store.state.threadStarterOf(gmailThread);
  if (beginner !== null && beginner !== row.key) {
    const other = await deps.store.ledger.get(beginner);
    const begun = other === null || isTerminal(other) ? null : await findEarlierWrite(deps, other);
    if (begun !== null) {
      const conversationId = begun.conversation.id;
      await deps.store.threadMap.putAll([{ key: gmailThread, conversationId }]);
      return conversationId;
    }
  }
  await deps.store.state.rememberThreadStarter(gmailThread, row.key);
  return null;
}

/** A mail that would be filtered and comes here was restored: the operator says that a person wrote it. */
function noDraftOf(verdict: HygieneVerdict): HygieneReason | null {
  switch (verdict.kind) {
    case 'customer':
      return verdict.noDraft;
    case 'note':
      return verdict.reason;
    case 'filtered':
      return null;
  }
}

/** Whose message it is: its sender's, or that of the person who filled in a form. */
function sendersOf({ settings }: WorkerDependencies, mail: ParsedMail): ReadonlySet<string> {
  return new Set([starterOf(mail, ownAddresses(settings)).address, senderOf(mail).address]);
}

/** Mails of whoever wrote it, or filled in the form, within the hour before this one, without it. */
async function earlierOfSender(
  deps: WorkerDependencies,
  account: Account,
  message: RawGmailMessage,
  mail: ParsedMail,
): Promise<number> {
  const digest = senderDigest(starterOf(mail, ownAddresses(deps.settings)).address);
  const { internalDate, messageId } = message;
  const count = await deps.store.state.countMailOfSender(account.alias, digest, messageId, internalDate);
  return count - 1;
}

/**
 * Sent on every way out, also for a row that was terminal before: the worker may have died between the transaction and this call.
 * A note in a conversation asks for nothing; a conversation that is spam stays untouched.
 */
async function queueConversationJob(
  deps: WorkerDependencies,
  job: IncomingMessageJob,
  end: Pick<LedgerRow, 'action' | 'reason' | 'conversationId' | 'threadId'>,
): Promise<void> {
  if (end.conversationId === undefined || end.action === 'note' || end.reason === 'spam') {
    return;
  }
  await deps.queue.send(
    { kind: 'conversation', conversationId: end.conversationId, cause: 'written', requestId: job.requestId },
    deduplicationId.written(end.conversationId, end.threadId ?? job.messageId),
  );
}

async function labelInGmail(deps: WorkerDependencies, job: IncomingMessageJob): Promise<void> {
  if (deps.settings.gmail.label === '') {
    return;
  }
  try {
    await deps.gmail(job.alias).addLabel(job.messageId, deps.settings.gmail.label);
  } catch {
    deps.log.write('GMAIL_LABEL_FAILED');
  }
}
