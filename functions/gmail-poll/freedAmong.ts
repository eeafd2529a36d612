import { idOf } from '#shared/channels/gmail/ticketedLabels.ts';
import type { AccountPoll } from './accountPoll.ts';
import { listMails } from './listMails.ts';
import type { PollDependencies } from './pollDependencies.ts';
import type { KnownMail } from './queueMails.ts';
import type { FreedMail } from './relabelledMails.ts';

/**
 * Which of the mails that Gmail lists were kept out by a label that is in the way no longer, whatever history told of it. No mail is
 * asked for: Gmail lists nothing that lies in spam or bin, and one list for each label of the settings says which mails carry it. Such
 * a list is made only when the label decided about one of the mails. Mail that was sent, drafts and chats stay what they are.
 *
 * @param listed - mails that Gmail lists since then.
 */
export async function freedAmong(
  deps: Pick<PollDependencies, 'settings' | 'timeLeftMilliseconds'>,
  poll: AccountPoll,
  listed: readonly KnownMail[],
  since: Date,
): Promise<readonly FreedMail[]> {
  const { excludedLabels, requiredLabels } = deps.settings.gmail;
  const event = poll.startedAt.toISOString();
  const keptOutFor = (reason: string) =>
    listed.filter(({ row }) => row.status === 'filtered' && row.reason === reason);
  const idsWith = async (label: string): Promise<ReadonlySet<string> | null> => {
    const labelId = idOf(label, poll.labels);
    const mails = labelId === null ? null : await listMails(deps, poll, since, labelId);
    return mails && new Set(mails.map(({ messageId }) => messageId));
  };

  const freed = [...keptOutFor('label:SPAM'), ...keptOutFor('label:TRASH')];
  for (const label of excludedLabels) {
    const kept = keptOutFor(`label:${label}`);
    const carriers = kept.length === 0 ? null : await idsWith(label);
    freed.push(...kept.filter(({ mail }) => carriers !== null && !carriers.has(mail.messageId)));
  }
  const unlabelled = requiredLabels.length === 0 ? [] : keptOutFor('label-missing');
  for (const label of unlabelled.length === 0 ? [] : requiredLabels) {
    const carriers = await idsWith(label);
    freed.push(...unlabelled.filter(({ mail }) => carriers?.has(mail.messageId)));
  }
  return freed.map(({ mail, row }) => ({ mail, row, event }));
}
