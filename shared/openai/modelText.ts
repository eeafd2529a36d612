import { withoutInvisibleCharacters } from '#shared/mail/invisibleCharacters.ts';

/**
 * A text that the model wrote, as it may be stored and shown: whatever an answer carries passes through here before anything else is
 * done with it. Neither DynamoDB nor FreeScout takes half a character or NUL, and what nobody sees must not reach a customer.
 */
export function modelText(text: string): string {
  return withoutInvisibleCharacters(text).normalize('NFC');
}
