/** Every text, number, boolean and null in a value, whatever the names that lead to it. */
export function leavesOf(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [value];
}
