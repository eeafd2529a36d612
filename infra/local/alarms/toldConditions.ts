import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { ConditionName } from '#shared/observability/conditions.ts';
import { writeWhole } from '../dataDirectory.ts';

const keptSchema = z.object({ told: z.array(z.string()) });

/** The conditions that operators were told of and that have not cleared since. */
export interface ToldConditions {
  has(name: ConditionName): boolean;
  remember(name: ConditionName): void;
  forget(name: ConditionName): void;
}

/**
 * Keeps in a file what was told, so that a restart tells nothing twice. A file that cannot be read counts as empty.
 *
 * @param report - gets a sentence when the file cannot be written; what was told is known until the system stops then.
 */
export function openToldConditions(file: string, report: (sentence: string) => void): ToldConditions {
  const told = new Set<string>(readTold(file));

  function keep(): void {
    try {
      writeWhole(file, `${JSON.stringify({ told: [...told] })}\n`);
    } catch (error) {
      report(
        `${file} cannot be written (${String(error)}): alarms that were told may be told again after a restart.`,
      );
    }
  }

  return {
    has: (name) => told.has(name),
    remember: (name) => {
      told.add(name);
      keep();
    },
    forget: (name) => {
      if (told.delete(name)) {
        keep();
      }
    },
  };
}

function readTold(file: string): readonly string[] {
  try {
    return keptSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).told;
  } catch {
    return [];
  }
}
