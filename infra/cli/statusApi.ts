import * as z from 'zod';
import { commandFetch } from './commandFetch.ts';
import type { Deployment } from './deployment.ts';
import { CommandFailed } from './terminal.ts';

const readySchema = z.looseObject({
  status: z.string(),
  /** Told with the token only. */
  mode: z.string().nullable(),
  issues: z.array(z.string()).default([]),
});
export type Ready = z.output<typeof readySchema>;

const figuresSchema = z.record(z.string(), z.unknown());

type StatusDeployment = Pick<Deployment, 'api' | 'secrets'>;

/**
 * What `/ready` says with the status token.
 *
 * @throws {CommandFailed} when there is no answer, or none to that token.
 */
export async function readReady(deployment: StatusDeployment): Promise<Ready> {
  const { status, body } = await ask(deployment, '/ready');
  if (z.object({ status: z.string(), mode: z.never().optional() }).safeParse(body).success) {
    throw refusedToken(deployment);
  }
  const ready = readySchema.safeParse(body);
  if (!ready.success || ![200, 503].includes(status)) {
    throw new CommandFailed(
      `${deployment.api}/ready answered ${status}. Look for errors of the status function.`,
    );
  }
  return ready.data;
}

/**
 * What `/metrics` says.
 *
 * @throws {CommandFailed} as {@link readReady}.
 */
export async function readMetrics(deployment: StatusDeployment): Promise<z.output<typeof figuresSchema>> {
  const { status, body } = await ask(deployment, '/metrics');
  if (status === 401) {
    throw refusedToken(deployment);
  }
  const figures = figuresSchema.safeParse(body);
  if (!figures.success || status !== 200) {
    throw new CommandFailed(
      `${deployment.api}/metrics answered ${status}. Look for errors of the status function.`,
    );
  }
  return figures.data;
}

function refusedToken({ api }: StatusDeployment): CommandFailed {
  return new CommandFailed(
    `${api} does not take the status token: the status function reads a changed one within ten minutes. Until then it tells nothing.`,
  );
}

async function ask(
  deployment: StatusDeployment,
  path: string,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const { token } = await deployment.secrets.status();
  try {
    const { status, json } = await commandFetch(`${deployment.api}${path}`, {
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token ?? ''}`,
        // The status function keeps an answer for a while; a command needs a fresh one.
        'cache-control': 'no-cache',
      },
    });
    return { status, body: json };
  } catch (error) {
    if (error instanceof CommandFailed) {
      throw error;
    }
    throw new CommandFailed(
      `${deployment.api}${path} does not answer (${error instanceof Error ? error.name : 'no answer'}). Check that the system runs and that this machine reaches it.`,
    );
  }
}
