import { type Conversation, isCustomerMessage, isTeamAnswer } from '#shared/freescout/model.ts';
import type { Settings } from '#shared/settings/settings.ts';
import { followUpKey } from '#shared/store/keys.ts';
import type { Ledger } from '#shared/store/ledger.ts';

/** Messages that are looked at; a tag of ours that was set before them was taken off long ago. */
const watchedMessages = 50;

/**
 * Tags of ours that no longer say the truth: the customer or the team wrote after the message that was followed up. A tag without a
 * row of ours was set by a person, and stays.
 *
 * @returns the tags as the conversation spells them; empty when there is nothing to take off.
 */
export async function staleFollowUpTags(
  ledger: Pick<Ledger, 'getAll'>,
  conversation: Conversation,
  followUps: Settings['followUps'],
): Promise<readonly string[]> {
  const present = conversation.tags ?? [];
  const ours = present.filter((tag) => [followUps.tag, followUps.reminder.tag].includes(tag.toLowerCase()));
  if (ours.length === 0) {
    return [];
  }
  const messages = conversation.threads
    .filter((thread) => isCustomerMessage(thread) || isTeamAnswer(thread))
    .slice(-watchedMessages);
  const rows = await ledger.getAll(messages.map(({ id }) => followUpKey(conversation.id, id)));
  const isFollowedUp = (threadId: number) => rows.has(followUpKey(conversation.id, threadId));
  const newest = messages.at(-1);
  return ours.filter((tag) => {
    const isAbout = tag.toLowerCase() === followUps.tag ? isCustomerMessage : isTeamAnswer;
    const followedUp = messages.findLast((message) => isAbout(message) && isFollowedUp(message.id));
    return followedUp !== undefined && followedUp !== newest;
  });
}
