import type { FreeScoutClient } from '#shared/freescout/freescoutClient.ts';
import { asFailure } from '#shared/jobs/failure.ts';
import { gmailSecretVariable, type Secrets } from '#shared/settings/secrets.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { SystemState } from '#shared/store/systemState.ts';

/** What the readiness check asks. */
export interface ReadinessDependencies {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly freescout: Pick<FreeScoutClient, 'listMailboxes' | 'listUsers' | 'companionVersion'>;
  readonly state: Pick<SystemState, 'probe' | 'getDraftProof' | 'getGmailCursor'>;
}

export interface Readiness {
  /** Every fault at once, in words for the operator; empty = ready. */
  readonly issues: readonly string[];
  /** What the companion module allows; null while FreeScout cannot be asked. */
  readonly draftMode: 'guarded' | 'managed' | null;
}

/** FreeScout's own secret key has 32 characters; a shorter one of an operator's choice must not be guessable. */
const shortestWebhookSecret = 16;

/** Checks everything that has to be there before the first mail can become a draft. Checks run side by side; none throws. */
export async function checkReadiness(deps: ReadinessDependencies): Promise<Readiness> {
  const [secrets, freescout, tables, drafting, gmail] = await Promise.all([
    secretIssues(deps),
    freescoutIssues(deps),
    tableIssues(deps),
    draftingIssues(deps),
    gmailIssues(deps),
  ]);
  return {
    issues: [...secrets, ...freescout.issues, ...tables, ...drafting, ...gmail],
    draftMode: freescout.draftMode,
  };
}

async function secretIssues({ settings, secrets }: ReadinessDependencies): Promise<readonly string[]> {
  const [freescout, openai, ...gmail] = await Promise.all([
    readable(secrets.freescout(), 'SECRET_FREESCOUT'),
    readable(secrets.openai(), 'SECRET_OPENAI'),
    ...settings.accounts.map(({ alias }) => readable(secrets.gmail(alias), gmailSecretVariable(alias))),
  ]);
  const issues: string[] =
    settings.freescout.url === '' ? ['FREESCOUT_URL not configured (settings: freescout.url)'] : [];
  if (typeof freescout === 'string') {
    issues.push(freescout);
  } else {
    if (freescout.apiKey === null) {
      issues.push('FREESCOUT_KEY not configured (FreeScout secret: apiKey)');
    }
    if (settings.freescout.webhookEnabled && freescout.webhookSecret === null) {
      issues.push('FREESCOUT_WEBHOOK_SECRET not configured (FreeScout secret: webhookSecret)');
    }
    if (freescout.webhookSecret !== null && freescout.webhookSecret.length < shortestWebhookSecret) {
      issues.push(`FREESCOUT_WEBHOOK_SECRET is shorter than ${shortestWebhookSecret} characters`);
    }
  }
  if (typeof openai === 'string') {
    issues.push(openai);
  } else if (openai.apiKey === null) {
    issues.push('OPENAI_API_KEY not configured (OpenAI secret: apiKey)');
  }
  settings.accounts.forEach(({ alias }, index) => {
    const secret = gmail[index];
    if (typeof secret === 'string') {
      issues.push(secret);
    } else if (!secret?.clientId || !secret.clientSecret || !secret.refreshToken) {
      issues.push(
        `Gmail account "${alias}" not configured (Gmail secret: clientId, clientSecret, refreshToken)`,
      );
    }
  });
  return issues;
}

async function readable<Secret>(reading: Promise<Secret>, name: string): Promise<Secret | string> {
  try {
    return await reading;
  } catch (thrown) {
    return `${name}: ${asFailure(thrown).message}`;
  }
}

async function freescoutIssues({ settings, freescout }: ReadinessDependencies): Promise<Readiness> {
  if (settings.freescout.url === '') {
    return { issues: [], draftMode: null };
  }
  try {
    const [mailboxes, users, companion] = await Promise.all([
      freescout.listMailboxes(),
      freescout.listUsers(),
      freescout.companionVersion(),
    ]);
    const { botUserId } = settings.freescout;
    return {
      issues: [
        ...settings.accounts
          .filter(({ mailboxId }) => !mailboxes.some(({ id }) => id === mailboxId))
          .map(({ mailboxId }) => `mailbox ${mailboxId} does not exist in FreeScout`),
        ...(users.some(({ id }) => id === botUserId)
          ? []
          : [`bot user ${botUserId} does not exist in FreeScout`]),
      ],
      draftMode: companion === null ? 'guarded' : 'managed',
    };
  } catch (thrown) {
    return { issues: [asFailure(thrown).message], draftMode: null };
  }
}

async function tableIssues({ state }: ReadinessDependencies): Promise<readonly string[]> {
  try {
    await state.probe();
    return [];
  } catch {
    return ['The tables cannot be written'];
  }
}

async function draftingIssues({ settings, state }: ReadinessDependencies): Promise<readonly string[]> {
  try {
    const proof = await state.getDraftProof();
    return proof?.state === 'stopped' && proof.url === settings.freescout.url
      ? [`drafting stopped: ${proof.reason}`]
      : [];
  } catch {
    return ['Whether drafting is allowed cannot be read'];
  }
}

async function gmailIssues({ settings, state }: ReadinessDependencies): Promise<readonly string[]> {
  try {
    const cursors = await Promise.all(settings.accounts.map(({ alias }) => state.getGmailCursor(alias)));
    return cursors
      .filter(({ fault }) => fault === 'gmail-invalid-grant')
      .map(
        ({ account }) =>
          `Gmail refused the refresh token of "${account}" (invalid_grant): connect the account again`,
      );
  } catch {
    return ['How the polls of Gmail went cannot be read'];
  }
}
