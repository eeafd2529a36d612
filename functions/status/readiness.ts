import type { ConfigurationCheck } from '#functions/runtime/configuration.ts';
import { asFailure } from '#shared/failure/failure.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { DraftProofs } from '#shared/store/draftProofs.ts';
import type { MissingAddresses } from '#shared/store/missingAddresses.ts';
import type { Clock } from '#shared/time/clock.ts';
import type { Figures } from './figures.ts';
import type { FreeScoutReadiness } from './freescoutReadiness.ts';
import { missingAddressWarnings } from './missingAddresses.ts';
import { refusedPolls, silentPolls, unknownLabels } from './pollReadiness.ts';

/** What the readiness check asks. */
export interface ReadinessDependencies {
  readonly settings: Settings;
  readonly checkConfiguration: ConfigurationCheck;
  readonly checkFreeScout: () => Promise<FreeScoutReadiness>;
  /** A conditional write to each table, by the table's name. */
  readonly probes: Readonly<Record<string, () => Promise<void>>>;
  readonly state: Pick<DraftProofs, 'getDraftProof'> & Pick<MissingAddresses, 'missingAddressesOf'>;
  readonly figures: () => Promise<Figures>;
  /** ISO 8601. */
  readonly deployedAt: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Time limit of one check. */
  readonly timeLimitMilliseconds: number;
}

export interface Readiness {
  readonly status: 'ready' | 'degraded' | 'not_ready';
  /** Everything that is wrong, in words for the operator; what keeps the system from being ready comes first. */
  readonly issues: readonly string[];
  /** What the companion module allows; null while FreeScout cannot be asked. */
  readonly draftMode: 'guarded' | 'managed' | null;
}

/** What one check found. */
interface Found {
  readonly issues?: readonly string[];
  readonly warnings?: readonly string[];
}

/** An answer is given again for this long: load balancers ask often, and every check costs calls. */
const keptMilliseconds = 30_000;
const oldJobMinutes = 15;

/**
 * Says whether the system can work, and lists all faults at once. Checks run side by side, each under a time limit, and none
 * throws.
 */
export function createReadiness(deps: ReadinessDependencies): (fresh: boolean) => Promise<Readiness> {
  let kept: { readonly since: number; readonly readiness: Promise<Readiness> } | null = null;
  return (fresh) => {
    const now = deps.clock.now().getTime();
    if (kept === null || fresh || now - kept.since >= keptMilliseconds) {
      kept = { since: now, readiness: checkAll(deps) };
    }
    return kept.readiness;
  };
}

async function checkAll(deps: ReadinessDependencies): Promise<Readiness> {
  const limited = (what: string, check: Promise<Found>) =>
    withinTime(check, deps.timeLimitMilliseconds, what);
  const isFreeScoutNamed = deps.settings.freescout.url !== '';
  let draftMode: Readiness['draftMode'] = null;
  const found: readonly Found[] = await Promise.all([
    limited('settings and secrets', configuration(deps)),
    isFreeScoutNamed
      ? limited(
          'FreeScout',
          deps.checkFreeScout().then((freescout) => {
            draftMode = freescout.draftMode;
            return freescout;
          }),
        )
      : {},
    ...Object.entries(deps.probes).map(([table, probe]) =>
      limited(
        `table ${table}`,
        probe().then(
          (): Found => ({}),
          (error: unknown) => ({ issues: [`table ${table} cannot be written (${nameOf(error)})`] }),
        ),
      ),
    ),
    limited('whether drafting is allowed', drafting(deps)),
    limited('the figures', figuresFound(deps)),
    limited('own addresses', ownAddressesFound(deps)),
  ]);
  const issues = found.flatMap((each) => each.issues ?? []);
  const warnings = found.flatMap((each) => each.warnings ?? []);
  const status = issues.length > 0 ? 'not_ready' : warnings.length > 0 ? 'degraded' : 'ready';
  if (status === 'not_ready') {
    deps.log.write('NOT_READY', { faults: issues.length });
  }
  return { status, issues: [...issues, ...warnings], draftMode };
}

async function configuration({ settings, checkConfiguration }: ReadinessDependencies): Promise<Found> {
  return {
    issues: await checkConfiguration({
      freescout: true,
      webhook: true,
      openai: true,
      channels: settings.channels.map(({ alias }) => alias),
    }),
  };
}

async function drafting({ settings, state }: ReadinessDependencies): Promise<Found> {
  const proof = await state.getDraftProof();
  return proof?.state === 'stopped' && proof.url === settings.freescout.url
    ? { issues: [`drafting stopped: ${proof.reason}; run doctor once FreeScout is mended`] }
    : {};
}

async function ownAddressesFound({ settings, state }: ReadinessDependencies): Promise<Found> {
  return { warnings: await missingAddressWarnings(settings, state) };
}

async function figuresFound(deps: ReadinessDependencies): Promise<Found> {
  const figures = await deps.figures();
  return {
    issues: refusedPolls(figures.polls),
    warnings: [
      ...queueWarnings(figures),
      ...(figures.failedForGood > 0
        ? [
            `${figures.failedForGood} row(s) failed for good and nothing repeats them: npm run csm -- failures says why; then replay --failed, or dismiss what needs nothing more`,
          ]
        : []),
      ...budgetWarnings(figures, deps.settings),
      ...(figures.missing > 0
        ? [`${figures.missing} message(s) were missing and only found by a gap check`]
        : []),
      ...unknownLabels(figures.polls, deps.settings),
      ...silentPolls(figures.polls, { ...deps, now: deps.clock.now() }),
    ],
  };
}

function queueWarnings({ queues, oldestJobSeconds }: Figures): readonly string[] {
  const minutes = Math.floor(oldestJobSeconds / 60);
  return [
    ...(queues.deadLetters > 0
      ? [`${queues.deadLetters} job(s) failed five times and wait in the dead-letter queue`]
      : []),
    ...(minutes >= oldJobMinutes ? [`the oldest job is ${minutes} minutes old`] : []),
  ];
}

function budgetWarnings(
  { waitingForBudget, meter }: Figures,
  { openai, limits }: Settings,
): readonly string[] {
  const { dailyUsd, monthlyUsd } = openai.budget;
  const usedUp = [
    ...(dailyUsd > 0 && meter.dayUsd >= dailyUsd ? [`$${dailyUsd} a day`] : []),
    ...(monthlyUsd > 0 && meter.monthUsd >= monthlyUsd ? [`$${monthlyUsd} a month`] : []),
    ...(limits.draftsPerDay > 0 && meter.draftsToday >= limits.draftsPerDay
      ? [`${limits.draftsPerDay} drafts a day`]
      : []),
  ];
  if (usedUp.length === 0 && waitingForBudget === 0) {
    return [];
  }
  // A call may be refused before the last cent is spent, so work that waits says the same.
  const limit = usedUp.length === 0 ? '' : ` (${usedUp.join(', ')})`;
  return [`the budget is used up${limit}: ${waitingForBudget} conversation(s) wait for it`];
}

/** What `check` found, or that it could not be found out in time or at all. */
async function withinTime(check: Promise<Found>, milliseconds: number, what: string): Promise<Found> {
  let timer: NodeJS.Timeout | undefined;
  const timeIsOver = new Promise<Found>((resolve) => {
    timer = setTimeout(
      () => resolve({ issues: [`${what} could not be checked within ${milliseconds / 1000} s`] }),
      milliseconds,
    );
  });
  const asked = check.catch((error: unknown) => ({
    issues: [`${what} cannot be read (${nameOf(error)})`],
  }));
  try {
    return await Promise.race([asked, timeIsOver]);
  } finally {
    clearTimeout(timer);
  }
}

/** Name of what the SDK or the store threw; messages of the SDK hold names of tables and accounts. */
function nameOf(error: unknown): string {
  const failure = asFailure(error);
  const cause = failure.cause;
  return cause instanceof Error ? cause.name : failure.code;
}
