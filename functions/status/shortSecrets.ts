import type { Issue } from '#shared/observability/conditions.ts';
import { fillingsOf, shortestSecret } from '#shared/settings/secretFillings.ts';
import type { Secrets } from '#shared/settings/secrets.ts';

/** Secrets of an operator's choice that a stranger could guess. One that is missing or cannot be read is told elsewhere. */
export async function shortSecretIssues(
  secrets: Pick<Secrets, 'freescout' | 'status'>,
): Promise<readonly Issue[]> {
  const [freescout, status] = await Promise.all([
    secrets.freescout().then(fillingsOf, () => null),
    secrets.status().then(fillingsOf, () => null),
  ]);
  const tooShort = `is shorter than ${shortestSecret} characters`;
  return [
    ...(freescout?.webhookSecretPrevious === 'short'
      ? [
          `FREESCOUT_WEBHOOK_SECRET_PREVIOUS ${tooShort}, so it is not accepted (FreeScout secret: webhookSecretPrevious)`,
        ]
      : []),
    ...(status?.token === 'short'
      ? [`the status token ${tooShort}: choose a longer one (Status secret: token)`]
      : []),
  ].map((says): Issue => ({ condition: 'SecretTooShort', says }));
}
