/** Counts calls to other systems, for all processes together. */
export interface CallLimits {
  /**
   * Takes up to `count` calls out of the window of the clock that `at` lies in. All callers that give the same name share the limit.
   *
   * @returns how many calls were taken: fewer than `count` when the window has no more, 0 when it has none.
   */
  takeCalls(
    name: string,
    count: number,
    limit: { readonly maxRequests: number; readonly windowSeconds: number },
    at: Date,
  ): Promise<number>;
}
