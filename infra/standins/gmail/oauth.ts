import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';

/** Google's consent page and token endpoint, with grants that can be revoked. */
export interface Oauth {
  readonly refreshTokenOf: (address: string) => string;
  /** The consent page. Opening it is consent; it redirects back with a code. */
  readonly consent: (query: URLSearchParams) => Response;
  /** Answers a token request; undefined when it is of another kind. */
  readonly answer: (form: URLSearchParams) => Response | undefined;
  /** The account an access token was given for; undefined for an unknown one; `expired` after `expireTokens`. */
  readonly accountOf: (accessToken: string) => string | 'expired' | undefined;
  readonly expireTokens: () => void;
  /** While revoked, every refresh is answered `invalid_grant`. */
  readonly setRevoked: (revoked: boolean) => void;
}

const lifetimeSeconds = 3599;
const readonly = 'https://www.googleapis.com/auth/gmail.readonly';

/** Of a service account's request, which Google would check the signature of. */
const claimsSchema = z.object({ sub: z.string(), scope: z.string() });

/** @param accounts Gmail addresses; a refresh token of none of them stands for the first. */
export function createOauth(accounts: readonly string[]): Oauth {
  const issued = new Map<string, string>();
  const expired = new Set<string>();
  const consents = new Map<string, URLSearchParams>();
  let revoked = false;
  const refreshTokenOf = (address: string) => `refresh-${Buffer.from(address).toString('base64url')}`;
  const refused = () =>
    Response.json(
      { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
      { status: 400 },
    );
  const granted = (address: string, scope: string, further: Readonly<Record<string, string>> = {}) => {
    const accessToken = `ya29.${randomBytes(24).toString('base64url')}`;
    issued.set(accessToken, address);
    return Response.json({
      access_token: accessToken,
      expires_in: lifetimeSeconds,
      scope,
      token_type: 'Bearer',
      ...further,
    });
  };
  const grants: Readonly<Record<string, (form: URLSearchParams) => Response>> = {
    refresh_token: (form) => {
      const refreshToken = form.get('refresh_token') ?? '';
      if (revoked || refreshToken === '') {
        return refused();
      }
      const address = accounts.find((each) => refreshTokenOf(each) === refreshToken) ?? accounts[0] ?? '';
      return granted(address, readonly);
    },
    authorization_code: (form) => {
      const code = form.get('code') ?? '';
      const asked = consents.get(code);
      consents.delete(code);
      const challenge = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      if (
        asked?.get('code_challenge') !== challenge ||
        asked.get('redirect_uri') !== form.get('redirect_uri')
      ) {
        return refused();
      }
      const address = asked.get('login_hint') ?? accounts[0] ?? '';
      return granted(address, asked.get('scope') ?? '', { refresh_token: refreshTokenOf(address) });
    },
    'urn:ietf:params:oauth:grant-type:jwt-bearer': (form) => {
      const [, claims = ''] = (form.get('assertion') ?? '').split('.');
      const { sub, scope } = claimsSchema.parse(JSON.parse(Buffer.from(claims, 'base64url').toString()));
      return accounts.includes(sub)
        ? granted(sub, scope)
        : Response.json({ error: 'unauthorized_client' }, { status: 401 });
    },
  };
  return {
    refreshTokenOf,
    consent: (query) => {
      const code = randomBytes(16).toString('hex');
      consents.set(code, query);
      const back = new URL(query.get('redirect_uri') ?? '');
      back.searchParams.set('code', code);
      back.searchParams.set('state', query.get('state') ?? '');
      return Response.redirect(back, 302);
    },
    answer: (form) => grants[form.get('grant_type') ?? '']?.(form),
    accountOf: (accessToken) => (expired.has(accessToken) ? 'expired' : issued.get(accessToken)),
    expireTokens: () => {
      for (const token of issued.keys()) {
        expired.add(token);
      }
    },
    setRevoked: (value) => {
      revoked = value;
    },
  };
}
