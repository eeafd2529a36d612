import type { ConversationReader } from '#shared/freescout/conversationReader.ts';
import type { NoteWriter } from '#shared/freescout/conversationWriter.ts';
import type { DraftWriter } from '#shared/freescout/draftWriter.ts';
import type { Conversation } from '#shared/freescout/model.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import type { Measure } from '#shared/observability/metrics.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { BotDrafts, DraftKind, DraftOrigin, LiveDraft } from '#shared/store/botDrafts.ts';
import type { Clock } from '#shared/time/clock.ts';

/** A text that a person may send to the customer. */
export interface DraftSuggestion {
  readonly kind: DraftKind;
  /** Customer thread that the suggestion answers; for a reminder the agent's reply that the customer did not answer. */
  readonly answeredThreadId: number;
  /** As `shapeReply` makes it. */
  readonly html: string;
  /** A draft for this message may exist although no record tells of it. Guarded mode cannot look, and then writes no draft. */
  readonly mayBeDrafted?: boolean;
  /** FreeScout has told the agents of the message: a note that carries the suggestion notifies nobody. */
  readonly silentNotes?: boolean;
  readonly origin: DraftOrigin;
}

/**
 * `drafted`: a draft for this customer message exists, or existed and a person dealt with it. `replaced`: our older draft now
 * carries the suggestion. `noted`: an internal note carries it. `stopped`: drafting is stopped, nothing was written.
 */
export type OfferOutcome = 'drafted' | 'replaced' | 'noted' | 'stopped';

/**
 * What depends on whether drafts can be seen. A stock FreeScout lets the API create a draft and nothing else (guarded); with the
 * companion module drafts are listed, replaced and withdrawn as well (managed).
 */
export interface DraftStrategy {
  /**
   * Finds out what became of our draft while no reply was published.
   *
   * @param open - record of the draft.
   */
  observe(conversationId: number, open: LiveDraft): Promise<void>;
  /** Takes our draft away, unless a person touched it or is at work on it. The record stays as it is. */
  withdraw(conversationId: number, open: LiveDraft): Promise<void>;
  /**
   * Puts a suggestion in place.
   *
   * @param known - newest record of the conversation, open or ended; null when there is none. It is not of a draft that was
   * written for the same message.
   */
  offer(
    conversation: Conversation,
    suggestion: DraftSuggestion,
    known: LiveDraft | null,
  ): Promise<OfferOutcome>;
}

export interface DraftDependencies {
  readonly freescout: ConversationReader & DraftWriter & NoteWriter;
  readonly drafts: BotDrafts;
  /** Whether this FreeScout was seen to keep drafts as drafts; proves it when that is not known yet. */
  readonly proveDrafts: () => Promise<'proven' | 'stopped'>;
  /** Stops all drafting until an operator clears it. */
  readonly stopDrafting: (reason: string) => Promise<void>;
  readonly botUserId: number;
  readonly settings: Settings['drafts'];
  readonly clock: Clock;
  readonly log: Log;
  readonly measure: Measure;
}
