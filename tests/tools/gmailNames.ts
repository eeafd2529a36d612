/*
 * Counts the files outside of Gmail's own places that name Gmail, as a word or a part of a name: `node tests/tools/gmailNames.ts`. Each of them would
 * have to change, or to be copied, for a further channel.
 */

import { readSources, type Sources } from './sources.ts';

/** Beginnings of paths: the stand-ins, the settings, also as a file of variables, and the command that connects Gmail. */
const ownPlaces = [
  'infra/standins/',
  'shared/settings/',
  'infra/cli/commands/connect',
  'infra/deploy/systemd/csm.env.example',
];

/** A folder or a file whose name begins with Gmail's, as `infra/cli/gmailSources.ts`. */
const ownName = /\/gmail/;

/** Not the end of one word and the beginning of the next, as in `longMails`, nor the domain at which people have addresses. */
const naming = /gmail(?!\.com\b)|Gmail|GMAIL/g;

/** Files that may name Gmail elsewhere. */
const mostFiles = 15;

const heading = '## Who names Gmail, and why';

/** How often each file names Gmail; documents and Gmail's own places are left out. */
export function gmailNames(sources: Sources): ReadonlyMap<string, number> {
  const counts = [...sources]
    .filter(([file]) => !file.endsWith('.md') && !isOwn(file))
    .map(([file, text]) => [file, text.match(naming)?.length ?? 0] as const);
  return new Map(counts.filter(([, count]) => count > 0));
}

function isOwn(file: string): boolean {
  return ownName.test(file) || ownPlaces.some((place) => file.startsWith(place));
}

/**
 * What is wrong, a sentence each: too many files, a file without a reason, a reason without a file.
 *
 * @param contributing text of CONTRIBUTING.md, where a table names each file in backticks and then the reason
 */
export function gmailFindings(names: ReadonlyMap<string, number>, contributing: string): readonly string[] {
  const section = contributing.split(/^(?=## )/m).find((text) => text.startsWith(heading)) ?? '';
  const explained = [...section.matchAll(/^\| `([^`]+)` *\| *[^|\s]/gm)].map(([, file]) => file ?? '');
  return [
    ...(names.size > mostFiles ? [`${names.size} files name Gmail; at most ${mostFiles} may.`] : []),
    ...[...names.keys()]
      .filter((file) => !explained.includes(file))
      .map((file) => `${file} names Gmail, and CONTRIBUTING.md does not say why.`),
    ...explained
      .filter((file) => !names.has(file))
      .map((file) => `${file} does not name Gmail, and CONTRIBUTING.md says why it does.`),
  ];
}

if (import.meta.main) {
  const names = gmailNames(readSources(['functions/**', 'shared/**', 'infra/**']));
  for (const [file, count] of names) {
    process.stdout.write(`${String(count).padStart(4)}  ${file}\n`);
  }
  const findings = gmailFindings(names, readSources(['CONTRIBUTING.md']).get('CONTRIBUTING.md') ?? '');
  process.stdout.write(`${names.size} files\n${findings.map((finding) => `${finding}\n`).join('')}`);
  process.exitCode = findings.length > 0 ? 1 : 0;
}
