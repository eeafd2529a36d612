import { isSameSecret } from '#shared/http/sameSecret.ts';
import type { Issue } from '#shared/observability/conditions.ts';
import type { Clock } from '#shared/time/clock.ts';
import type { MetricsBody } from './figures.ts';
import type { ReadinessAnswer, Wanted } from './keptAnswer.ts';
import { prometheusText } from './prometheusText.ts';

export interface StatusDependencies {
  readonly readiness: (wanted: Wanted) => Promise<ReadinessAnswer>;
  readonly metrics: () => Promise<MetricsBody>;
  /** Token that opens details and figures; null = not configured, nobody gets them. */
  readonly token: () => Promise<string | null>;
  readonly clock: Clock;
}

export interface StatusRequest {
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface StatusAnswer {
  readonly statusCode: 200 | 401 | 404 | 503;
  /** Text goes out as it is, everything else as JSON. */
  readonly body: string | Readonly<Record<string, unknown>>;
}

/**
 * Answers `GET /health`, `/ready` and `/metrics`. Without the status token (`Authorization: Bearer …`) `/ready` says only whether
 * the system is ready and when that was checked, not why, and `/metrics` says nothing. With the token and `Cache-Control: no-cache`,
 * `/ready` runs its checks now.
 */
export async function answerStatus(
  deps: StatusDependencies,
  { path, headers }: StatusRequest,
): Promise<StatusAnswer> {
  switch (path) {
    case '/health':
      return { statusCode: 200, body: { status: 'ok', timestamp: deps.clock.now().toISOString() } };
    case '/ready': {
      const trusted = await isTrusted(deps, headers.authorization);
      const fresh = trusted && /\bno-cache\b/i.test(headers['cache-control'] ?? '');
      const { status, issues, draftMode, checkedAt } = await deps.readiness(fresh ? 'fresh' : 'kept');
      return {
        statusCode: status === 'not_ready' ? 503 : 200,
        body: {
          status,
          checkedAt,
          ageSeconds: ageSeconds(checkedAt, deps.clock),
          ...(trusted ? { mode: draftMode, ...(issues.length > 0 ? told(issues) : {}) } : {}),
        },
      };
    }
    case '/metrics': {
      if (!(await isTrusted(deps, headers.authorization))) {
        return { statusCode: 401, body: { message: 'the status token is missing or wrong' } };
      }
      const body = await deps.metrics();
      return { statusCode: 200, body: wantsText(headers.accept) ? prometheusText(body) : body };
    }
    default:
      return { statusCode: 404, body: { message: 'Not Found' } };
  }
}

function ageSeconds(checkedAt: string | null, clock: Clock): number | null {
  return checkedAt === null
    ? null
    : Math.max(0, Math.round((clock.now().getTime() - Date.parse(checkedAt)) / 1000));
}

/** Sentences for people, and the names of what they are about for machines. */
function told(issues: readonly Issue[]) {
  return {
    issues: issues.map(({ says }) => says),
    conditions: [...new Set(issues.map(({ condition }) => condition))],
  };
}

/** Some HTTP clients list every type they know; a client that lists JSON too gets JSON. */
function wantsText(accept = ''): boolean {
  return /\btext\/plain\b/i.test(accept) && !/\bapplication\/json\b/i.test(accept);
}

async function isTrusted(deps: StatusDependencies, authorization: string | undefined): Promise<boolean> {
  const given = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
  if (given === undefined) {
    return false;
  }
  try {
    const token = await deps.token();
    return token !== null && isSameSecret(given, token);
  } catch {
    return false;
  }
}
