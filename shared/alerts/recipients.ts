import type { Settings } from '#shared/settings/settings.ts';

declare const namedInSettings: unique symbol;

/** Address of an operator. Nothing but {@link operatorAddresses} makes one, so a customer's address never is one. */
export type OperatorAddress = string & { readonly [namedInSettings]: true };

/** The addresses that alerts may be mailed to: those of the settings and no others. */
export function operatorAddresses({ alerts }: Pick<Settings, 'alerts'>): readonly OperatorAddress[] {
  // The only place where the type is given: what stands in the settings was checked there.
  return alerts.emails as string[] as OperatorAddress[];
}
