import { asFailure } from '#shared/failure/failure.ts';

/** Name of what the SDK or the store threw; messages of the SDK hold names of tables and accounts. */
export function causeName(error: unknown): string {
  const failure = asFailure(error);
  const cause = failure.cause;
  return cause instanceof Error ? cause.name : failure.code;
}
