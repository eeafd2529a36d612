import type { GmailMessageRef } from '#shared/channels/gmail/gmailClient.ts';
import { type AccountPoll, isTimeOver, timeOver } from './accountPoll.ts';
import type { PollDependencies } from './pollDependencies.ts';

/**
 * Every mail that came in since, all pages, oldest first. Nothing is done before the list is whole: Gmail lists the newest first,
 * and what is queued first must be the oldest.
 *
 * @param labelId - only mails that carry this label.
 */
export async function listMails(
  deps: Pick<PollDependencies, 'timeLeftMilliseconds'>,
  poll: AccountPoll,
  since: Date,
  labelId?: string,
): Promise<readonly GmailMessageRef[]> {
  const newestFirst: GmailMessageRef[] = [];
  let pageToken: string | null = null;
  do {
    if (isTimeOver(deps)) {
      throw timeOver();
    }
    const page: Awaited<ReturnType<AccountPoll['gmail']['listSince']>> = await poll.gmail.listSince(
      since,
      pageToken,
      labelId,
    );
    poll.figures.pages += 1;
    newestFirst.push(...page.messages);
    pageToken = page.nextPageToken;
  } while (pageToken !== null);
  return newestFirst.reverse();
}
