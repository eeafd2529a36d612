import type { ConfigurationCheck } from '#functions/runtime/configuration.ts';
import { type ConditionName, conditions, type Issue } from '#shared/observability/conditions.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import { examplesInEarnest } from '#shared/settings/exampleSettings.ts';
import type { Secrets } from '#shared/settings/secrets.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { DraftProofs } from '#shared/store/draftProofs.ts';
import type { MissingAddresses } from '#shared/store/missingAddresses.ts';
import type { Readiness } from '#shared/store/readiness.ts';
import type { RememberedFaults } from '#shared/store/rememberedFaults.ts';
import type { Clock } from '#shared/time/clock.ts';
import { causeName } from './causeName.ts';
import type { Figures } from './figures.ts';
import type { FreeScoutReadiness } from './freescoutReadiness.ts';
import { missingAddressIssues } from './missingAddresses.ts';
import { refusedPolls, silentPolls, unknownLabels } from './pollReadiness.ts';
import { rememberedIssues } from './rememberedFaults.ts';
import { shortSecretIssues } from './shortSecrets.ts';

/** What the readiness check asks. */
export interface ReadinessDependencies {
  readonly settings: Settings;
  readonly checkConfiguration: ConfigurationCheck;
  readonly secrets: Pick<Secrets, 'freescout' | 'status'>;
  readonly checkFreeScout: () => Promise<FreeScoutReadiness>;
  /** A conditional write to each table, by the table's name. */
  readonly probes: Readonly<Record<string, () => Promise<void>>>;
  readonly state: Pick<DraftProofs, 'getDraftProof'> &
    Pick<MissingAddresses, 'missingAddressesOf'> &
    Pick<RememberedFaults, 'rememberedFaults'>;
  readonly figures: () => Promise<Figures>;
  /** ISO 8601. */
  readonly deployedAt: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Time limit of one check. */
  readonly timeLimitMilliseconds: number;
}

const oldJobMinutes = 15;
/** Share of a budget from which operators are told of it. */
const almostUsed = 0.8;

/**
 * Says whether the system can work, and lists all faults at once. Checks run side by side, each under a time limit, and none
 * throws.
 */
export async function checkAll(deps: ReadinessDependencies): Promise<Readiness> {
  const limited = (condition: ConditionName, what: string, check: Promise<readonly Issue[]>) =>
    withinTime(check, deps.timeLimitMilliseconds, condition, what);
  const isFreeScoutNamed = deps.settings.freescout.url !== '';
  let draftMode: Readiness['draftMode'] = null;
  const found = await Promise.all([
    limited('NotConfigured', 'settings and secrets', configuration(deps)),
    isFreeScoutNamed
      ? limited(
          'FreeScoutFailing',
          'FreeScout',
          deps.checkFreeScout().then((freescout) => {
            draftMode = freescout.draftMode;
            return freescout.issues;
          }),
        )
      : [],
    ...Object.entries(deps.probes).map(([table, probe]) =>
      limited(
        'TableUnwritable',
        `table ${table}`,
        probe().then(
          () => [],
          (error: unknown) => [
            { condition: 'TableUnwritable', says: `table ${table} cannot be written (${causeName(error)})` },
          ],
        ),
      ),
    ),
    limited('TableUnwritable', 'whether drafting is allowed', drafting(deps)),
    limited('TableUnwritable', 'the figures', figuresFound(deps)),
    limited('SecretTooShort', 'the length of secrets', shortSecretIssues(deps.secrets)),
    limited('TableUnwritable', 'what other functions met', rememberedIssues(deps)),
    examplesFound(deps.settings),
    limited('TableUnwritable', 'own addresses', missingAddressIssues(deps.settings, deps.state)),
  ]);
  const keepsFromWork = ({ condition }: Issue) => conditions[condition].level === 'not_ready';
  const issues = found.flat();
  const faults = issues.filter(keepsFromWork);
  const status = faults.length > 0 ? 'not_ready' : issues.length > 0 ? 'degraded' : 'ready';
  if (status === 'not_ready') {
    deps.log.write('NOT_READY', { faults: faults.length });
  }
  return { status, issues: [...faults, ...issues.filter((issue) => !keepsFromWork(issue))], draftMode };
}

function examplesFound(settings: Settings): readonly Issue[] {
  return examplesInEarnest(settings).map((example) => ({
    condition: 'ExampleSettings',
    says:
      example.setting === 'address'
        ? `"${example.alias}" has the example address ${example.address}: enter the address that customers write to (channels)`
        : 'drafts speak for "our company": enter its name in persona.company, and what it does in persona.about',
  }));
}

async function configuration({
  settings,
  checkConfiguration,
}: ReadinessDependencies): Promise<readonly Issue[]> {
  const faults = await checkConfiguration({
    freescout: true,
    webhook: true,
    openai: true,
    channels: settings.channels.map(({ alias }) => alias),
  });
  return faults.map((says) => ({ condition: 'NotConfigured', says }));
}

async function drafting({ settings, state }: ReadinessDependencies): Promise<readonly Issue[]> {
  const proof = await state.getDraftProof();
  return proof?.state === 'stopped' && proof.url === settings.freescout.url
    ? [
        {
          condition: 'DraftingStopped',
          says: `drafting stopped: ${proof.reason}; run doctor once FreeScout is mended`,
        },
      ]
    : [];
}

async function figuresFound(deps: ReadinessDependencies): Promise<readonly Issue[]> {
  const figures = await deps.figures();
  return [
    ...refusedPolls(figures.polls),
    ...queueIssues(figures),
    ...issueIf(
      figures.failedForGood > 0,
      'FailedForGood',
      `${figures.failedForGood} row(s) failed for good and nothing repeats them: npm run csm -- failures says why; then replay --failed, or dismiss what needs nothing more`,
    ),
    ...budgetIssues(figures, deps.settings),
    ...issueIf(
      figures.missing > 0,
      'MailMissing',
      `${figures.missing} message(s) were missing and only found by a gap check`,
    ),
    ...unknownLabels(figures.polls, deps.settings),
    ...silentPolls(figures.polls, { ...deps, now: deps.clock.now() }),
  ];
}

function issueIf(isSo: boolean, condition: ConditionName, says: string): readonly Issue[] {
  return isSo ? [{ condition, says }] : [];
}

function queueIssues({ queues, oldestJobSeconds }: Figures): readonly Issue[] {
  const minutes = Math.floor(oldestJobSeconds / 60);
  return [
    ...issueIf(
      queues.deadLetters > 0,
      'DeadLetters',
      `${queues.deadLetters} job(s) failed five times and wait in the dead-letter queue`,
    ),
    ...issueIf(minutes >= oldJobMinutes, 'OldestJob', `the oldest job is ${minutes} minutes old`),
  ];
}

function budgetIssues({ waitingForBudget, meter }: Figures, { openai, limits }: Settings): readonly Issue[] {
  const { dailyUsd, monthlyUsd } = openai.budget;
  const parts = [
    { used: meter.dayUsd, most: dailyUsd, limit: `$${dailyUsd} a day`, setting: 'openai.budget.dailyUsd' },
    {
      used: meter.monthUsd,
      most: monthlyUsd,
      limit: `$${monthlyUsd} a month`,
      setting: 'openai.budget.monthlyUsd',
    },
    {
      used: meter.draftsToday,
      most: limits.draftsPerDay,
      limit: `${limits.draftsPerDay} drafts a day`,
      setting: 'limits.draftsPerDay',
    },
  ].filter(({ most }) => most > 0);
  const usedUp = parts.filter(({ used, most }) => used >= most).map(({ limit }) => limit);
  // A call may be refused before the last cent is spent, so work that waits says the same.
  const limit = usedUp.length === 0 ? '' : ` (${usedUp.join(', ')})`;
  const almost = parts.filter(({ used, most }) => used < most && used >= almostUsed * most);
  return [
    ...issueIf(
      usedUp.length > 0 || waitingForBudget > 0,
      'BudgetUsedUp',
      `the budget is used up${limit}: ${waitingForBudget} conversation(s) wait for it`,
    ),
    ...almost.map(
      ({ used, most, limit: whole, setting }): Issue => ({
        condition: 'BudgetAlmostUsed',
        says: `${Math.floor((used / most) * 100)} % of the budget of ${whole} are used: look for a flood of mail with status, or raise ${setting}`,
      }),
    ),
  ];
}

/** What `check` found; or that `what` could not be found out in time or at all, which counts as `condition`. */
async function withinTime(
  check: Promise<readonly Issue[]>,
  milliseconds: number,
  condition: ConditionName,
  what: string,
): Promise<readonly Issue[]> {
  let timer: NodeJS.Timeout | undefined;
  const timeIsOver = new Promise<readonly Issue[]>((resolve) => {
    timer = setTimeout(
      () => resolve([{ condition, says: `${what} could not be checked within ${milliseconds / 1000} s` }]),
      milliseconds,
    );
  });
  const asked = check.catch((error: unknown): readonly Issue[] => [
    { condition, says: `${what} cannot be read (${causeName(error)})` },
  ]);
  try {
    return await Promise.race([asked, timeIsOver]);
  } finally {
    clearTimeout(timer);
  }
}
