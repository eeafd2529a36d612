/*
 * Follows one mail through the sources and counts how often it enters each file: `node tests/tools/walk.ts`.
 *
 * The walk begins in `workOnJob` and goes through the code in the order in which it runs, through every branch but those that
 * `workOnJob.ts` keeps for other kinds of job. A call of a function of another file enters that file. Each call site is followed once:
 * a function that was walked before is entered again, but not walked again.
 *
 * Functions are found by their names: those that a file declares or imports, members of a constant object, and what is passed on by
 * its name. A local variable that has the name of a function is taken for it. The walk ends where a name leads to no function of the
 * followed folders: at a client, a store, a library.
 *
 * The count tells how often a reader of the walk comes back to a file. It is limited for every file, also for one at the bottom of the
 * walk, which leads no further.
 */

import { basename, dirname, posix } from 'node:path';
import {
  type Argument,
  type ImportDeclaration,
  type Node,
  parseSync,
  type Statement,
  visitorKeys,
} from 'oxc-parser';
import { readSources, type Sources } from './sources.ts';

/** The files that do the work on a mail. The other folders of `shared` hold single capabilities, at which the walk ends. */
const followedFolders = ['functions/**/*.ts', 'shared/channels/**/*.ts', 'shared/intake/**/*.ts'];

const beginning: Place = { file: 'functions/conversation-worker/workOnJob.ts', name: 'workOnJob' };

/** The job that brings a message in. */
const kindOfMessage = 'incoming-message';

/** The limit for a file. */
const mostEntries = 3;

/** Lower limits, by the name of the file. */
const ownLimits: ReadonlyMap<string, number> = new Map([['createConversation.ts', 2]]);

/** A function. A member of a constant object has the name `object.member`. */
interface Place {
  readonly file: string;
  readonly name: string;
}

/** A call of a function of another file. */
export interface Entry extends Place {
  /** the file of the call; empty at the beginning */
  readonly from: string;
  /** how many files lie between the beginning and this one */
  readonly depth: number;
}

/** What the names in one file stand for. */
interface Names {
  readonly functions: ReadonlyMap<string, Node>;
  readonly imports: ReadonlyMap<string, Place>;
}

/** Every entry of the walk, in the order of the calls. */
export function walkOf(sources: Sources): readonly Entry[] {
  const names = new Map([...sources].map(([file, text]) => [file, namesOf(file, text)]));
  const entries: Entry[] = [];
  const walked = new Set<Node>();

  function enter(place: Place, from: string, depth: number): void {
    const found = names.get(place.file)?.functions.get(place.name);
    if (found === undefined) {
      return;
    }
    const isOtherFile = place.file !== from;
    if (isOtherFile) {
      entries.push({ ...place, from, depth });
    }
    if (!walked.has(found)) {
      walked.add(found);
      follow(found, place.file, isOtherFile ? depth + 1 : depth);
    }
  }

  function follow(node: Node, file: string, depth: number): void {
    if (isForOtherJobs(node, file)) {
      return;
    }
    if (node.type !== 'CallExpression') {
      for (const child of childrenOf(node)) {
        follow(child, file, depth);
      }
      return;
    }
    // What is passed is computed before the call; a function that is written among it runs within the call.
    const passed = [node.callee, ...node.arguments].filter((each) => !isFunction(each));
    for (const each of passed) {
      follow(each, file, depth);
    }
    for (const each of passed) {
      const place = placeOf(each, file, names.get(file)?.imports);
      if (place !== null) {
        enter(place, file, depth);
      }
    }
    for (const each of [node.callee, ...node.arguments].filter(isFunction)) {
      follow(each, file, depth);
    }
  }

  enter(beginning, '', 0);
  return entries;
}

/** How often the walk enters each file, and how often that is allowed. */
export function countEntries(entries: readonly Entry[]) {
  return [...Map.groupBy(entries, ({ file }) => file)].map(([file, { length: count }]) => ({
    file,
    count,
    limit: ownLimits.get(basename(file)) ?? mostEntries,
  }));
}

/** What is wrong with the walk, a sentence each. A file that has a limit of its own has to be on it. */
export function walkFindings(entries: readonly Entry[]): readonly string[] {
  const counts = countEntries(entries);
  return [
    ...counts
      .filter(({ count, limit }) => count > limit)
      .map(({ file, count, limit }) => `${file} is entered ${count} times; at most ${limit} are allowed.`),
    ...[...ownLimits.keys()]
      .filter((name) => counts.every(({ file }) => basename(file) !== name))
      .map((name) => `The walk does not reach ${name}.`),
  ];
}

function isForOtherJobs(node: Node, file: string): boolean {
  return (
    node.type === 'SwitchCase' &&
    file === beginning.file &&
    node.test?.type === 'Literal' &&
    node.test.value !== kindOfMessage
  );
}

function isFunction(node: Node): boolean {
  return /^(Function|ArrowFunction)/.test(node.type);
}

function childrenOf(node: Node): readonly Node[] {
  return (visitorKeys[node.type] ?? []).flatMap((key): unknown => Reflect.get(node, key)).filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

/** The place that a name or a member of a name stands for; null for what is neither. */
function placeOf(node: Argument, file: string, imports: Names['imports'] | undefined): Place | null {
  if (node.type === 'Identifier') {
    return imports?.get(node.name) ?? { file, name: node.name };
  }
  if (node.type !== 'MemberExpression' || node.computed || node.object.type !== 'Identifier') {
    return null;
  }
  const object = imports?.get(node.object.name) ?? { file, name: node.object.name };
  return { ...object, name: `${object.name}.${node.property.name}` };
}

function namesOf(file: string, text: string): Names {
  const statements = parseSync(file, text).program.body;
  return {
    functions: new Map(statements.flatMap(functionsOf)),
    imports: new Map(
      statements.flatMap((each) => (each.type === 'ImportDeclaration' ? importsOf(file, each) : [])),
    ),
  };
}

function importsOf(file: string, { source, specifiers }: ImportDeclaration): [string, Place][] {
  const path = source.value.startsWith('#') ? source.value.slice(1) : posix.join(dirname(file), source.value);
  return specifiers.flatMap((each): [string, Place][] =>
    each.type === 'ImportSpecifier' && each.imported.type === 'Identifier'
      ? [[each.local.name, { file: path, name: each.imported.name }]]
      : [],
  );
}

function functionsOf(statement: Statement): [string, Node][] {
  const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
  if (declared?.type === 'FunctionDeclaration' && declared.id !== null) {
    return [[declared.id.name, declared]];
  }
  return declared?.type === 'VariableDeclaration'
    ? declared.declarations.flatMap(({ id, init }) =>
        id.type === 'Identifier' && init !== null ? functionsIn(id.name, init) : [],
      )
    : [];
}

/** A function under its name, or the functions that are members of an object. */
function functionsIn(name: string, value: Node): [string, Node][] {
  if (isFunction(value)) {
    return [[name, value]];
  }
  if (value.type === 'TSAsExpression' || value.type === 'TSSatisfiesExpression') {
    return functionsIn(name, value.expression);
  }
  return value.type === 'ObjectExpression'
    ? value.properties.flatMap((each) =>
        each.type === 'Property' && each.key.type === 'Identifier'
          ? functionsIn(`${name}.${each.key.name}`, each.value)
          : [],
      )
    : [];
}

if (import.meta.main) {
  const entries = walkOf(readSources(followedFolders));
  for (const { file, name, depth } of entries) {
    process.stdout.write(`${'  '.repeat(depth)}${file} ${name}\n`);
  }
  const rows = countEntries(entries).toSorted((one, other) => other.count - one.count);
  for (const { file, count, limit } of rows) {
    process.stdout.write(
      `${String(count).padStart(4)}  ${file}${limit < count ? ` (at most ${limit})` : ''}\n`,
    );
  }
  const findings = walkFindings(entries);
  process.stdout.write(findings.map((finding) => `${finding}\n`).join(''));
  process.exitCode = findings.length > 0 ? 1 : 0;
}
