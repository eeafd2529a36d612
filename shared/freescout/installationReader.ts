export interface CustomField {
  readonly id: number;
  /** Ids of a dropdown's options: FreeScout stores any other value too, and shows it as empty. null: it takes any value. */
  readonly options: readonly string[] | null;
}

/**
 * Reads how FreeScout is set up: mailboxes, users, webhooks and modules. A failed call is repeated inside the method, then it throws
 * `FreeScoutFailure`.
 */
export interface InstallationReader {
  /**
   * All mailboxes, or those that a user has access to. An administrator has access to all. FreeScout 1.8.235 takes an id of no user as
   * if none was given.
   */
  listMailboxes(
    userId?: number,
  ): Promise<readonly { readonly id: number; readonly name: string; readonly email: string }[]>;
  /** All users, deleted ones too: see {@link isDeletedUser}. Whether a user is disabled or only invited FreeScout does not tell. */
  listUsers(): Promise<readonly { readonly id: number; readonly name: string; readonly email: string }[]>;
  /** null: this version of the API & Webhooks module cannot list webhooks; versions newer than 1.0.87 can. */
  listWebhooks(): Promise<
    readonly { readonly id: number; readonly url: string; readonly events: readonly string[] }[] | null
  >;
  /** Whether the Tags module is there; null: FreeScout does not say. */
  hasTags(): Promise<boolean | null>;
  /** Fields of a mailbox; `module-absent`: the Custom Fields module is not there; null: FreeScout does not say. */
  listCustomFields(mailboxId: number): Promise<readonly CustomField[] | 'module-absent' | null>;
  /** Version of the companion module; null: the module is not installed. */
  companionVersion(): Promise<string | null>;
}

/** FreeScout keeps users that are deleted, and lists them; it adds this and the time to their address (read on core 1.8.235). */
export function isDeletedUser({ email }: { readonly email: string }): boolean {
  return /_deleted\d{14}$/.test(email);
}
