import type { Clock } from '#shared/time/clock.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';
import type { InstallationReader } from './installationReader.ts';

/** The addresses of FreeScout's users, in lower case. */
export type UserAddresses = () => Promise<ReadonlySet<string>>;

/** Users seldom come and go, and a mail should not cost one more call. */
const keptMilliseconds = 10 * minuteMilliseconds;

interface Known {
  readonly addresses: ReadonlySet<string>;
  readonly at: number;
}

/**
 * Reads the users when they are first needed, and keeps them for ten minutes. What was known stays while they cannot be read again.
 *
 * @throws {FreeScoutFailure} when they cannot be read and were not before: a mail of a user must not be taken for a customer's.
 */
export function createUserAddresses({
  freescout,
  clock,
}: {
  readonly freescout: Pick<InstallationReader, 'listUsers'>;
  readonly clock: Pick<Clock, 'now'>;
}): UserAddresses {
  let known: Known | null = null;

  async function read(earlier: Known | null, at: number): Promise<Known> {
    try {
      const users = await freescout.listUsers();
      return { addresses: new Set(users.map(({ email }) => email.toLowerCase())), at };
    } catch (thrown) {
      if (earlier === null) {
        throw thrown;
      }
      return { ...earlier, at };
    }
  }

  return async () => {
    const now = clock.now().getTime();
    if (known === null || now - known.at >= keptMilliseconds) {
      known = await read(known, now);
    }
    return known.addresses;
  };
}
