/**
 * Addresses of ours by which mail came in and which the settings do not name. They stay when they are entered later: who tells of them
 * leaves out those that the settings name by now.
 */
export interface MissingAddresses {
  /**
   * Remembers an address for a channel, once. Anybody can write such an address into a mail, so a channel has twenty at most.
   *
   * @param address - in lower case.
   * @returns whether it was not known before.
   */
  rememberMissingAddress(alias: string, address: string): Promise<boolean>;
  /** In the order of the alphabet. */
  missingAddressesOf(alias: string): Promise<readonly string[]>;
}

export const mostMissingAddresses = 20;
