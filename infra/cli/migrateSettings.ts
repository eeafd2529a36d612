import {
  applyEdits,
  type Edit,
  findNodeAtLocation,
  getNodePath,
  modify,
  type Node,
  type ParseError,
  parseTree,
} from 'jsonc-parser';
import { partsOf, renamedSettings } from '#shared/settings/renamedSettings.ts';
import { CommandFailed } from './terminal.ts';

interface Migrated {
  /** The whole text; every character that need not change stays. */
  readonly text: string;
  /** A line for each key that has another name now; empty = the text is the one that was given. */
  readonly changes: readonly string[];
}

/**
 * The text of a `cdk.json`, or of settings alone as `CSM_SETTINGS` holds them, with the names that hold now.
 *
 * @throws {CommandFailed} when it is no JSON object, or holds a key under its old and its new name.
 */
export function migrateSettings(given: string): Migrated {
  let text = given;
  const changes: string[] = [];
  for (const [path, { to, now, entriesGet }] of renamedSettings) {
    const { parents, key } = partsOf(path);
    const edits = objectsAt(settingsIn(text), parents).flatMap((object) => {
      const old = propertyOf(object, key);
      if (old === null) {
        return [];
      }
      if (to === null) {
        return modify(text, [...getNodePath(object), key], undefined, {});
      }
      if (propertyOf(object, to) !== null) {
        throw new CommandFailed(`The text holds both "${key}" and "${to}": take one of them away.`);
      }
      return [
        { offset: old.name.offset, length: old.name.length, content: JSON.stringify(to) },
        ...objectsAt(old.value, ['[]']).flatMap((entry) => additions(text, entry, entriesGet ?? {})),
      ];
    });
    if (edits.length > 0) {
      changes.push(`${path}: ${now}`);
      text = applyEdits(text, edits);
    }
  }
  return { text, changes };
}

/** What puts keys that an object lacks ahead of its others, with the same white space as there. */
function additions(text: string, object: Node, keys: Readonly<Record<string, string>>): readonly Edit[] {
  const [first] = object.children ?? [];
  const colon = /"\s*:\s/.test(text) ? ': ' : ':';
  const comma =
    first === undefined ? '' : `,${text.slice(object.offset + 1, first.offset) || colon.slice(1)}`;
  return Object.entries(keys)
    .filter(([key]) => propertyOf(object, key) === null)
    .map(([key, value]) => ({
      offset: first?.offset ?? object.offset + 1,
      length: 0,
      content: `${JSON.stringify(key)}${colon}${JSON.stringify(value)}${comma}`,
    }));
}

/** The settings in the context of a `cdk.json`, or the whole text when it has no context; undefined = there are none. */
function settingsIn(text: string): Node | undefined {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors);
  if (root?.type !== 'object' || errors.length > 0) {
    throw new CommandFailed('The text is no JSON object.');
  }
  return propertyOf(root, 'context') === null ? root : findNodeAtLocation(root, ['context', 'settings']);
}

function objectsAt(node: Node | undefined, [parent, ...others]: readonly string[]): readonly Node[] {
  if (parent === '[]') {
    return node?.type === 'array' ? (node.children ?? []).flatMap((entry) => objectsAt(entry, others)) : [];
  }
  if (node?.type !== 'object') {
    return [];
  }
  return parent === undefined ? [node] : objectsAt(findNodeAtLocation(node, [parent]), others);
}

function propertyOf(object: Node, key: string): { readonly name: Node; readonly value: Node } | null {
  const value = findNodeAtLocation(object, [key]);
  const name = value?.parent?.children?.[0];
  return value === undefined || name === undefined ? null : { name, value };
}
