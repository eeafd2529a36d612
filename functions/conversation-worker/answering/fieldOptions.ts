import { FreeScoutFailure } from '#shared/freescout/freescoutClient.ts';
import type { CustomField, InstallationReader } from '#shared/freescout/installationReader.ts';
import type { Clock } from '#shared/time/clock.ts';
import { hourMilliseconds, minuteMilliseconds } from '#shared/time/durations.ts';

export interface FieldValue {
  readonly id: number;
  readonly value: string;
}

/** Whether FreeScout would show the value in that field. */
type TakesValue = (field: FieldValue) => boolean;

/**
 * Tells what the custom fields of a mailbox take; null while that cannot be read.
 *
 * Every value is taken by a field that is no dropdown, and by any field where FreeScout cannot tell.
 *
 * @param wanted - what is about to be written.
 */
export type FieldOptions = (mailboxId: number, wanted: readonly FieldValue[]) => Promise<TakesValue | null>;

/** Somebody who was told of a missing option adds it and looks whether it works. */
const askAgainAfterMilliseconds = 5 * minuteMilliseconds;
/** Options seldom go away, and a mail should not cost one more call. */
const keptMilliseconds = hourMilliseconds;

interface Known {
  readonly fields: readonly CustomField[];
  readonly at: number;
}

/**
 * Reads the options of a mailbox when they are first needed, and keeps them for an hour. When they lack a value, they are read again
 * after five minutes. What was known stays when reading again fails, or the route is gone.
 */
export function createFieldOptions({
  freescout,
  clock,
}: {
  readonly freescout: Pick<InstallationReader, 'listCustomFields'>;
  readonly clock: Pick<Clock, 'now'>;
}): FieldOptions {
  const known = new Map<number, Promise<Known>>();

  async function ask(mailboxId: number, earlier: Known | null): Promise<Known> {
    const now = clock.now().getTime();
    try {
      const fields = await freescout.listCustomFields(mailboxId);
      // While FreeScout is renewed, its routes may be gone for a moment.
      return {
        fields: fields === null || fields === 'module-absent' ? (earlier?.fields ?? []) : fields,
        at: now,
      };
    } catch (error) {
      if (earlier !== null && error instanceof FreeScoutFailure) {
        return { ...earlier, at: now };
      }
      known.delete(mailboxId);
      throw error;
    }
  }

  function read(mailboxId: number, earlier: Known | null): Promise<Known> {
    const reading = ask(mailboxId, earlier);
    known.set(mailboxId, reading);
    return reading;
  }

  return async (mailboxId, wanted) => {
    try {
      const reading = known.get(mailboxId) ?? read(mailboxId, null);
      const first = await reading;
      const lacks = !wanted.every(takes(first));
      const isOld =
        clock.now().getTime() - first.at >= (lacks ? askAgainAfterMilliseconds : keptMilliseconds);
      // Another job may have begun to read again meanwhile.
      const latest = known.get(mailboxId) ?? reading;
      return takes(isOld ? await (latest === reading ? read(mailboxId, first) : latest) : first);
    } catch (error) {
      if (error instanceof FreeScoutFailure) {
        return null;
      }
      throw error;
    }
  };
}

function takes({ fields }: Known): TakesValue {
  return ({ id, value }) => fields.find((field) => field.id === id)?.options?.includes(value) ?? true;
}
