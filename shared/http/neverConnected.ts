import * as z from 'zod';

const systemErrorSchema = z.object({ code: z.string().default(''), syscall: z.string().default('') });

/** `fetch` throws a TypeError whose cause is the system's error; several addresses tried give an AggregateError. */
export function systemErrorOf(error: unknown): { readonly code: string; readonly syscall: string } {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return systemErrorSchema.safeParse(cause).data ?? { code: '', syscall: '' };
}

const connectionCodes: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ENOTFOUND',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Whether the error of `fetch` proves that no request left: no name, no connection, no accepted certificate. */
export function neverConnected(error: unknown): boolean {
  const { code, syscall } = systemErrorOf(error);
  return syscall === 'connect' || syscall === 'getaddrinfo' || connectionCodes.has(code);
}
