import type { MatchedRoute } from './httpPayload.ts';

/**
 * Finds the route as API Gateway does: a full match before one with variables before a greedy one before `$default`; the
 * method itself before ANY.
 */
export function matchRoute<Route extends { readonly routeKey: string }>(
  routes: readonly Route[],
  method: string,
  path: string,
): (Route & { readonly route: MatchedRoute }) | undefined {
  const candidates = routes.flatMap((route) => {
    if (route.routeKey === '$default') {
      return [{ route, pathParameters: {}, rank: 1000 }];
    }
    const [routeMethod = '', routePath = ''] = route.routeKey.split(' ');
    const pathParameters = matchPath(routePath, path);
    if (pathParameters === undefined || (routeMethod !== method && routeMethod !== 'ANY')) {
      return [];
    }
    const variables = Object.keys(pathParameters).length;
    const rank = (routePath.includes('+}') ? 100 : 0) + variables * 2 + (routeMethod === 'ANY' ? 1 : 0);
    return [{ route, pathParameters, rank }];
  });
  const [best] = candidates.toSorted((a, b) => a.rank - b.rank);
  return (
    best && { ...best.route, route: { routeKey: best.route.routeKey, pathParameters: best.pathParameters } }
  );
}

/** Segments match themselves, `{name}` any one segment, `{name+}` at the end all that are left. */
function matchPath(routePath: string, path: string): Record<string, string> | undefined {
  const wanted = routePath.split('/');
  const given = path.split('/');
  const parameters: Record<string, string> = {};
  const isMatch = wanted.every((segment, index) => {
    const variable = /^\{(\w+)(\+?)\}$/.exec(segment);
    if (variable === null) {
      return segment === given[index];
    }
    const [, name = '', greedy] = variable;
    const value = given.slice(index, greedy === '+' ? undefined : index + 1).join('/');
    parameters[name] = decodeSafely(value);
    return value !== '';
  });
  const isWhole = routePath.endsWith('+}') || wanted.length === given.length;
  return isMatch && isWhole ? parameters : undefined;
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
