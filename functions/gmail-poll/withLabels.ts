import type { NamedLabel, PollCursor } from '#shared/store/pollCursors.ts';
import { hourMilliseconds } from '#shared/time/durations.ts';
import { type AccountPoll, saveCursor } from './accountPoll.ts';
import type { PollDependencies } from './pollDependencies.ts';

/**
 * Finds out which labels of the account the settings mean, by name or id, and keeps it in the cursor: the worker decides by the same
 * labels, and `/ready` names those that the account does not have. The account is asked once an hour, and at every poll while one of
 * them is unknown; not at all without labels in the settings.
 *
 * @returns the cursor as it now is stored; null: another poll moved it meanwhile.
 */
export async function withLabels(
  deps: Pick<PollDependencies, 'store' | 'settings'>,
  poll: AccountPoll,
  cursor: PollCursor,
): Promise<PollCursor | null> {
  const { excludedLabels, requiredLabels } = deps.settings.gmail;
  const names = [...new Set([...excludedLabels, ...requiredLabels])];
  const { labels: known } = cursor;
  const isYoung =
    known !== undefined && poll.startedAt.getTime() - Date.parse(known.readAt) < hourMilliseconds;
  const isKnown = (name: string) => known?.named.some((label) => label.name === name && label.id !== null);
  if (names.length === 0 || (isYoung && names.every(isKnown))) {
    return cursor;
  }
  const named = await namedLabels(poll, names);
  return isYoung && JSON.stringify(named) === JSON.stringify(known?.named)
    ? cursor
    : saveCursor(deps, cursor, { labels: { readAt: poll.startedAt.toISOString(), named } });
}

/** Gmail takes no two names that differ in capitals alone. */
async function namedLabels({ gmail }: AccountPoll, names: readonly string[]): Promise<readonly NamedLabel[]> {
  const labels = await gmail.labels();
  return names.map((name) => {
    const label =
      labels.find(({ id }) => id === name) ??
      labels.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    return { name, id: label?.id ?? null };
  });
}
