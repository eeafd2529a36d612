import { z } from 'zod';
import type { Home } from './home.ts';
import { CommandFailed } from './terminal.ts';

const readySchema = z.looseObject({
  status: z.string(),
  mode: z.string().nullish(),
  issues: z.array(z.string()).default([]),
});
export type Ready = z.output<typeof readySchema>;

/** What `/ready` says with the status token. */
export async function readReady(home: Home): Promise<Ready> {
  return readySchema.parse(await ask(home, '/ready'));
}

/** What `/metrics` says. */
export async function readMetrics(home: Home): Promise<Readonly<Record<string, unknown>>> {
  return z.record(z.string(), z.unknown()).parse(await ask(home, '/metrics'));
}

async function ask(home: Home, path: string): Promise<unknown> {
  const { token } = await home.secrets.status();
  try {
    const answer = await fetch(`${home.api}${path}`, {
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token ?? ''}`,
        // The checks are to be made anew, not told from memory.
        'cache-control': 'no-cache',
      },
      signal: AbortSignal.timeout(30_000),
    });
    return await answer.json();
  } catch (error) {
    throw new CommandFailed(
      `${home.api}${path} does not answer (${error instanceof Error ? error.name : 'no answer'}). Check that the system runs and that this machine reaches it.`,
    );
  }
}
