/**
 * Whether an address leads to a mailbox of ours: what stands behind a plus sign in its name changes nothing about where it leads,
 * neither there nor in our own addresses.
 */
export function isOurs(address: string, own: ReadonlySet<string>): boolean {
  const mailbox = mailboxOf(address);
  return [...own].some((each) => mailboxOf(each) === mailbox);
}

/** The address without an addition, in lower case. A name that begins with a plus sign is all there is of it. */
function mailboxOf(address: string): string {
  return address.toLowerCase().replace(/^([^@+]+)\+[^@]*@/, '$1@');
}
