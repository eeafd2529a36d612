import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { faultOfDirectory, writeWhole } from './dataDirectory.ts';
import { keptVariables } from './environment.ts';
import { StartRefused } from './startRefused.ts';

type KeptVariable = (typeof keptVariables)[number];
export type KeptSecrets = Partial<Record<KeptVariable, string>>;

function secretsFileOf(dataDirectory: string): string {
  return join(dataDirectory, 'secrets.env');
}

/**
 * Secrets kept in a data directory; none when it has no such file.
 *
 * @throws {StartRefused} when there is one that cannot be read: without it every part would be a stand-in.
 */
export function readKeptSecrets(dataDirectory: string): KeptSecrets {
  const file = secretsFileOf(dataDirectory);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return {};
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartRefused(
      faultOfDirectory(dataDirectory) ??
        `The secrets in ${file} cannot be read (${reason}): give the file to the user that runs this, with mode 0600.`,
    );
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
