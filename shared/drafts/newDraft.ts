import { stateName } from '#shared/freescout/draftProof.ts';
import { FreeScoutFailure } from '#shared/freescout/freescoutClient.ts';
import { type Conversation, statusToKeep } from '#shared/freescout/model.ts';
import type { LiveDraft } from '#shared/store/botDrafts.ts';
import { saveRecord, startOf, textToKeep } from './draftRecord.ts';
import type { DraftDependencies, DraftSuggestion, OfferOutcome } from './draftStrategy.ts';
import { fingerprintOf } from './fingerprint.ts';
import { draftMarker, markerFor } from './markers.ts';

/** Whether drafts are written at all: false while drafting is stopped. */
export async function mayDraft({ proveDrafts }: Pick<DraftDependencies, 'proveDrafts'>): Promise<boolean> {
  return (await proveDrafts()) === 'proven';
}

/** HTML of a draft: the suggestion, and the markers that tell what it answers and what we wrote. */
export function draftHtml(conversationId: number, suggestion: DraftSuggestion): string {
  const { html } = suggestion;
  return [
    html,
    markerFor(draftMarker.draft({ conversationId, ...suggestion })),
    markerFor(draftMarker.fingerprint(fingerprintOf(html))),
  ].join('');
}

/**
 * Writes a draft where there is none. The intent is stored before FreeScout is called, so that the next attempt knows of the call when
 * the process stops dead in between.
 *
 * @param ended - the record of an earlier cycle; null when there is none.
 * @throws {FreeScoutFailure} of the call. The record then is `gone` when nothing was written, and `creating` when that is not known.
 */
export async function createNewDraft(
  deps: DraftDependencies,
  conversation: Conversation,
  suggestion: DraftSuggestion,
  ended: LiveDraft | null,
): Promise<Extract<OfferOutcome, 'drafted' | 'stopped'>> {
  const { freescout, log, measure } = deps;
  if (!(await mayDraft(deps))) {
    return 'stopped';
  }
  const intent = await deps.drafts.saveLive(
    { ...startOf(deps, conversation.id, suggestion), state: 'creating', draftThreadId: null },
    ended?.version ?? null,
  );
  const answer = await freescout
    .createDraftReply(conversation.id, {
      html: draftHtml(conversation.id, suggestion),
      cc: conversation.cc,
      status: statusToKeep(conversation),
    })
    .catch(async (failure: unknown) => {
      if (failure instanceof FreeScoutFailure && failure.nothingWritten) {
        await saveRecord(deps, intent, { state: 'gone' });
      } else {
        // Touches the record, so that the settling time starts now. The error of the call is reported, not that of the save.
        await saveRecord(deps, intent, {}).catch(() => undefined);
      }
      throw failure;
    });
  if (answer.state !== 'draft') {
    await deps.stopDrafting(
      `FreeScout stored draft ${answer.threadId} of conversation ${conversation.id} as "${stateName(answer.state)}"`,
    );
    await saveRecord(deps, intent, { state: 'gone', draftThreadId: answer.threadId });
    return 'stopped';
  }
  await saveRecord(
    deps,
    intent,
    { state: 'live', draftThreadId: answer.threadId },
    textToKeep(deps, answer.threadId, suggestion.html),
  );
  log.write('DRAFT_CREATED', { conversationId: conversation.id, draftThreadId: answer.threadId });
  measure('DraftsCreated');
  return 'drafted';
}
