import { deduplicationId, type SelfCheckJob } from '#shared/jobs/jobs.ts';
import { reportedSecretsOf } from '#shared/settings/secrets.ts';
import { hourMilliseconds } from '#shared/time/durations.ts';
import type { SweepDependencies, SweepRun } from './sweepDependencies.ts';

/** Has the worker report what it can read of the secrets, when a report is missing or older than an hour. */
export async function queueSelfCheck(
  { settings, store, queue }: Pick<SweepDependencies, 'settings' | 'store' | 'queue'>,
  { id, startedAt }: SweepRun,
): Promise<void> {
  const reports = await Promise.all(
    reportedSecretsOf(settings).map((variable) => store.state.secretReportOf(variable)),
  );
  const oldest = startedAt.getTime() - hourMilliseconds;
  if (reports.some((report) => report === null || Date.parse(report.at) < oldest)) {
    const job: SelfCheckJob = { kind: 'self-check', cause: 'sweep', requestId: id };
    await queue.send(job, deduplicationId.selfCheck(job));
  }
}
