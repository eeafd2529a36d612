import { randomBytes } from 'node:crypto';

/** Google's token endpoint for refresh tokens, with grants that can be revoked. */
export interface Oauth {
  readonly refreshTokenOf: (address: string) => string;
  /** Answers a token request; undefined when it is of another kind. */
  readonly answer: (form: URLSearchParams) => Response | undefined;
  /** The account an access token was given for; undefined for an unknown one; `expired` after `expireTokens`. */
  readonly accountOf: (accessToken: string) => string | 'expired' | undefined;
  readonly expireTokens: () => void;
  /** While revoked, every refresh is answered `invalid_grant`. */
  readonly setRevoked: (revoked: boolean) => void;
}

const LIFETIME_SECONDS = 3599;

/** @param accounts Gmail addresses; a refresh token of none of them stands for the first. */
export function createOauth(accounts: readonly string[]): Oauth {
  const issued = new Map<string, string>();
  const expired = new Set<string>();
  let revoked = false;
  const refreshTokenOf = (address: string) => `refresh-${Buffer.from(address).toString('base64url')}`;
  return {
    refreshTokenOf,
    answer: (form) => {
      if (form.get('grant_type') !== 'refresh_token') {
        return undefined;
      }
      const refreshToken = form.get('refresh_token') ?? '';
      if (revoked || refreshToken === '') {
        return Response.json(
          { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
          { status: 400 },
        );
      }
      const address = accounts.find((each) => refreshTokenOf(each) === refreshToken) ?? accounts[0] ?? '';
      const accessToken = `ya29.${randomBytes(24).toString('base64url')}`;
      issued.set(accessToken, address);
      return Response.json({
        access_token: accessToken,
        expires_in: LIFETIME_SECONDS,
        scope: 'https://www.googleapis.com/auth/gmail.readonly',
        token_type: 'Bearer',
      });
    },
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
