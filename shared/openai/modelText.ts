import { withoutInvisibleCharacters } from '#shared/text/invisibleCharacters.ts';
import { normalForm } from '#shared/text/normalForm.ts';

/**
 * A text that the model wrote, as it may be kept and shown: every text of an answer passes through here before anything else is done
 * with it. DynamoDB refuses half a character, other databases stumble over NUL, and what nobody sees must not reach a customer.
 */
export function modelText(text: string): string {
  return normalForm(withoutInvisibleCharacters(text), 'NFC');
}
