import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '#shared/jobs/clock.ts';
import { collectFigures, type FiguresDependencies } from './figures.ts';
import { checkReadiness, type ReadinessDependencies } from './readiness.ts';

export interface StatusDependencies {
  readonly readiness: ReadinessDependencies;
  readonly figures: FiguresDependencies;
  /** Token that opens details and figures; null = not configured, nobody gets them. */
  readonly token: () => Promise<string | null>;
  readonly clock: Clock;
}

export interface StatusAnswer {
  readonly statusCode: 200 | 401 | 404 | 503;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * Answers `GET /health`, `/ready` and `/metrics`. Without the status token (`Authorization: Bearer …`) `/ready` says only whether,
 * not why, and `/metrics` nothing.
 */
export async function answerStatus(
  deps: StatusDependencies,
  path: string,
  authorization: string | undefined,
): Promise<StatusAnswer> {
  switch (path) {
    case '/health':
      return { statusCode: 200, body: { status: 'ok', timestamp: deps.clock.now().toISOString() } };
    case '/ready': {
      const [{ issues, draftMode }, trusted] = await Promise.all([
        checkReadiness(deps.readiness),
        isTrusted(deps, authorization),
      ]);
      return issues.length === 0
        ? { statusCode: 200, body: { status: 'ready', ...(trusted ? { mode: draftMode } : {}) } }
        : { statusCode: 503, body: { status: 'not_ready', ...(trusted ? { mode: draftMode, issues } : {}) } };
    }
    case '/metrics':
      return (await isTrusted(deps, authorization))
        ? { statusCode: 200, body: await collectFigures(deps.figures) }
        : { statusCode: 401, body: { message: 'the status token is missing or wrong' } };
    default:
      return { statusCode: 404, body: { message: 'Not Found' } };
  }
}

async function isTrusted(deps: StatusDependencies, authorization: string | undefined): Promise<boolean> {
  const given = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
  if (given === undefined) {
    return false;
  }
  try {
    const token = await deps.token();
    return token !== null && timingSafeEqual(digest(given), digest(token));
  } catch {
    return false;
  }
}

function digest(text: string): Buffer {
  return createHmac('sha256', 'comparison').update(text).digest();
}
