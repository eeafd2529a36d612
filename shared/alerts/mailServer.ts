export interface MailServer {
  readonly host: string;
  /** 465 speaks TLS from the start; any other has to offer STARTTLS. */
  readonly port: number;
  /** null: the server asks for no login. */
  readonly login: { readonly username: string; readonly password: string } | null;
  /** Sender of the alerts. */
  readonly from: string;
}

/** The mail server that the variables `SMTP_…` name; null when they name none. */
export function mailServerIn({
  SMTP_HOST: host,
  SMTP_PORT: port,
  SMTP_USERNAME: username,
  SMTP_PASSWORD: password,
  SMTP_FROM: from,
}: Readonly<Record<string, string | undefined>>): MailServer | null {
  if (!host || !from) {
    return null;
  }
  const login = username && password ? { username, password } : null;
  return { host, port: Number(port ?? 587), login, from };
}
