import { noteSuggestion } from './draftNotes.ts';
import { isOpen } from './draftRecord.ts';
import type { DraftDependencies, DraftStrategy } from './draftStrategy.ts';
import { createNewDraft } from './newDraft.ts';

/**
 * With a stock FreeScout a draft can be written and never be seen again, so it counts as existing until a reply ends its cycle.
 * Until then a further suggestion goes into a note.
 */
export function createGuardedDrafts(deps: DraftDependencies): DraftStrategy {
  return {
    async observe() {
      // No draft can be seen.
    },
    async withdraw() {
      // No draft can be withdrawn.
    },
    async offer(conversation, suggestion, known) {
      if (!isOpen(known) && !suggestion.mayBeDrafted) {
        return createNewDraft(deps, conversation, suggestion, known);
      }
      const because = known?.state === 'live' ? 'draft-is-there' : 'draft-may-be-there';
      return noteSuggestion(deps, conversation, suggestion, because);
    },
  };
}
