import * as z from 'zod';

const tableSchema = z.strictObject({
  /** In the form `key (S)`, partition key first. Absent where a release adds an index to a table that an earlier one brought. */
  keys: z.array(z.string()).optional(),
  indexes: z
    .record(z.string(), z.strictObject({ keys: z.array(z.string()), projection: z.string() }))
    .default({}),
});

const additionsSchema = z.strictObject({
  /** By logical id. */
  tables: z.record(z.string(), tableSchema).default({}),
  /** By logical id: the JSON that the template writes into the secret, or how AWS generates it. */
  secrets: z.record(z.string(), z.unknown()).default({}),
  /** Logical ids by type. */
  resources: z.record(z.string(), z.array(z.string())).default({}),
  outputs: z.array(z.string()).default([]),
});

/** What one release adds to those before it. */
type Additions = z.infer<typeof additionsSchema>;

/** What each release added, by the version of `package.json`, oldest first. */
export const deployedSchema = z.record(z.string().regex(/^\d+\.\d+\.\d+$/), additionsSchema);

type Deployed = z.infer<typeof deployedSchema>;

/** As much of a CloudFormation template as is compared. */
interface DeployableTemplate {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>
  >;
  readonly Outputs: Readonly<Record<string, unknown>>;
}

/** Types of which the logical id is all that counts, with what AWS does when the id of a deployed one changes. */
const consequences: Readonly<Record<string, string>> = {
  'AWS::SQS::Queue': 'AWS creates an empty queue and deletes the old one with the jobs in it',
  'AWS::SNS::Topic':
    'AWS creates a topic that nobody hears until every address has confirmed its subscription',
  'AWS::ApiGatewayV2::Api': 'the new API has another address, and FreeScout goes on calling the old one',
  'AWS::ApiGatewayV2::Stage': 'AWS refuses the update, because an API has only one stage of a name',
  'AWS::ApiGatewayV2::DomainName': 'AWS refuses the update, because a domain name can exist only once',
  'AWS::Logs::LogGroup': 'AWS creates an empty log group and deletes the old one with its logs',
};

/**
 * Compares a template with everything that was ever deployed.
 *
 * @param version - of `package.json`: the release that deploys the template.
 * @returns one text per fault, with what it would do to a running system; empty when the template can be deployed.
 */
export function faultsOfUpdate(
  deployed: Deployed,
  template: DeployableTemplate,
  version: string,
): readonly string[] {
  const listed = sumOf(Object.values(deployed));
  const found = readTemplate(template);
  return [
    ...faultsOfReleases(deployed, version),
    ...faultsOfTables(listed.tables, found.tables),
    ...faultsOfSecrets(listed.secrets, found.secrets),
    ...Object.entries(consequences).flatMap(([type, consequence]) =>
      faultsOfNames(type, listed.resources[type] ?? [], found.resources[type] ?? [], consequence),
    ),
    ...faultsOfNames(
      'Outputs',
      listed.outputs,
      found.outputs,
      'the csm command and scripts of the operator no longer find the value',
    ),
  ];
}

function readTemplate({ Resources, Outputs }: DeployableTemplate): Additions {
  const ofType = (type: string) => Object.entries(Resources).filter(([, { Type }]) => Type === type);
  return {
    tables: Object.fromEntries(
      ofType('AWS::DynamoDB::Table').map(([id, { Properties }]) => [id, readTable(Properties)]),
    ),
    secrets: Object.fromEntries(
      ofType('AWS::SecretsManager::Secret').map(([id, { Properties }]) => [id, initialValue(Properties)]),
    ),
    resources: Object.fromEntries(
      Object.keys(consequences).map((type) => [type, ofType(type).map(([id]) => id)]),
    ),
    outputs: Object.keys(Outputs),
  };
}

const keySchema = z.array(z.object({ AttributeName: z.string() }));

const tablePropertiesSchema = z.object({
  KeySchema: keySchema,
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.string() })),
  GlobalSecondaryIndexes: z
    .array(
      z.object({
        IndexName: z.string(),
        KeySchema: keySchema,
        Projection: z.object({
          ProjectionType: z.string(),
          NonKeyAttributes: z.array(z.string()).default([]),
        }),
      }),
    )
    .default([]),
});

function readTable(properties: unknown): Additions['tables'][string] {
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes } = tablePropertiesSchema.parse(properties);
  const types = new Map(
    AttributeDefinitions.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]),
  );
  const keysOf = (keys: z.infer<typeof keySchema>) =>
    keys.map(({ AttributeName }) => `${AttributeName} (${types.get(AttributeName)})`);
  return {
    keys: keysOf(KeySchema),
    indexes: Object.fromEntries(
      GlobalSecondaryIndexes.map((index) => [
        index.IndexName,
        {
          keys: keysOf(index.KeySchema),
          projection: [index.Projection.ProjectionType, ...index.Projection.NonKeyAttributes].join(' '),
        },
      ]),
    ),
  };
}

function initialValue({ SecretString, GenerateSecretString }: Readonly<Record<string, unknown>>): unknown {
  return typeof SecretString === 'string' ? JSON.parse(SecretString) : { generated: GenerateSecretString };
}

/** Everything that the releases brought together. */
function sumOf(releases: readonly Additions[]): Additions {
  const sum = additionsSchema.parse({});
  for (const { tables, secrets, resources, outputs } of releases) {
    for (const [id, table] of Object.entries(tables)) {
      const before = sum.tables[id];
      sum.tables[id] = { ...before, ...table, indexes: { ...before?.indexes, ...table.indexes } };
    }
    for (const [type, ids] of Object.entries(resources)) {
      sum.resources[type] = [...(sum.resources[type] ?? []), ...ids];
    }
    Object.assign(sum.secrets, secrets);
    sum.outputs.push(...outputs);
  }
  return sum;
}

/** Faults of the list itself, which holds from one release to the next. */
function faultsOfReleases(deployed: Deployed, version: string): readonly string[] {
  const faults: string[] = [];
  const tablesBefore = new Set<string>();
  for (const [release, { tables }] of Object.entries(deployed)) {
    if (release.localeCompare(version, 'en', { numeric: true }) > 0) {
      faults.push(
        `Release ${release} has not begun: package.json says ${version}. Raise the version there first.`,
      );
    }
    for (const [id, { indexes }] of Object.entries(tables)) {
      const names = Object.keys(indexes);
      if (tablesBefore.has(id) && names.length > 1) {
        faults.push(
          `Release ${release} adds ${names.join(' and ')} to the deployed table ${id}: AWS refuses two new indexes on one table in one update. Release one of them, then raise the version of package.json and add the other.`,
        );
      }
    }
    for (const id of Object.keys(tables)) {
      tablesBefore.add(id);
    }
  }
  return faults;
}

function faultsOfTables(listed: Additions['tables'], found: Additions['tables']): readonly string[] {
  const changed = Object.entries(found).flatMap(([id, table]) => {
    const before = listed[id];
    return before === undefined ? [] : faultsOfTable(id, before, table);
  });
  return [
    ...faultsOfNames(
      'AWS::DynamoDB::Table',
      Object.keys(listed),
      Object.keys(found),
      'AWS creates an empty table, and the system no longer sees the data of the old one',
    ),
    ...changed,
  ];
}

type TableEntry = Additions['tables'][string];

function faultsOfTable(id: string, before: TableEntry, table: TableEntry): readonly string[] {
  const faults = [
    ...faultsOfNames(
      `Indexes of ${id}`,
      Object.keys(before.indexes),
      Object.keys(table.indexes),
      'AWS deletes the index while functions of the release before still query it',
    ),
  ];
  if (!isEqual(table.keys, before.keys)) {
    faults.push(
      `The keys of ${id} are ${table.keys?.join(', ')}, deployed are ${before.keys?.join(', ')}: AWS replaces the table by an empty one. Data under other keys needs a new table.`,
    );
  }
  for (const [name, index] of Object.entries(table.indexes)) {
    if (name in before.indexes && !isEqual(index, before.indexes[name])) {
      faults.push(
        `The index ${name} of ${id} is not the deployed one any more: AWS cannot change an index. Other keys need a new index with a new name.`,
      );
    }
  }
  return faults;
}

function faultsOfSecrets(listed: Additions['secrets'], found: Additions['secrets']): readonly string[] {
  const changed = Object.entries(found)
    .filter(([id, value]) => id in listed && !isEqual(value, listed[id]))
    .map(
      ([id, value]) =>
        `${id} begins as ${JSON.stringify(value)}, deployed is ${JSON.stringify(listed[id])}: CloudFormation writes the changed JSON over what the operator filled in. A new value needs a new secret.`,
    );
  return [
    ...faultsOfNames(
      'AWS::SecretsManager::Secret',
      Object.keys(listed),
      Object.keys(found),
      'AWS creates an empty secret and deletes the one that the operator filled in',
    ),
    ...changed,
  ];
}

function faultsOfNames(
  part: string,
  listed: readonly string[],
  found: readonly string[],
  consequence: string,
): string[] {
  const gone = listed
    .filter((name) => !found.includes(name))
    .map(
      (name) =>
        `${part}: ${name} is gone: ${consequence}. A logical id comes from the path of the construct, so the construct has to stay where it is.`,
    );
  const added = found
    .filter((name) => !listed.includes(name))
    .map(
      (name) =>
        `${part}: ${name} is not in the list. If it is new on purpose, add it to the list under the version of package.json.`,
    );
  return [...gone, ...added];
}

/** Compares the order of keys too: CloudFormation compares the text of a secret, not its meaning. */
function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
