import type { Conversation, Thread } from '#shared/freescout/model.ts';
import type { LiveDraft } from '#shared/store/botDrafts.ts';
import { type NoDraftOptions, noteNoDraft, noteNotJudgedYet } from './draftNotes.ts';
import { otherReply, publishedByNobody, sentDraft, waitUntilFinal } from './draftPredicates.ts';
import { endSent, endUnsent, isOpen, saveRecord, wasDrafted } from './draftRecord.ts';
import type { DraftDependencies, DraftSuggestion, OfferOutcome } from './draftStrategy.ts';
import { createGuardedDrafts } from './guardedDrafts.ts';
import { createManagedDrafts } from './managedDrafts.ts';
import { mayDraft } from './newDraft.ts';

/**
 * Keeps at most one live draft of ours per conversation and never changes what a person touched. The states of a draft, what holds
 * after each fault, and the test of each rule are in `docs/drafts.md`.
 */
export interface DraftKeeper {
  /**
   * Records what became of our draft, from a conversation that was just read. In managed mode it also notices that a person
   * discarded the draft, and withdraws an untouched one when an agent answered in another way.
   *
   * @throws {ComeBackLater} `undo-window` when the reply that would end the cycle can still be taken back, `unanswered-write` when
   * an unanswered draft call may still arrive.
   * @throws {FreeScoutFailure} of a call; nothing was recorded then.
   */
  observe(conversation: Conversation): Promise<void>;
  /**
   * Puts a suggestion in place. Status and `cc` are taken from `conversation`, so it must have been read in the same step.
   * Offering again for the same customer message is harmless.
   *
   * @throws as {@link observe}.
   */
  offer(conversation: Conversation, suggestion: DraftSuggestion): Promise<OfferOutcome>;
  /**
   * Whether a draft of ours, of any kind, waits in FreeScout for a person to send it, as of the last {@link observe}. False in guarded
   * mode: it sees no draft, and a person may have discarded the one that it wrote.
   */
  isSeenWaiting(conversationId: number): Promise<boolean>;
  /** Whether drafts are written at all. While drafting is stopped (false), the model need not be asked for a text. */
  mayDraft(): Promise<boolean>;
  /**
   * One note per message and kind of draft says that none was written and why.
   *
   * @param reason - a code, never text of a mail.
   */
  explainNoDraft(
    conversation: Conversation,
    answeredThreadId: number,
    reason: string,
    options?: NoDraftOptions,
  ): Promise<void>;
  /** One note per message says that it is not judged yet, and that this is tried again. */
  explainNotJudgedYet(
    conversation: Conversation,
    threadId: number,
    options?: Pick<NoDraftOptions, 'silentNotes'>,
  ): Promise<void>;
}

export interface DraftKeeperDependencies extends DraftDependencies {
  /** `managed`: the companion module answers. */
  readonly mode: () => Promise<'guarded' | 'managed'>;
}

export function createDraftKeeper(deps: DraftKeeperDependencies): DraftKeeper {
  const { drafts, clock, botUserId } = deps;
  const guarded = createGuardedDrafts(deps);
  const managed = createManagedDrafts(deps, guarded);
  const isManaged = async () => (await deps.mode()) === 'managed';
  const chosenStrategy = async () => ((await isManaged()) ? managed : guarded);

  return {
    async observe(conversation) {
      const record = await drafts.getLive(conversation.id);
      if (!isOpen(record)) {
        return;
      }
      const sent = sentDraft(conversation, record);
      if (sent !== undefined && publishedByNobody(sent, record, botUserId)) {
        await recordPublished(deps, record, sent);
        return;
      }
      const reply = sent ?? otherReply(conversation, record);
      if (reply !== undefined) {
        waitUntilFinal(reply, clock.now());
      }
      if (sent !== undefined) {
        await endSent(deps, record, sent);
        return;
      }
      // FreeScout lists no drafts of a deleted conversation.
      const strategy = conversation.state === 'deleted' ? guarded : await chosenStrategy();
      if (reply === undefined) {
        await strategy.observe(conversation.id, record);
        return;
      }
      // The draft is withdrawn before the end is recorded: after a crash in between, the next attempt still knows the draft.
      await strategy.withdraw(conversation.id, record);
      await endUnsent(deps, record, 'replaced');
    },

    async offer(conversation, suggestion) {
      const record = await drafts.getLive(conversation.id);
      return wasDrafted(record, suggestion)
        ? 'drafted'
        : (await chosenStrategy()).offer(conversation, suggestion, record);
    },

    isSeenWaiting: async (conversationId) =>
      isOpen(await drafts.getLive(conversationId)) && (await isManaged()),
    mayDraft: () => mayDraft(deps),
    explainNoDraft: (...explained) => noteNoDraft(deps, ...explained),
    explainNotJudgedYet: (...explained) => noteNotJudgedYet(deps, ...explained),
  };
}

/** Ends the cycle without an outcome, because no person decided to send the text. */
async function recordPublished(deps: DraftDependencies, open: LiveDraft, published: Thread): Promise<void> {
  await deps.stopDrafting(
    `thread ${published.id} of conversation ${open.conversationId}, which was to stay a draft, was sent in the name of the bot user: by FreeScout itself, or by a person logged in as that user`,
  );
  await saveRecord(deps, open, { state: 'gone', draftThreadId: published.id });
}
