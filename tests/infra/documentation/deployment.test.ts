import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { environmentVariables, keptVariables, readEnvironment } from '#infra/local/environment.ts';
import { synthesizeStack } from '#tests/support/synthesizeStack.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const guide = read('infra/DEPLOYMENT.md');
const unit = read('infra/deploy/systemd/csm.service');
const exampleLines = read('infra/deploy/systemd/csm.env.example');
const dockerfile = read('infra/deploy/docker/Dockerfile');
const compose = read('infra/deploy/docker/compose.yaml');

const section = (title: string) => guide.split(`### ${title}\n`)[1]?.split(/^###? /m)[0] ?? '';
/** First cells of a table, with the whole row. */
const tableIn = (text: string) =>
  new Map([...text.matchAll(/^\| `([^`]+)` \|(.*)$/gm)].map((match) => [match[1] ?? '', match[2] ?? '']));
const ofMachine = tableIn(section('On one machine'));
const ofFunctions = tableIn(section('Of the functions'));
const ofSecrets = tableIn(section('Secrets on AWS'));

const stack = synthesizeStack();
const withAlias = (name: string) => name.replace('SECRET_GMAIL_SUPPORT', 'SECRET_GMAIL_<ALIAS>');

/** Sources that read variables by name. */
const sources = globSync('{infra,functions,shared}/**/*.ts', { cwd: root }).map((path) => ({
  path,
  text: read(path),
}));

describe('the variables of one machine', () => {
  it('in the guide are those that the code reads, both ways', () => {
    const direct = sources.flatMap(({ text }) =>
      [...text.matchAll(/\bprocess\.env\.([A-Z][A-Z0-9_]*)/g)].map((match) => match[1] ?? ''),
    );
    expect([...ofMachine.keys()].sort()).toEqual([...new Set([...environmentVariables, ...direct])].sort());
  });

  it('that the command reads are among them', () => {
    const named = sources
      .filter(({ path }) => path.startsWith('infra/cli/'))
      .flatMap(({ text }) => [...text.matchAll(/\b(?:CSM|FREESCOUT|OPENAI|GMAIL|GOOGLE)_[A-Z_]+\b/g)])
      .map(([name]) => name);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !ofMachine.has(name))).toEqual([]);
  });

  it('that connect keeps are marked', () => {
    const marked = [...ofMachine].filter(([, row]) => row.includes('| env, kept |')).map(([name]) => name);
    expect(marked.sort()).toEqual([...keptVariables].sort());
  });
});

describe('the variables of the functions', () => {
  it('in the guide are those of the template, both ways', () => {
    const schema = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }) });
    const set = stack
      .ofType('AWS::Lambda::Function')
      .flatMap(({ Properties }) => Object.keys(schema.parse(Properties).Environment.Variables))
      .map(withAlias);
    const expected = [...new Set(set)].filter((name) => !ofMachine.has(name)).sort();
    expect([...ofFunctions.keys()].sort()).toEqual(expected);
  });

  it('that the code requires are among them', () => {
    const required = sources
      .filter(({ path }) => /^functions\/[^/]+\/dependencies\.ts$/.test(path))
      .flatMap(({ text }) => [...text.matchAll(/'([A-Z]+(?:_[A-Z]+)+)'|\benvironment\.([A-Z][A-Z_]+)\b/g)])
      .map((match) => match[1] ?? match[2] ?? '');
    expect(required.length).toBeGreaterThan(5);
    expect(required.filter((name) => !ofFunctions.has(name) && !ofMachine.has(name))).toEqual([]);
  });
});

it('the secrets in the guide and their keys are those of the template, both ways', () => {
  const outputs = Object.entries(stack.template.Outputs).filter(([name]) => name.startsWith('Secret'));
  const keys = new Map(
    outputs.map(([name, { Value }]) => {
      const { Properties } = stack.target(Value);
      const value = z
        .object({
          SecretString: z.string().optional(),
          GenerateSecretString: z.object({ GenerateStringKey: z.string() }).optional(),
        })
        .parse(Properties);
      const names =
        value.SecretString === undefined
          ? [value.GenerateSecretString?.GenerateStringKey ?? '']
          : Object.keys(JSON.parse(value.SecretString));
      return [name.replace('SecretGmailSupport', 'SecretGmail<Alias>'), names] as const;
    }),
  );
  const told = new Map(
    [...ofSecrets].map(([name, row]) => [
      name,
      [...(row.split('|')[0] ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''),
    ]),
  );
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(keys));
});

it('a secret in the guide is needed by the functions that may read it', () => {
  const schema = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }) });
  const readers = new Map<string, string[]>();
  for (const { Properties } of stack.ofType('AWS::Lambda::Function')) {
    const { Variables } = schema.parse(Properties).Environment;
    const folder = String(Variables.POWERTOOLS_SERVICE_NAME);
    for (const name of Object.keys(Variables).filter((each) => each.startsWith('SECRET_'))) {
      const secret = withAlias(name).replaceAll('_', '').toLowerCase();
      readers.set(secret, [
        ...(readers.get(secret) ?? []),
        folder.replace(/^(conversation|freescout|gmail)-/, ''),
      ]);
    }
  }
  const told = [...ofSecrets].map(([name, row]): [string, string[]] => [
    name.toLowerCase(),
    (row.split('|')[1] ?? '')
      .split(',')
      .map((each) => each.trim())
      .sort(),
  ]);
  expect(Object.fromEntries(told)).toEqual(
    Object.fromEntries([...readers].map(([name, functions]) => [name, functions.sort()])),
  );
});

/** Variables that a script has from an environment file, `csm.conf` in the folder that is its `$0`. */
function variablesOf(script: string, text: string): Record<string, string> {
  const folder = join(mkdtempSync(join(tmpdir(), 'csm-env-')), 'environment.d');
  mkdirSync(folder);
  writeFileSync(join(folder, 'csm.conf'), text);
  const out = execFileSync('bash', ['-ec', `${script}; env -0`, folder], {
    encoding: 'utf8',
    // The generator complains of empty values, which a service may have.
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH },
  });
  rmSync(join(folder, '..'), { recursive: true });
  return Object.fromEntries(
    out.split('\0').map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]),
  );
}

describe('the systemd unit', () => {
  it('is right for systemd', () => {
    const verify = join(mkdtempSync(join(tmpdir(), 'csm-unit-')), 'csm.service');
    // The program has to exist for the check; it will where the unit is installed.
    writeFileSync(verify, unit.replaceAll('/opt/csm/node_modules/.bin/node', process.execPath));
    const { status, stderr, error } = spawnSync('systemd-analyze', ['verify', verify], { encoding: 'utf8' });
    rmSync(join(verify, '..'), { recursive: true, force: true });
    if (error !== undefined) {
      // Not every machine that runs the tests has systemd; the guide says what was verified.
      process.stderr.write('skipped: systemd-analyze is absent\n');
      return;
    }
    // It also tells of units that the machine itself has.
    const complaints = stderr.split('\n').filter((line) => line.includes('csm.service'));
    expect({ status, complaints }).toEqual({ status: 0, complaints: [] });
  });

  it('runs what npm start runs, as a user of its own, and comes back', () => {
    const { start } = z
      .object({ scripts: z.object({ start: z.string() }) })
      .parse(JSON.parse(read('package.json'))).scripts;
    const program = start.split(' ').at(-1) ?? '';
    expect(existsSync(join(root, program))).toBe(true);
    expect(unit).toContain(`ExecStart=/opt/csm/node_modules/.bin/node ${program}\n`);
    for (const line of [
      'User=csm',
      'EnvironmentFile=/etc/csm/csm.env',
      'Restart=on-failure',
      'RestartSec=10',
      'StandardOutput=journal',
      'NoNewPrivileges=yes',
      'ProtectSystem=strict',
      'KillMode=mixed',
    ]) {
      expect(unit.split('\n')).toContain(line);
    }
  });

  it('sets and shows only variables that exist', () => {
    const set = [...unit.matchAll(/^Environment=([A-Z_]+)=/gm)].map((match) => match[1] ?? '');
    const shown = [...exampleLines.matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1] ?? '');
    expect(shown.length).toBeGreaterThan(8);
    expect(
      [...set, ...shown].filter((name) => !ofMachine.has(name) && !['HOME', 'PATH'].includes(name)),
    ).toEqual([]);
  });

  it('has an example file that is taken once it is filled in', () => {
    const filled = Object.entries(parseEnv(exampleLines)).map(([name, value]) => [
      name,
      value || (name.includes('URL') ? 'https://hooks.example.com/x' : 'a-long-enough-secret'),
    ]);
    expect(readEnvironment(Object.fromEntries(filled))).toMatchObject({
      publicUrl: 'https://csm.example.com',
      gmailPollSeconds: 30,
      settings: { freescout: { botUserId: 2 } },
    });
  });

  const generator = '/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator';
  it.each([
    ['Node', parseEnv],
    ['a shell', (text: string) => variablesOf('set -a; . "$0/csm.conf"', text)],
    // The one program that shows how systemd itself reads such a file.
    [
      'systemd',
      (text: string) => variablesOf(`set -a; eval "$(XDG_CONFIG_HOME="$0/.." ${generator})"`, text),
    ],
  ] as const)('has an example file that %s reads with every backslash', (reader, read) => {
    if (reader === 'systemd' && !existsSync(generator)) {
      process.stderr.write('skipped: systemd-environment-d-generator is absent\n');
      return;
    }
    const withBackslash = JSON.stringify({ persona: { about: 'We say "hello"\nand more.' } });
    const lines = exampleLines
      .replaceAll(/^#(GMAIL_SERVICE)/gm, '$1')
      .replace(/^(CSM_SETTINGS=').*'$/m, (_line, start: string) => `${start}${withBackslash}'`);
    const { settings, gmail } = readEnvironment({
      ...read(lines),
      FREESCOUT_URL: '',
    });
    expect(settings).toEqual(JSON.parse(withBackslash));
    expect(gmail?.credentials).toMatchObject({
      serviceAccountPrivateKey: '-----BEGIN PRIVATE KEY-----\nMIIEvQ…\n-----END PRIVATE KEY-----\n',
    });
  });
});

describe('the container', () => {
  it('copies files that exist, runs what npm start runs, on the Node that the project names', () => {
    const copied = [...dockerfile.matchAll(/^COPY (.+) \S+$/gm)].flatMap((match) =>
      (match[1] ?? '').split(' '),
    );
    expect(copied.length).toBeGreaterThan(5);
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const ignored = read('infra/deploy/docker/Dockerfile.dockerignore');
    expect(copied.filter((path) => !ignored.split('\n').includes(`!${path}`))).toEqual([]);
    const { devDependencies } = z
      .object({ devDependencies: z.object({ node: z.string() }) })
      .parse(JSON.parse(read('package.json')));
    expect(dockerfile).toContain(`FROM node:${devDependencies.node}-`);
    const images = [...dockerfile.matchAll(/^FROM (\S+)/gm), ...compose.matchAll(/^\s*image: (\S+)/gm)];
    expect(images).not.toEqual([]);
    for (const [, image] of images) {
      // A tag can be moved to another image.
      expect(image).toMatch(/^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/);
    }
    expect(dockerfile).toContain('CMD ["node", "infra/local/start.ts"]');
    expect(dockerfile).toContain('USER node');
  });

  it('sets only variables that exist', () => {
    const [, block = ''] = dockerfile.split(/^ENV /m);
    const set = [...(block.split('\nVOLUME')[0] ?? '').matchAll(/([A-Z_]+)=/g)].map(
      (match) => match[1] ?? '',
    );
    expect(set).toContain('CSM_DATA_DIR');
    expect(set.filter((name) => !ofMachine.has(name) && name !== 'HOME')).toEqual([]);
  });

  it('is named as the runbook says, keeps its data in a volume, and is asked for its health', () => {
    for (const part of [
      'container_name: csm',
      'csm-data:/data',
      'env_file: csm.env',
      '/health',
      'dockerfile: infra/deploy/docker/Dockerfile',
    ]) {
      expect(compose).toContain(part);
    }
  });

  it('keeps its data in the volume that the guide backs up and restores', () => {
    const [, volumes = ''] = compose.split(/^volumes:\n/m);
    const { name } = /^ {2}csm-data:\n(?:.*\n)*? {4}name: (?<name>\S+)$/m.exec(volumes)?.groups ?? {};
    const mounted = [...guide.matchAll(/docker run .*?-v ([^\s:/]+):\/data/g)].map((match) => match[1]);
    expect(mounted).toEqual([name, name]);
  });

  it('has a health check that can fail', () => {
    const [, script = ''] = /HEALTHCHECK[\s\S]*?"-e", "(.+)"\]/.exec(dockerfile) ?? [];
    expect(compose).toContain(script);
    expect(() =>
      execFileSync(process.execPath, ['-e', script.replace('4000', '1')], { stdio: 'ignore' }),
    ).toThrow();
  });
});

describe('memory', () => {
  it('is bounded in the unit and in the container, as the guide says', () => {
    const [, ofUnit] = /^MemoryMax=(\d+)G$/m.exec(unit) ?? [];
    const [, ofContainer] = /^ {4}mem_limit: (\d+)g$/m.exec(compose) ?? [];
    const [, told] = /are ended at (\d+) GB/.exec(guide) ?? [];
    expect([ofUnit, ofContainer, told]).toEqual(['2', '2', '2']);
  });

  it('of the log is bounded in the container', () => {
    expect(compose).toMatch(/^ {4}logging:\n {6}driver: local$/m);
  });
});

it('the proxy of the guide passes no larger bodies than the API takes', () => {
  expect(guide).toMatch(
    /^csm\.example\.com \{\n {2}request_body \{\n {4}max_size 10MiB\n {2}\}\n {2}reverse_proxy/m,
  );
});

describe('the restore on AWS', () => {
  const commands = [...section('AWS').matchAll(/^```bash\n(.*?)^```/gms)]
    .map((match) => match[1] ?? '')
    .join('\n');
  it('is right for bash', () => {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: commands, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('puts back only what is missing, by the keys of the template', () => {
    expect(commands.split('put-item')).toHaveLength(2);
    expect(commands).toMatch(/put-item [^|]*--condition-expression 'attribute_not_exists\(#key\)'/);
    const copied = [...section('AWS').matchAll(/\bcopy_back (\w+) (\w+)/g)].map((match) => [
      match[1],
      match[2],
    ]);
    const keys = ['ProcessedMessages', 'ThreadMap', 'BotDrafts', 'SystemState'].map((table) => {
      const { Properties } = stack.target(stack.template.Outputs[`Table${table}`]?.Value);
      const { KeySchema } = z
        .object({ KeySchema: z.array(z.object({ AttributeName: z.string() })) })
        .parse(Properties);
      return [table, KeySchema[0]?.AttributeName];
    });
    expect(copied).toEqual(keys);
  });
});

it('names only files and sections that exist', () => {
  for (const [, target = ''] of guide.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
    expect(existsSync(join(root, 'infra', target)), target).toBe(true);
  }
  const anchors = [...guide.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
  for (const [, anchor = ''] of guide.matchAll(/\]\(#([^)]+)\)/g)) {
    expect(anchors).toContain(anchor);
  }
});
