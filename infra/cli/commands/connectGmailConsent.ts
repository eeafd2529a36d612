import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { CodeChallengeMethod, OAuth2Client } from 'google-auth-library';
import * as z from 'zod';
import { redirectIn } from '#shared/channels/gmail/gmailFailures.ts';
import { boundedFetch, mostBytesOfAnswer } from '#shared/http/boundedFetch.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';
import { commandFetch } from '../commandFetch.ts';
import { CommandFailed, type Terminal } from '../terminal.ts';

export interface ConsentOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
  /** Address to be proposed. */
  readonly loginHint: string;
  /** null: Google's. */
  readonly tokenUrl: string | null;
  readonly rootUrl: string;
}

const patienceMilliseconds = 5 * minuteMilliseconds;
const profileSchema = z.object({ emailAddress: z.string() });

/**
 * Asks a person for consent in the browser and waits on 127.0.0.1 for the answer, with PKCE, so that the code is of use to nobody
 * else.
 *
 * @see https://developers.google.com/identity/protocols/oauth2/native-app
 * @throws {CommandFailed} when it was refused, took too long, or did not cover what is needed.
 */
export async function consentInBrowser(
  terminal: Terminal,
  options: ConsentOptions,
): Promise<{ readonly refreshToken: string; readonly address: string }> {
  const state = randomBytes(16).toString('hex');
  const { server, redirectUri, code } = await listenForCode(state);
  try {
    const client = new OAuth2Client({
      clientId: options.clientId,
      clientSecret: options.clientSecret,
      redirectUri,
      transporterOptions: { fetchImplementation: boundedFetch(mostBytesOfAnswer) },
      ...(options.tokenUrl === null
        ? {}
        : {
            endpoints: {
              oauth2TokenUrl: options.tokenUrl,
              oauth2AuthBaseUrl: new URL('/o/oauth2/v2/auth', options.tokenUrl).href,
            },
          }),
    });
    const { codeVerifier, codeChallenge } = await client.generateCodeVerifierAsync();
    const url = client.generateAuthUrl({
      access_type: 'offline',
      // Without it Google gives a refresh token at the first consent only.
      prompt: 'consent',
      scope: options.scope,
      login_hint: options.loginHint,
      state,
      code_challenge_method: CodeChallengeMethod.S256,
      ...(codeChallenge === undefined ? {} : { code_challenge: codeChallenge }),
    });
    terminal.err(
      `Consent in the browser as ${options.loginHint}. If none opens, open this address on this machine:\n${url}\n`,
    );
    terminal.openBrowser(url);
    const { tokens } = await client.getToken({ code: await code, codeVerifier }).catch((error: unknown) => {
      if (error instanceof CommandFailed) {
        throw error;
      }
      const redirect = redirectIn(error);
      throw new CommandFailed(
        redirect === null
          ? 'Google did not take the consent: is the client id with its secret right? Nothing was stored.'
          : `Google's token endpoint answered ${redirect}. Set gmail.tokenUrl to the address it leads to. Nothing was stored.`,
      );
    });
    const granted = (tokens.scope ?? '').split(' ');
    if (!granted.includes(options.scope)) {
      throw new CommandFailed(
        `The consent does not cover ${options.scope}: tick it on Google's page. Nothing was stored.`,
      );
    }
    if (!tokens.refresh_token || !tokens.access_token) {
      throw new CommandFailed('Google gave no refresh token. Nothing was stored; consent again.');
    }
    return {
      refreshToken: tokens.refresh_token,
      address: await addressOf(options.rootUrl, tokens.access_token),
    };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function listenForCode(state: string) {
  const answered = Promise.withResolvers<string>();
  // Who waits for it comes a moment later.
  answered.promise.catch(() => {});
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://127.0.0.1').searchParams;
    const code = query.get('code');
    const isOurs = query.get('state') === state;
    if (!isOurs || (code === null && query.get('error') === null)) {
      response.writeHead(404).end();
      return;
    }
    const isGiven = code !== null;
    response
      .writeHead(isGiven ? 200 : 403, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
      .end(
        isGiven
          ? 'Thank you. Go back to the terminal; this page can be closed.\n'
          : 'You refused. Nothing was stored.\n',
      );
    if (isGiven) {
      answered.resolve(code);
    } else {
      answered.reject(new CommandFailed('The consent was refused. Nothing was stored.'));
    }
  });
  const timer = setTimeout(
    () => answered.reject(new CommandFailed('Nobody consented within five minutes. Nothing was stored.')),
    patienceMilliseconds,
  );
  server.once('close', () => clearTimeout(timer));
  const redirectUri = await listen(server);
  return { server, redirectUri, code: answered.promise };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

async function addressOf(rootUrl: string, accessToken: string): Promise<string> {
  const answer = await commandFetch(new URL('/gmail/v1/users/me/profile', rootUrl), {
    headers: { authorization: `Bearer ${accessToken}` },
  }).catch((error: unknown) => {
    if (error instanceof CommandFailed) {
      throw error;
    }
    return null;
  });
  const parsed = profileSchema.safeParse(answer?.json);
  if (!parsed.success) {
    throw new CommandFailed(
      'The Gmail API does not tell whose mailbox this is: is it switched on in the Google project? Nothing was stored.',
    );
  }
  return parsed.data.emailAddress;
}
