import { createWorker } from '#functions/conversation-worker/dependencies.ts';
import { messageForFreeScout } from '#functions/conversation-worker/intake/messageForFreeScout.ts';
import { createFreeScout } from '#functions/runtime/freescoutClients.ts';
import { createGmailClients } from '#shared/channels/gmail/gmailClients.ts';
import { incomingMail } from '#shared/channels/gmail/incomingMail.ts';
import { askForReply } from '#shared/drafts/draftPrompt.ts';
import { knownHosts } from '#shared/drafts/knownHosts.ts';
import { shapeReply } from '#shared/drafts/shapeReply.ts';
import { unlimited } from '#shared/http/rateLimiter.ts';
import { ownAddresses } from '#shared/settings/channels.ts';
import { tagsOf } from '#shared/triage/buckets.ts';
import { reasoningNote } from '#shared/triage/reasoningNote.ts';
import { triageConversation } from '#shared/triage/triageConversation.ts';
import type { BenchSystem } from './benchSystem.ts';

/**
 * The same work as one loop does it: list the mailbox, then one mail after the other, one call after the other, no ledger, no queue.
 * The calls to the others are the same as ours for a new mail, so only their order differs.
 */
export async function workOneAfterTheOther(system: BenchSystem, mails: number): Promise<void> {
  const deps = createWorker(system.parts, system.environment).dependencies;
  const { settings } = deps;
  const freescout = createFreeScout(system.parts, unlimited);
  const gmail = createGmailClients(system.parts)('support');
  const { messages } = await gmail.listSince(new Date(Date.now() - 3_600_000), null);
  for (const { messageId } of messages.slice(0, mails)) {
    const message = await gmail.getRaw(messageId);
    if (message === null) {
      throw new Error('A mail is gone.');
    }
    const mail = await incomingMail(message, {
      alias: 'support',
      ownAddresses: ownAddresses(settings),
      hygiene: settings.hygiene,
      state: { countMailOfSender: async () => 1 },
      customers: { isKnown: async () => false },
      users: async () => new Set(),
      tellMissing: async () => {},
    });
    if (mail.kind !== 'message') {
      throw new Error('A mail is no customer’s.');
    }
    const shaped = messageForFreeScout(deps, { row: mail, message: mail }, mail.identity);
    const { conversationId } = await freescout.createConversation({
      ...shaped,
      mailboxId: 1,
      imported: true,
    });
    const conversation = await freescout.getConversation(conversationId);
    if (conversation === null) {
      throw new Error('A conversation is gone.');
    }
    const judged = await triageConversation(deps, conversation, 180_000);
    if (judged.outcome !== 'triaged') {
      throw new Error(`No judgement: ${judged.outcome}`);
    }
    const { triage } = judged;
    await freescout.setTags(conversationId, tagsOf(triage, settings.thresholds));
    await freescout.addNote(conversationId, {
      html: reasoningNote(triage, settings.thresholds, []),
      cc: conversation.cc,
      imported: false,
    });
    const reply = await askForReply(deps, conversation, triage, 180_000);
    if (reply.outcome !== 'answered') {
      throw new Error(`No reply: ${reply.outcome}`);
    }
    const draft = shapeReply(reply.value, {
      expectedLanguage: triage.language,
      allowedHosts: knownHosts(conversation, []),
    });
    await freescout.getConversation(conversationId);
    await freescout.createDraftReply(conversationId, {
      html: draft.outcome === 'usable' ? draft.html : '<div></div>',
      cc: conversation.cc,
      status: 'active',
    });
  }
}
