import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Compares what a caller gave with a secret, in constant time. Both are hashed first, so that the time does not tell the secret's
 * length either.
 */
export function isSameSecret(given: string, secret: string): boolean {
  return timingSafeEqual(digest(given), digest(secret));
}

function digest(text: string): Buffer {
  return createHmac('sha256', 'comparison').update(text).digest();
}
