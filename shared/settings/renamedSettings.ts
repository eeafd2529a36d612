/** Where a key of an earlier release went. */
interface RenamedSetting {
  /** Name that the key has now, in the same object; null: there is no such setting any more. */
  readonly to: string | null;
  /** What holds now, for the operator; follows the path of the old key. */
  readonly now: string;
  /** What every entry of the list under the key gets, unless it has it. */
  readonly entriesGet?: Readonly<Record<string, string>>;
}

/**
 * Keys that an earlier release read, by the path under which it read them; `[]` stands for every entry of a list. They are taken
 * one after the other, so a later path names what an earlier one made.
 */
export const renamedSettings: ReadonlyMap<string, RenamedSetting> = new Map<string, RenamedSetting>([
  [
    'accounts',
    {
      to: 'channels',
      now: 'is now "channels" (kind "gmail", "gmailAddress" is "address")',
      entriesGet: { kind: 'gmail' },
    },
  ],
  ['channels[].gmailAddress', { to: 'address', now: 'is now "address"' }],
  [
    'hygiene.ticketWebForms',
    { to: null, now: 'is gone: every mail of a form is a ticket of the person whom its Reply-To names' },
  ],
]);

/** A fault for every key that raw settings hold under its old name. */
export function renamedFaults(raw: unknown): readonly string[] {
  return [...renamedSettings].flatMap(([path, { now }]) => {
    const { parents, key } = partsOf(path);
    return objectsAt(raw, parents)
      .filter(({ object }) => Object.hasOwn(object, key))
      .map(({ at }) => `${[...at, key].join('.')}: ${now}; csm settings migrate prints the new text`);
  });
}

/** Raw settings with the names that hold now, so that their other faults can be told. Where both names stand, the new one counts. */
export function withNewNames(raw: unknown): unknown {
  const settings = structuredClone(raw);
  for (const [path, { to, entriesGet }] of renamedSettings) {
    const { parents, key } = partsOf(path);
    for (const { object } of objectsAt(settings, parents)) {
      if (Object.hasOwn(object, key)) {
        const value = object[key];
        delete object[key];
        if (to !== null) {
          object[to] ??=
            Array.isArray(value) && entriesGet
              ? value.map((entry) => (isObject(entry) ? { ...entriesGet, ...entry } : entry))
              : value;
        }
      }
    }
  }
  return settings;
}

/** `channels[].address` → the parents `channels`, `[]` and the key `address`. */
export function partsOf(path: string): { readonly parents: readonly string[]; readonly key: string } {
  const parts = path.replaceAll('[]', '.[]').split('.');
  return { parents: parts.slice(0, -1), key: parts.at(-1) ?? '' };
}

interface Found {
  readonly at: readonly (string | number)[];
  readonly object: Record<string, unknown>;
}

function objectsAt(
  value: unknown,
  [parent, ...others]: readonly string[],
  at: Found['at'] = [],
): readonly Found[] {
  if (parent === '[]') {
    return Array.isArray(value)
      ? value.flatMap((entry, index) => objectsAt(entry, others, [...at, index]))
      : [];
  }
  if (!isObject(value)) {
    return [];
  }
  return parent === undefined ? [{ at, object: value }] : objectsAt(value[parent], others, [...at, parent]);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
