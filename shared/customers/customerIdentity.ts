import { senderDigest } from '#shared/store/keys.ts';

interface Person {
  /** As the channel shows it; null when it shows none. */
  readonly name: string | null;
  /**
   * false: the address or number stands only where anybody could have written it. Nobody joins a conversation that exists as this
   * person because of what the message says of itself.
   */
  readonly verified: boolean;
}

interface EmailIdentity extends Person {
  readonly kind: 'email';
  /** In lower case. */
  readonly address: string;
}

interface PhoneIdentity extends Person {
  readonly kind: 'phone';
  /** E.164 with `+`. FreeScout finds numbers by the digits that it stores, so no other form may be written (checked on 1.8.235). */
  readonly number: string;
}

/** A person who writes to us, by what a channel knows them by. */
export type CustomerIdentity = EmailIdentity | PhoneIdentity;

/**
 * What stands for a person in the state: neither address nor number does. The digest of an address is the one that stored items have;
 * that of a number cannot be equal to it, because no address begins with `phone:+`.
 */
export function identityDigest(
  identity: Pick<EmailIdentity, 'kind' | 'address'> | Pick<PhoneIdentity, 'kind' | 'number'>,
): string {
  return senderDigest(identity.kind === 'email' ? identity.address : `phone:${identity.number}`);
}
