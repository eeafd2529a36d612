/** A person's consent, given once in the browser. */
export interface OAuthCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}

/** A service account that a Google Workspace lets act for its users (domain-wide delegation); no person has to consent. */
export interface ServiceAccountCredentials {
  readonly serviceAccountEmail: string;
  /** PEM. */
  readonly serviceAccountPrivateKey: string;
}

export type GmailCredentials = OAuthCredentials | ServiceAccountCredentials;

/** What a Gmail secret may hold; empty values are null. */
export type GmailSecretValues = {
  readonly [Name in keyof OAuthCredentials | keyof ServiceAccountCredentials]: string | null;
};

/** Credentials in a secret, or null while it is not filled in. A service account comes first where both are. */
export function gmailCredentialsIn(secret: GmailSecretValues): GmailCredentials | null {
  const { clientId, clientSecret, refreshToken, serviceAccountEmail, serviceAccountPrivateKey } = secret;
  if (serviceAccountEmail && serviceAccountPrivateKey) {
    return {
      serviceAccountEmail,
      // Environment files and consoles keep the key on one line.
      serviceAccountPrivateKey: serviceAccountPrivateKey.replaceAll('\\n', '\n'),
    };
  }
  return clientId && clientSecret && refreshToken ? { clientId, clientSecret, refreshToken } : null;
}

/** What Google is asked for: reading, unless a label is to be set. */
export function gmailScope(label: string): string {
  return `https://www.googleapis.com/auth/gmail.${label === '' ? 'readonly' : 'modify'}`;
}
