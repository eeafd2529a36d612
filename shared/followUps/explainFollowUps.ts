import type { ConversationReader } from '#shared/freescout/conversationReader.ts';
import type { Conversation, ConversationStatus } from '#shared/freescout/model.ts';
import { mailboxIdsOf } from '#shared/settings/channels.ts';
import { followUpKey, type LedgerKey } from '#shared/store/keys.ts';
import type { Ledger } from '#shared/store/ledger.ts';
import type { Clock } from '#shared/time/clock.ts';
import {
  candidateIn,
  confirmed,
  type FollowUpSettings,
  type FollowUpStep,
  type NotDueReason,
  rowsAbout,
} from './dueStep.ts';

export interface FollowUpSources {
  readonly settings: FollowUpSettings;
  readonly ledger: Pick<Ledger, 'getAll'>;
  readonly freescout: ConversationReader;
  readonly clock: Pick<Clock, 'now'>;
}

interface Seen {
  readonly conversationId: number;
  /** The number that people see. */
  readonly number: number;
  readonly mailboxId: number;
  /** Hours that the newest message waits, in business hours where there is a calendar; null = there is none. */
  readonly waitedHours: number | null;
}

/** What one conversation asks for, and why. `over-limit`: it is due, but the run had enough; the next one takes it. */
export type FollowUpRow =
  | (Seen & { readonly due: FollowUpStep; readonly reason: 'due' | 'over-limit'; readonly rowKey: LedgerKey })
  | (Seen & { readonly due: null; readonly reason: NotDueReason });

/**
 * Looks at every open conversation of our mailboxes, the one that waits longest first, a page at a time. Reads only.
 *
 * @throws what FreeScout's client and the ledger throw.
 */
export async function* lookAtConversations(deps: FollowUpSources): AsyncGenerator<readonly FollowUpRow[]> {
  const { followUps } = deps.settings;
  const pending = followUps.includePending || followUps.reminder.enabled;
  const statuses: readonly ConversationStatus[] = pending ? ['active', 'pending'] : ['active'];
  const seen = new Set<number>();
  let queued = 0;
  for (let page = 1, totalPages = 1; page <= totalPages; page += 1) {
    const answer = await deps.freescout.listConversations({
      mailboxIds: mailboxIdsOf(deps.settings),
      statuses,
      state: 'published',
      embed: ['threads', 'tags'],
      sort: { field: 'waitingSince', order: 'asc' },
      page,
    });
    totalPages = answer.totalPages;
    // What moved down the list while we read it comes twice.
    const fresh = answer.conversations.filter(({ id }) => !seen.has(id));
    for (const { id } of fresh) {
      seen.add(id);
    }
    const rows = await verdictsOn(deps, fresh);
    yield rows.map((row) => {
      queued += row.due === null ? 0 : 1;
      return row.due !== null && queued > followUps.limit ? { ...row, reason: 'over-limit' } : row;
    });
  }
}

/** Every open conversation with what a run would do now and why; spends nothing and writes nothing. */
export async function explainFollowUps(deps: FollowUpSources): Promise<readonly FollowUpRow[]> {
  const all: FollowUpRow[] = [];
  for await (const rows of lookAtConversations(deps)) {
    all.push(...rows);
  }
  return all;
}

async function verdictsOn(
  { settings, ledger, clock }: FollowUpSources,
  conversations: readonly Conversation[],
): Promise<readonly FollowUpRow[]> {
  const looked = conversations.map((conversation) => ({
    conversation,
    verdict: candidateIn(conversation, settings, clock.now()),
  }));
  const rows = await ledger.getAll(
    looked.flatMap(({ conversation, verdict }) =>
      verdict.due === null ? [] : rowsAbout(conversation, verdict),
    ),
  );
  return looked.map(({ conversation, verdict: first }): FollowUpRow => {
    const verdict = first.due === null ? first : confirmed(conversation, first, rows, settings);
    const { id, number, mailboxId } = conversation;
    const common = { conversationId: id, number, mailboxId, waitedHours: verdict.waitedHours };
    return verdict.due === null
      ? { ...common, due: null, reason: verdict.reason }
      : { ...common, due: verdict.due, reason: 'due', rowKey: followUpKey(id, verdict.waiting.id) };
  });
}
