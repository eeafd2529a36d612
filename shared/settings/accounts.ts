import type { Account, Settings } from './settings.ts';

/** Account that feeds a FreeScout mailbox, or undefined when the mailbox is not ours. */
export function accountOfMailbox(
  settings: Pick<Settings, 'accounts'>,
  mailboxId: number,
): Account | undefined {
  return settings.accounts.find((account) => account.mailboxId === mailboxId);
}

/** The FreeScout mailboxes that are fed, each once. */
export function mailboxIdsOf({ accounts }: Pick<Settings, 'accounts'>): readonly number[] {
  return [...new Set(accounts.map(({ mailboxId }) => mailboxId))];
}

/**
 * The addresses of ours that the settings name, lower-cased: mail from them is never ticketed and they are left out of cc lists.
 * Whether an address is one of them `isOurs` tells, which knows additions.
 */
export function ownAddresses(settings: Settings): ReadonlySet<string> {
  return new Set(
    settings.accounts
      .flatMap((account) => [account.gmailAddress, ...account.ownAddresses])
      .map((address) => address.toLowerCase()),
  );
}
