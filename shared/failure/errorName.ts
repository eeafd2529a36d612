/** Name of what was thrown, for a log line: the message may hold what no log may. */
export function errorNameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : typeof thrown;
}
