import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { firstChannel } from '#shared/channels/channelKinds.ts';
import { commandLineOf, endProcess, identityOf, isRunning } from './processes.ts';
import { StartRefused } from './startRefused.ts';

const identitySchema = z.object({ pid: z.int().positive(), started: z.string().optional() });

const holderSchema = z.object({
  system: identitySchema,
  dynamodb: identitySchema.optional(),
});

/** The name of the addresses in `owner.json`: that of the only channel that earlier releases had. */
const addressesName = firstChannel.kind;

const ownerSchema = z.object({ freescout: z.string(), [addressesName]: z.array(z.string()) });

const tablesSchema = z.object({ prefix: z.string().regex(/^[\w.-]+$/) });

/** Whose data a directory holds: that of a FreeScout or its stand-in, and of the addresses that mail comes in through. */
interface DataOwner {
  readonly freescout: string;
  readonly addresses: readonly string[];
}

export interface DataDirectory {
  readonly path: string;
  readonly databaseFile: string;
  readonly cloudAssembly: string;
  /** `local.json`: how others find the running system. */
  readonly descriptionFile: string;
  /** `stack.json`: how the operator's command finds the parts that stand in for AWS. */
  readonly stackFile: string;
  /** `alarms.json`: of what operators were told. */
  readonly toldConditionsFile: string;
  /** Refuses data of another FreeScout or of other addresses. */
  readonly checkOwner: (owner: DataOwner) => void;
  /** Makes the directory the owner's; from when something is stored in it. */
  readonly rememberOwner: (owner: DataOwner) => void;
  /**
   * Goes before the names of tables in a database where other systems may have theirs: made when it is first asked for, and kept in
   * the directory.
   */
  readonly tablePrefix: () => string;
  /** Remembers the database process, so that the next start can end it should this one be killed. */
  readonly holdDynamodb: (pid: number | undefined) => void;
  /** Lets the next start in. */
  readonly release: () => void;
}

/**
 * Opens the data directory for this process alone; ends the database process that a killed one left behind.
 *
 * @throws {StartRefused} when it cannot be written to or another system runs in it.
 */
export async function openDataDirectory(name: string): Promise<DataDirectory> {
  const path = resolve(name);
  refuseFile(path);
  const pidFile = join(path, 'pid.json');
  const ownerFile = join(path, 'owner.json');
  const descriptionFile = join(path, 'local.json');
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    await removeDeadHolder(path, pidFile);
    writeFileSync(pidFile, JSON.stringify({ system: identityOf(process.pid) }), { flag: 'wx' });
  } catch (error) {
    throw error instanceof StartRefused
      ? error
      : new StartRefused(`The data directory ${path} cannot be used: ${String(error)}.`);
  }
  const stackFile = join(path, 'stack.json');
  rmSync(descriptionFile, { force: true });
  rmSync(stackFile, { force: true });
  return {
    path,
    databaseFile: join(path, 'dynamodb.sqlite'),
    cloudAssembly: join(path, 'cdk.out'),
    descriptionFile,
    stackFile,
    toldConditionsFile: join(path, 'alarms.json'),
    rememberOwner: ({ freescout, addresses }) =>
      writeFileSync(ownerFile, JSON.stringify({ freescout, [addressesName]: addresses })),
    checkOwner: (owner) => {
      const known = readJson(ownerFile, ownerSchema) ?? {
        freescout: owner.freescout,
        [addressesName]: owner.addresses,
      };
      const differences = [
        known.freescout === owner.freescout ? '' : `FreeScout ${known.freescout}, not ${owner.freescout}`,
        known[addressesName].join() === owner.addresses.join()
          ? ''
          : `the mail of ${known[addressesName].join(', ')}, not ${owner.addresses.join(', ')}`,
      ].filter((difference) => difference !== '');
      if (differences.length > 0) {
        throw new StartRefused(
          `The data directory ${path} belongs to ${differences.join(' and ')}: use another CSM_DATA_DIR, or delete it.`,
        );
      }
    },
    tablePrefix: () => {
      const prefixFile = join(path, 'tables.json');
      if (existsSync(prefixFile)) {
        // One that cannot be read is no reason to begin with empty tables.
        return tablesSchema.parse(JSON.parse(readFileSync(prefixFile, 'utf8'))).prefix;
      }
      const prefix = `csm-${randomBytes(6).toString('hex')}-`;
      writeWhole(prefixFile, JSON.stringify({ prefix }));
      return prefix;
    },
    holdDynamodb: (pid) =>
      writeFileSync(
        pidFile,
        JSON.stringify({
          system: identityOf(process.pid),
          ...(pid === undefined ? {} : { dynamodb: identityOf(pid) }),
        }),
      ),
    release: () => rmSync(pidFile, { force: true }),
  };
}

/** What to say when a file stands where a data directory should be; null when none does. */
export function faultOfDirectory(path: string): string | null {
  return statSync(path, { throwIfNoEntry: false })?.isFile()
    ? `The data directory ${path} is a file: name a directory, which may be a new one, with CSM_DATA_DIR.`
    : null;
}

function refuseFile(path: string): void {
  const fault = faultOfDirectory(path);
  if (fault !== null) {
    throw new StartRefused(fault);
  }
}

/** Writes a file so that a reader sees all of it or nothing; only this user may read it. */
export function writeWhole(file: string, content: string): void {
  writeFileSync(`${file}.new`, content, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

async function removeDeadHolder(path: string, pidFile: string): Promise<void> {
  const holder = readJson(pidFile, holderSchema);
  if (holder !== undefined) {
    const system = { pid: holder.system.pid, started: holder.system.started };
    if (isRunning(system)) {
      throw new StartRefused(
        `Another system (process ${system.pid}) runs in the data directory ${path}: stop it, or use another CSM_DATA_DIR.`,
      );
    }
    const dynamodb = holder.dynamodb && { pid: holder.dynamodb.pid, started: holder.dynamodb.started };
    if (dynamodb && isRunning(dynamodb) && commandLineOf(dynamodb.pid)?.includes('dynoxide')) {
      await endProcess(dynamodb);
    }
  }
  rmSync(pidFile, { force: true });
}

function readJson<Schema extends z.ZodType>(file: string, schema: Schema): z.output<Schema> | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
