import { ComeBackLater } from '#shared/failure/failure.ts';
import type { ListedDraft } from '#shared/freescout/draftWriter.ts';
import type { Conversation } from '#shared/freescout/model.ts';
import type { LiveDraft } from '#shared/store/botDrafts.ts';
import { type KeptBecause, noteSuggestion } from './draftNotes.ts';
import { goesToAnother, isInUse, isOurs, isUntouched, trackedDraft, undoSeconds } from './draftPredicates.ts';
import { adoptDraft, endUnsent, isOpen, startOf, textToKeep, wasDrafted } from './draftRecord.ts';
import type { DraftDependencies, DraftStrategy, DraftSuggestion, OfferOutcome } from './draftStrategy.ts';
import { type DraftListing, listDrafts } from './listedDrafts.ts';
import { draftMarker, hasMarker } from './markers.ts';
import { createNewDraft, draftHtml, mayDraft } from './newDraft.ts';

/** Each attempt begins with a fresh list. A person who changes the draft at each of them is at work on it. */
const offerAttempts = 3;

interface Offer {
  readonly conversation: Conversation;
  readonly suggestion: DraftSuggestion;
}

/** What is to be done about an offer. */
type OfferPlan =
  /** A draft for this message existed already. */
  | { readonly action: 'leave' }
  /** The draft for this message is listed, and the record does not know it. */
  | { readonly action: 'adopt'; readonly draft: ListedDraft }
  | { readonly action: 'note'; readonly because: KeptBecause }
  | { readonly action: 'create'; readonly toWithdraw: readonly ListedDraft[] }
  | { readonly action: 'replace'; readonly draft: ListedDraft; readonly toWithdraw: readonly ListedDraft[] };

/**
 * With the companion module drafts are listed, replaced and withdrawn. Every change names the version that was listed, and the module
 * refuses it when a person changed the draft since.
 *
 * @param guarded - takes over for a step in which the drafts cannot be listed.
 */
export function createManagedDrafts(deps: DraftDependencies, guarded: DraftStrategy): DraftStrategy {
  async function offer(wanted: Offer, known: LiveDraft | null, attempt: number): Promise<OfferOutcome> {
    const { conversation, suggestion } = wanted;
    const listing = await listDrafts(deps, conversation.id, known);
    if (listing === null) {
      return guarded.offer(conversation, suggestion, known);
    }
    const outcome = await carryOut(deps, wanted, listing.record, planOffer(deps, wanted, listing));
    if (outcome !== 'changed-meanwhile') {
      return outcome;
    }
    return attempt < offerAttempts
      ? offer(wanted, listing.record, attempt + 1)
      : noteSuggestion(deps, conversation, suggestion, 'draft-in-hands');
  }

  return {
    async observe(conversationId, open) {
      await listDrafts(deps, conversationId, open);
    },
    async withdraw(conversationId, open) {
      const listed = await deps.freescout.listDrafts(conversationId);
      const draft = listed === null ? undefined : trackedDraft(listed, open, deps.botUserId);
      if (draft !== undefined && mayChange(deps, draft, open)) {
        await withdrawAll(deps, conversationId, [draft]);
      }
    },
    offer: (conversation, suggestion, known) => offer({ conversation, suggestion }, known, 1),
  };
}

/** Decides by the listing alone: it makes no call. */
function planOffer(
  deps: DraftDependencies,
  { conversation, suggestion }: Offer,
  { record, drafts }: DraftListing,
): OfferPlan {
  if (wasDrafted(record, suggestion)) {
    return { action: 'leave' };
  }
  const tracked = isOpen(record) ? trackedDraft(drafts, record, deps.botUserId) : undefined;
  const ours = tracked ?? drafts.findLast((draft) => isOurs(draft, deps.botUserId));
  const marker = draftMarker.draft({ conversationId: conversation.id, ...suggestion });
  if (ours !== undefined && hasMarker(ours.body, marker)) {
    return { action: 'adopt', draft: ours };
  }
  const others = drafts.filter((draft) => draft !== ours);
  if (others.some((draft) => !mayChange(deps, draft, record))) {
    return { action: 'note', because: 'own-draft' };
  }
  if (ours === undefined) {
    return { action: 'create', toWithdraw: others };
  }
  const isMisdirected = goesToAnother(ours, conversation);
  // A person who opened the draft may have chosen its addresses.
  if (!mayChange(deps, ours, record) || (isMisdirected && ours.editedByUserId !== null)) {
    return { action: 'note', because: 'draft-in-hands' };
  }
  return isMisdirected
    ? { action: 'create', toWithdraw: drafts }
    : { action: 'replace', draft: ours, toWithdraw: others };
}

/** @returns `changed-meanwhile` when somebody changed a draft after it was listed. */
async function carryOut(
  deps: DraftDependencies,
  offer: Offer,
  record: LiveDraft | null,
  plan: OfferPlan,
): Promise<OfferOutcome | 'changed-meanwhile'> {
  const { conversation, suggestion } = offer;
  switch (plan.action) {
    case 'leave':
      return 'drafted';
    case 'adopt':
      await adoptDraft(deps, record, plan.draft, startOf(deps, conversation.id, suggestion));
      return 'drafted';
    case 'note':
      return noteSuggestion(deps, conversation, suggestion, plan.because);
    case 'create':
    case 'replace':
      if (!(await mayDraft(deps))) {
        return 'stopped';
      }
      if (!(await withdrawAll(deps, conversation.id, plan.toWithdraw))) {
        return 'changed-meanwhile';
      }
      return plan.action === 'create'
        ? createInstead(deps, offer, record)
        : replaceDraft(deps, offer, record, plan.draft);
  }
}

/** Writes a new draft after all were withdrawn. A record that is still open is about one of them. */
async function createInstead(
  deps: DraftDependencies,
  { conversation, suggestion }: Offer,
  record: LiveDraft | null,
): Promise<OfferOutcome> {
  const ended = isOpen(record) ? await endUnsent(deps, record, 'withdrawn') : record;
  return createNewDraft(deps, conversation, suggestion, ended);
}

async function replaceDraft(
  deps: DraftDependencies,
  { conversation, suggestion }: Offer,
  record: LiveDraft | null,
  draft: ListedDraft,
): Promise<'replaced' | 'changed-meanwhile'> {
  const change = await deps.freescout.replaceDraft(conversation.id, draft.id, {
    html: draftHtml(conversation.id, suggestion),
    // A person who opened the draft may have chosen its addresses.
    cc: draft.editedByUserId === null ? conversation.cc : draft.cc,
    ifVersion: draft.version,
  });
  if (change === 'no-longer-a-draft') {
    throw new ComeBackLater('undo-window', undoSeconds);
  }
  if (change !== 'done') {
    return 'changed-meanwhile';
  }
  await deps.drafts.saveLive(
    { ...startOf(deps, conversation.id, suggestion), state: 'live', draftThreadId: draft.id },
    record?.version ?? null,
    textToKeep(deps, draft.id, suggestion.html),
  );
  deps.log.write('DRAFT_REPLACED', { conversationId: conversation.id, draftThreadId: draft.id });
  deps.measure('DraftsReplaced');
  return 'replaced';
}

/** @returns false when one of them is still there. */
async function withdrawAll(
  deps: DraftDependencies,
  conversationId: number,
  listed: readonly ListedDraft[],
): Promise<boolean> {
  let allGone = true;
  for (const draft of listed) {
    const change = await deps.freescout.withdrawDraft(conversationId, draft.id, draft.version);
    if (change === 'no-longer-a-draft') {
      throw new ComeBackLater('undo-window', undoSeconds);
    }
    if (change === 'done') {
      deps.log.write('DRAFT_WITHDRAWN', { conversationId, draftThreadId: draft.id });
      deps.measure('DraftsWithdrawn');
    }
    allGone &&= change === 'done' || change === 'gone';
  }
  return allGone;
}

/** We wrote the draft, nobody changed it, and nobody is at work on it. */
function mayChange(
  { botUserId, settings, clock }: DraftDependencies,
  draft: ListedDraft,
  record: LiveDraft | null,
): boolean {
  return (
    isUntouched(draft, botUserId, record) && !isInUse(draft, botUserId, settings.inUseMinutes, clock.now())
  );
}
