import { stringify as nodesStringify, type ParsedUrlQueryInput } from 'node:querystring';

/**
 * Stands in for `qs`, of which Google's client uses one call (`arrayFormat: 'repeat'`): a list is its name repeated, what is not
 * defined is left out. Node's own module does the first.
 */
export function stringify(parameters: ParsedUrlQueryInput): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return nodesStringify(Object.fromEntries(given));
}
