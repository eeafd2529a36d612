import { createHmac } from 'node:crypto';
import { isSameSecret } from '#shared/http/sameSecret.ts';
import { shortestSecret } from '#shared/settings/secretFillings.ts';

export type SignatureCheck =
  | 'genuine'
  | 'wrong'
  /** Neither header is there. */
  | 'missing'
  /** We have no secret to check against. */
  | 'no-secret';

export interface SignatureHeaders {
  readonly signature: string | undefined;
  readonly secret: string | undefined;
}

/** Base64 of the twenty bytes of a SHA-1. */
const signatureForm = /^[A-Za-z0-9+/]{27}=$/;

/** The fault that the headers alone show; null when only the body can tell. A reader that bounds bodies asks this first. */
export function faultInHeaders({ signature, secret }: SignatureHeaders): 'wrong' | 'missing' | null {
  if (signature !== undefined) {
    return signatureForm.test(signature) ? null : 'wrong';
  }
  if (secret !== undefined) {
    return secret.length >= shortestSecret ? null : 'wrong';
  }
  return 'missing';
}

/**
 * Checks who sent a webhook, over the raw bytes: FreeScout escapes JSON in its own way, so a re-serialised body never verifies.
 *
 * `X-FreeScout-Signature` is base64 of HMAC-SHA1 with the secret key that FreeScout shows. Other senders may use
 * `X-Webhook-Secret` with the secret itself. A wrong signature never falls through to the other header.
 *
 * @param secrets - the valid secret, and during a rotation the previous one too; empty = not configured.
 */
export function checkSignature(
  rawBody: Uint8Array,
  headers: SignatureHeaders,
  secrets: readonly string[],
): SignatureCheck {
  if (secrets.length === 0) {
    return 'no-secret';
  }
  if (headers.signature !== undefined) {
    const given = headers.signature;
    return secrets.some((secret) =>
      isSameSecret(given, createHmac('sha1', secret).update(rawBody).digest('base64')),
    )
      ? 'genuine'
      : 'wrong';
  }
  if (headers.secret !== undefined) {
    const given = headers.secret;
    return secrets.some((secret) => isSameSecret(given, secret)) ? 'genuine' : 'wrong';
  }
  return 'missing';
}
