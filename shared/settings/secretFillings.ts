/** Whether a value of a secret is filled in. `short` is one that an operator chose and that a stranger could guess. */
export type Filling = 'missing' | 'short' | 'filled';

/** By the keys of a secret's JSON. */
export type Fillings = Readonly<Record<string, Filling>>;

/** Characters that a value needs which an operator chooses. FreeScout's own secret key has 32. */
export const shortestSecret = 16;

/** Keys of the values that operators choose; all others are issued by those who ask for them. */
const chosenKeys: ReadonlySet<string> = new Set(['webhookSecret', 'webhookSecretPrevious', 'token']);

/** Which values of a secret are filled in, by their keys. */
export function fillingsOf<Key extends string>(
  secret: Readonly<Record<Key, string | null>>,
): Readonly<Record<Key, Filling>> {
  const fillings = Object.entries<string | null>(secret).map(([key, value]): [string, Filling] => [
    key,
    value === null ? 'missing' : chosenKeys.has(key) && value.length < shortestSecret ? 'short' : 'filled',
  ]);
  // Object.fromEntries forgets that the names are those of the secret.
  return Object.fromEntries(fillings) as Record<Key, Filling>;
}
