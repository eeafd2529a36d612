import {
  boundedFetch,
  isRedirect,
  mostBytesOfAnswer,
  redirectNotFollowed,
} from '#shared/http/boundedFetch.ts';
import { parseJson } from '#shared/http/parseJson.ts';
import { CommandFailed } from './terminal.ts';

const timeoutMilliseconds = 30_000;

const bounded = boundedFetch(mostBytesOfAnswer);

export interface CommandAnswer {
  readonly status: number;
  readonly text: string;
  /** undefined: the text is no JSON. */
  readonly json: unknown;
}

/**
 * A call that a command makes itself.
 *
 * @throws {CommandFailed} for a redirect; the error of `fetch` when there is no answer, none in time or far too large a one.
 */
export async function commandFetch(url: string | URL, init: RequestInit): Promise<CommandAnswer> {
  const answer = await bounded(url, { ...init, signal: AbortSignal.timeout(timeoutMilliseconds) });
  const { status, headers } = answer;
  if (isRedirect(status)) {
    const { origin } = new URL(url);
    throw new CommandFailed(
      `${origin} answered ${status}, ${redirectNotFollowed(headers)}. Set the address it leads to.`,
    );
  }
  const text = await answer.text();
  return { status, text, json: parseJson(text) };
}
