import { markerFor } from './markers.ts';

/** Why a suggestion goes into a note instead of a draft. */
export type KeptBecause =
  /** Guarded: as far as can be known, a draft of ours is there. */
  | 'draft-is-there'
  /** Guarded: FreeScout never told whether it saved the draft. */
  | 'draft-may-be-there'
  /** Managed: a person changed our draft, or is working on it. */
  | 'draft-in-hands'
  /** Managed: a person has begun a reply of their own. */
  | 'own-draft';

const introductions: Readonly<Record<KeptBecause, string>> = {
  'draft-is-there':
    'Updated suggestion: the customer wrote again. The draft in this conversation is left as it is, because FreeScout lets nobody but its users see or change it.',
  'draft-may-be-there':
    'Suggested reply. FreeScout did not answer when it was to be saved as a draft, so the draft may or may not be here; it is not saved a second time.',
  'draft-in-hands':
    'Updated suggestion: the customer wrote again. The draft in this conversation was edited by a person or is in use, so it is left as it is.',
  'own-draft': 'Suggested reply. Somebody is already writing a reply here, so no draft was added.',
};

const whenSent =
  'The next draft is written when the customer writes after a reply was sent (this draft or another).';
const endings: Readonly<Record<KeptBecause, string>> = {
  'draft-is-there': `${whenSent} That a draft was discarded cannot be seen; the operator's command reset-draft starts afresh.`,
  'draft-may-be-there': `${whenSent} If there is no draft, take this text; the operator's command reset-draft starts afresh.`,
  'draft-in-hands': `${whenSent} Discarding the draft has the same effect.`,
  'own-draft': `${whenSent} Discarding the draft has the same effect.`,
};

/** The note that carries a whole suggestion. @param html of the suggestion, already shaped. */
export function suggestionNote(because: KeptBecause, html: string, marker: string): string {
  return `<div><b>${introductions[because]}</b></div><div><br></div>${html}<div><br></div><div><i>${endings[because]}</i></div>${markerFor(marker)}`;
}

const noDraftReasons: ReadonlyMap<string, string> = new Map([
  ['not-judged', 'the model could not judge the message, so it has no tags of ours either'],
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

/** The note that says why there is no draft. An unknown reason is shown as it is when it is a plain code. */
export function noDraftNote(reason: string, marker: string): string {
  const code = /^[a-z][a-z -]{0,60}$/.test(reason) ? reason : 'no reason was given';
  const sentence = noDraftReasons.get(reason) ?? code;
  return `<div>No draft was written for the customer's latest message: ${sentence}. Please write the reply yourself.</div>${markerFor(marker)}`;
}
