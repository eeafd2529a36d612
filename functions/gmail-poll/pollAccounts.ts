import { gmailChannelsOf } from '#shared/settings/channels.ts';
import { pollAccount } from './pollAccount.ts';
import type { PollDependencies } from './pollDependencies.ts';

/** Polls all accounts at once; what goes wrong with one does not touch the others. */
export async function pollAccounts(deps: PollDependencies): Promise<void> {
  await Promise.all(gmailChannelsOf(deps.settings).map((channel) => pollAccount(deps, channel)));
}
