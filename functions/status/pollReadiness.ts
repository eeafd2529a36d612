import type { Issue } from '#shared/observability/conditions.ts';
import { silentAfterMinutes } from '#shared/observability/silence.ts';
import { gmailChannelsOf } from '#shared/settings/channels.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { PollCursor, PollCursors } from '#shared/store/pollCursors.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';

/** Where the polls leave what {@link readPolls} reads. */
export type PollState = Pick<PollCursors, 'getPollCursor'>;

/** Where reading stands, for each channel that is polled. */
export function readPolls(
  settings: Pick<Settings, 'channels'>,
  state: PollState,
): Promise<readonly PollCursor[]> {
  return Promise.all(gmailChannelsOf(settings).map(({ alias }) => state.getPollCursor('gmail', alias)));
}

/** Channels that cannot be read until the operator does something. */
export function refusedPolls(polls: readonly PollCursor[]): readonly Issue[] {
  return polls.flatMap(({ account, fault }) => {
    switch (fault) {
      case 'gmail-invalid-grant':
        return [
          {
            condition: 'InvalidGrant',
            says: `Gmail refused the refresh token of "${account}" (invalid_grant): connect the account again with npm run csm -- connect gmail`,
          },
        ];
      case 'gmail-rejected':
        return [
          {
            condition: 'InvalidGrant',
            says: `Gmail refuses to be read for "${account}": switch the Gmail API on in the Google project and consent to the scope again`,
          },
        ];
      default:
        return [];
    }
  });
}

/** Labels of the settings that an account does not have, an issue for each account. */
export function unknownLabels(
  polls: readonly PollCursor[],
  { gmail: { excludedLabels, requiredLabels } }: Pick<Settings, 'gmail'>,
): readonly Issue[] {
  const asked = [...excludedLabels, ...requiredLabels];
  return polls.flatMap(({ account, labels }) => {
    const unknown = (labels?.named ?? []).filter(({ name, id }) => id === null && asked.includes(name));
    return unknown.length === 0
      ? []
      : [
          {
            condition: 'LabelsUnknown',
            says: `"${account}" has no Gmail label ${unknown.map(({ name }) => `"${name}"`).join(', ')}: mend gmail.excludedLabels or gmail.requiredLabels, or make the label in Gmail`,
          },
        ];
  });
}

/**
 * Channels of which no poll has gone through for too long.
 *
 * @param deployedAt - ISO 8601; counts where there was no poll yet.
 */
export function silentPolls(
  polls: readonly PollCursor[],
  {
    settings,
    now,
    deployedAt,
  }: { readonly settings: Pick<Settings, 'gmail'>; readonly now: Date; readonly deployedAt: string },
): readonly Issue[] {
  const allowedMinutes = silentAfterMinutes(settings.gmail);
  return polls.flatMap(({ account, polledAt, fault }) => {
    const silentMilliseconds = now.getTime() - Date.parse(polledAt ?? deployedAt);
    const because = fault === null ? '' : `: ${fault}`;
    return silentMilliseconds > allowedMinutes * minuteMilliseconds
      ? [
          {
            condition: 'PollerSilent',
            says: `no poll of "${account}" has succeeded for ${allowedMinutes} minutes${because}`,
          },
        ]
      : [];
  });
}
