import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { writeWhole } from './dataDirectory.ts';

/** What `csm connect` keeps for `npm start`; a variable of the environment comes before it. */
export const keptVariables = [
  'FREESCOUT_URL',
  'FREESCOUT_KEY',
  'FREESCOUT_WEBHOOK_SECRET',
  'OPENAI_API_KEY',
  'GMAIL_CLIENT_ID',
  'GMAIL_CLIENT_SECRET',
  'GMAIL_REFRESH_TOKEN',
  'GMAIL_SERVICE_ACCOUNT_EMAIL',
  'GMAIL_SERVICE_ACCOUNT_PRIVATE_KEY',
] as const;

export type KeptVariable = (typeof keptVariables)[number];
export type KeptSecrets = Partial<Record<KeptVariable, string>>;

export function secretsFileOf(dataDirectory: string): string {
  return join(dataDirectory, 'secrets.env');
}

/** Secrets kept in a data directory; none when it has no such file. */
export function readKeptSecrets(dataDirectory: string): KeptSecrets {
  let text: string;
  try {
    text = readFileSync(secretsFileOf(dataDirectory), 'utf8');
  } catch {
    return {};
  }
  const values = parseEnv(text);
  return Object.fromEntries(keptVariables.flatMap((name) => (values[name] ? [[name, values[name]]] : [])));
}

/**
 * Adds secrets to those kept; an empty value takes one away. Only this user may read the file.
 *
 * @returns path of the file.
 */
export function keepSecrets(dataDirectory: string, secrets: KeptSecrets): string {
  const all: KeptSecrets = { ...readKeptSecrets(dataDirectory), ...secrets };
  const lines = keptVariables.flatMap((name) => {
    const value = all[name];
    return value ? [`${name}=${quoted(value.replaceAll('\n', '\\n'))}`] : [];
  });
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const file = secretsFileOf(dataDirectory);
  writeWhole(
    file,
    `# Written by "npm run csm -- connect …", read by "npm start". Variables of the environment come first.\n${lines.join('\n')}\n`,
  );
  return file;
}

/** In the first kind of quotation mark that the value does not hold. */
function quoted(value: string): string {
  const mark = ['"', "'", '`'].find((each) => !value.includes(each)) ?? '"';
  return `${mark}${value}${mark}`;
}
