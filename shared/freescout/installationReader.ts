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
  listMailboxes(): Promise<readonly { readonly id: number; readonly name: string; readonly email: string }[]>;
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
