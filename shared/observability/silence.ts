/** After this many minutes without a poll that went through, operators are told: ten, or three polls where they are rare. */
export function silentAfterMinutes({ pollMinutes }: { readonly pollMinutes: number }): number {
  return Math.max(10, 3 * pollMinutes);
}
