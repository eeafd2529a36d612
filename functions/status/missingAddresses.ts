import { isOurs } from '#shared/mail/hygiene/ownAddresses.ts';
import type { Issue } from '#shared/observability/conditions.ts';
import { ownAddresses } from '#shared/settings/channels.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { MissingAddresses } from '#shared/store/missingAddresses.ts';

/** Addresses of ours by which mail comes in and which the settings do not name yet. */
export async function missingAddressIssues(
  settings: Pick<Settings, 'channels'>,
  state: Pick<MissingAddresses, 'missingAddressesOf'>,
): Promise<readonly Issue[]> {
  const own = ownAddresses(settings);
  const issues = await Promise.all(
    settings.channels.map(async ({ alias }) =>
      (await state.missingAddressesOf(alias))
        .filter((address) => !isOurs(address, own))
        .map(
          (address): Issue => ({
            condition: 'OwnAddressMissing',
            says: `mail comes to "${alias}" by ${address}, which its ownAddresses does not name: enter it there, or drafts may copy it in`,
          }),
        ),
    ),
  );
  return issues.flat();
}
