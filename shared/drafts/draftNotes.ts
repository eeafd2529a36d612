import type { Conversation } from '#shared/freescout/model.ts';
import type { DraftKind } from '#shared/store/botDrafts.ts';
import type { DraftDependencies, DraftSuggestion, OfferOutcome } from './draftStrategy.ts';
import { draftMarker, hasOwnNote, markerFor } from './markers.ts';

type NoteDependencies = Pick<DraftDependencies, 'freescout' | 'botUserId' | 'log' | 'measure'>;

/** Why a suggestion goes into a note instead of a draft. */
export type KeptBecause =
  /** Guarded: a draft of ours was written, and no reply was sent since. A person may have discarded it. */
  | 'draft-is-there'
  /** Guarded: no record tells whether a draft was saved. */
  | 'draft-may-be-there'
  /** Managed: a person changed our draft, or is at work on it. */
  | 'draft-in-hands'
  /** Managed: a person has begun a reply of their own. */
  | 'own-draft';

const explanations: Readonly<Record<KeptBecause, string>> = {
  'draft-is-there':
    'A draft was written here before and is left as it is, because FreeScout lets nobody but its users see or change it.',
  'draft-may-be-there':
    'It was never confirmed that a draft was saved here, so one may or may not be here; it is not saved a second time.',
  'draft-in-hands':
    'The draft in this conversation was edited by a person or is in use, so it is left as it is.',
  'own-draft': 'Somebody is already writing a reply here, so no draft was added.',
};

const whenSent =
  'The next draft is written when the customer writes after a reply was sent (this draft or another).';
const endings: Readonly<Record<KeptBecause, string>> = {
  'draft-is-there': `${whenSent} That a draft was discarded cannot be seen; the operator's command reset-draft starts afresh.`,
  'draft-may-be-there': `${whenSent} If there is no draft, take this text; the operator's command reset-draft starts afresh.`,
  'draft-in-hands': `${whenSent} Discarding the draft has the same effect.`,
  'own-draft': `${whenSent} Discarding the draft has the same effect.`,
};

/** Puts a whole suggestion into a note, once per message and kind. */
export async function noteSuggestion(
  deps: NoteDependencies,
  conversation: Conversation,
  suggestion: DraftSuggestion,
  because: KeptBecause,
): Promise<Extract<OfferOutcome, 'noted'>> {
  const { kind, html, silentNotes = false } = suggestion;
  const marker = draftMarker.suggestion({ conversationId: conversation.id, ...suggestion });
  if (await noteOnce(deps, conversation, marker, suggestionNote(because, kind, html, marker), silentNotes)) {
    deps.log.write('DRAFT_KEPT', { conversationId: conversation.id, reason: because });
    deps.measure('DraftsNoted');
  }
  return 'noted';
}

function suggestionNote(because: KeptBecause, kind: DraftKind, html: string, marker: string): string {
  return `<div><b>${openingOf(kind, because)} ${explanations[because]}</b></div><div><br></div>${html}<div><br></div><div><i>${endings[because]}</i></div>${markerFor(marker)}`;
}

function openingOf(kind: DraftKind, because: KeptBecause): string {
  switch (kind) {
    case 'reply':
      return because === 'draft-is-there' || because === 'draft-in-hands'
        ? 'Updated suggestion: the customer wrote again.'
        : 'Suggested reply.';
    case 'followup':
      return 'Suggested late answer: the customer still waits.';
    case 'reminder':
      return 'Suggested reminder: the customer has not come back.';
  }
}

const noDraftReasons: ReadonlyMap<string, string> = new Map([
  [
    'not-judged',
    'the model could not judge the message, so it has no tags of ours but those of escalation words',
  ],
  ['failed', 'the model refuses the request; the operators are told'],
  ['refused', 'the model declined to write one'],
  ['refusal', 'the model declined to write one'],
  ['cut-off', "the model's answer was cut off"],
  ['unusable', "the model's answer could not be read"],
  ['empty', "the model's answer was empty"],
  ['placeholder', "the model's answer had gaps to fill in"],
  ['reasoning', "the model's answer held remarks that are not for the customer"],
  ['wrong-language', "the model answered in another language than the customer's"],
  ['too-long', "the model's answer was far too long"],
]);

export interface NoDraftOptions {
  /** What the draft would have been; default: a reply. */
  readonly kind?: DraftKind;
  /** FreeScout has told the agents of the message, and the note notifies nobody. */
  readonly silentNotes?: boolean;
}

/** Says in a note why there is no draft, once per message and kind. @param reason - a code, never text of a mail. */
export async function noteNoDraft(
  deps: NoteDependencies,
  conversation: Conversation,
  answeredThreadId: number,
  reason: string,
  { kind = 'reply', silentNotes = false }: NoDraftOptions = {},
): Promise<void> {
  const marker = draftMarker.noDraft({ conversationId: conversation.id, answeredThreadId, kind });
  if (await noteOnce(deps, conversation, marker, noDraftNote(reason, marker), silentNotes)) {
    deps.log.write('DRAFT_UNUSABLE', { conversationId: conversation.id, threadId: answeredThreadId, reason });
    deps.measure('DraftsUnusable');
  }
}

/** Says in a note, once per message, that the message could not be judged yet and that this is tried again. */
export async function noteNotJudgedYet(
  deps: NoteDependencies,
  conversation: Conversation,
  threadId: number,
  { silentNotes = false }: Pick<NoDraftOptions, 'silentNotes'> = {},
): Promise<void> {
  const marker = draftMarker.notJudgedYet({
    conversationId: conversation.id,
    answeredThreadId: threadId,
    kind: 'reply',
  });
  const html = `<div>The customer's latest message is not judged yet, because the model gave no answer. That is tried again by itself. Until then the conversation has no tags of ours but those of escalation words, and no draft: answer it yourself if it cannot wait.</div>${markerFor(marker)}`;
  await noteOnce(deps, conversation, marker, html, silentNotes);
}

/** An unknown reason is shown as it is when it is a plain code. */
function noDraftNote(reason: string, marker: string): string {
  const code = /^[a-z][a-z -]{0,60}$/.test(reason) ? reason : 'no reason was given';
  const sentence = noDraftReasons.get(reason) ?? code;
  return `<div>No draft was written for the customer's latest message: ${sentence}. Please write the reply yourself.</div>${markerFor(marker)}`;
}

/** @returns false when the note existed already. */
async function noteOnce(
  { freescout, botUserId }: NoteDependencies,
  conversation: Conversation,
  marker: string,
  html: string,
  imported: boolean,
): Promise<boolean> {
  if (hasOwnNote(conversation, botUserId, marker)) {
    return false;
  }
  await freescout.addNote(conversation.id, { html, cc: conversation.cc, imported });
  return true;
}
