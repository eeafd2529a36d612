import { conversationLink } from '#shared/freescout/conversationLink.ts';
import { parseLedgerKey } from '#shared/store/keys.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import { type AlertKind, alertKinds } from './alertKinds.ts';
import type { Alert } from './alertText.ts';

/** Reasons for which nobody can have gone unseen: what we wrote ourselves, what came twice, what is no mail, what operators asked for. */
const toldToNobody: ReadonlySet<string> = new Set([
  'own',
  'label:SENT',
  'label:DRAFT',
  'label:CHAT',
  'freescout-notification',
  'double',
  'before-intake',
  'gone',
  'forgotten',
  'dismissed',
]);

/** How many messages were filtered, by reason, most first. Counts only messages of customers' channels behind which a person may stand. */
export function countsByReason(
  rows: readonly Pick<LedgerRow, 'key' | 'reason'>[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { key, reason = 'unknown' } of rows) {
    if (parseLedgerKey(key)?.kind === 'message' && !toldToNobody.has(reason)) {
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
  }
  return new Map([...counts].sort(([a, many], [b, more]) => more - many || a.localeCompare(b)));
}

/**
 * The line that tells operators what was filtered within a day.
 *
 * @param day - as YYYY-MM-DD, in UTC.
 * @param options - `isWhole`: nothing was left uncounted.
 */
export function filteredDigest(
  day: string,
  counts: ReadonlyMap<string, number>,
  { isWhole }: { readonly isWhole: boolean },
): Alert {
  const sum = [...counts.values()].reduce((all, count) => all + count, 0);
  const total = isWhole ? String(sum) : `${sum} or more`;
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).join(', ');
  return {
    title: `${total} filtered on ${day}`,
    text: [
      `${total} filtered on ${day} (UTC): ${parts}.`,
      'None became a ticket. See sender and subject of each: npm run csm -- failures --filtered',
      'Bring one in: npm run csm -- restore-filtered <row>',
    ].join('\n'),
  };
}

/** Conversations that one message names at most. */
const mostNamed = 20;

const namesOfKinds: Readonly<Record<AlertKind, string>> = {
  p0: 'urgent',
  'p0-follow-up': 'urgent and waiting',
  loop: 'of a sender who writes too often',
};

/**
 * What tells operators of the alerts of an hour that were too many to be told one by one.
 *
 * @param hour - as YYYY-MM-DDTHH, in UTC.
 * @param rows - of these alerts.
 * @param options - `isWhole`: nothing was left uncounted; `deskUrl`: address of FreeScout.
 */
export function gatheredDigest(
  hour: string,
  rows: readonly Pick<LedgerRow, 'key'>[],
  { isWhole, deskUrl }: { readonly isWhole: boolean; readonly deskUrl: string },
): Alert {
  const alerts = rows.map(({ key }) => parseLedgerKey(key)).filter((about) => about?.kind === 'alert');
  const total = isWhole ? String(alerts.length) : `${alerts.length} or more`;
  const parts = alertKinds.flatMap((kind) => {
    const count = alerts.filter(({ alert }) => alert === kind).length;
    return count === 0 ? [] : [`${count} ${namesOfKinds[kind]}`];
  });
  const ids = [...new Set(alerts.map(({ conversationId }) => conversationId))];
  const title = `${total} more alerts like those of ${hour.slice(11)}:00 UTC`;
  return {
    title,
    text: [
      title,
      `Day: ${hour.slice(0, 10)}. Conversations: ${parts.join(', ')}.`,
      'Why together: there were many alerts of a kind within the hour, or several about one sender.',
      ...ids.slice(0, mostNamed).map((id) => `Link: ${conversationLink(deskUrl, id)}`),
      ...(ids.length > mostNamed ? [`And ${ids.length - mostNamed} more conversations.`] : []),
      'All of them: npm run csm -- failures --filtered --reason gathered',
    ].join('\n'),
  };
}
