import { afterEach, describe, expect, it } from 'vitest';
import { connectToFreeScout, type FreeScoutTrial, startTrial, until } from './freescoutTrial.ts';

let trial: FreeScoutTrial | undefined;

afterEach(() => trial?.end());

/** A dropdown of the mailbox, and a system that writes the same value into it whatever the priority is. */
async function writingInto(chooseFrom: (options: readonly string[]) => string) {
  const { client, variables } = connectToFreeScout();
  const fields = await client.listCustomFields(variables.CSM_TRIAL_MAILBOX);
  const field = Array.isArray(fields) ? fields.find(({ options }) => options?.length) : undefined;
  if (field === undefined) {
    throw new Error('The mailbox of CSM_TRIAL_MAILBOX has no dropdown with options.');
  }
  const value = chooseFrom(field.options);
  trial = await startTrial({
    freescout: {
      priorityFieldId: field.id,
      priorityFieldValues: { p0: value, p1: value, p2: value, p3: value },
    },
  });
  return { trial, id: field.id, value };
}

/** What is stored once the message was judged and noted. */
async function storedValue(on: FreeScoutTrial, id: number): Promise<unknown> {
  await on.customerWrites({ thread: 'dropdown', text: 'Hello, my lamp is broken.' });
  const { customFields } = await on.conversation('dropdown', ({ threads }) =>
    threads.some(({ type }) => type === 'note'),
  );
  return customFields?.find((field) => field.id === id)?.value;
}

async function warningsOf({ system }: FreeScoutTrial): Promise<readonly string[]> {
  return until('an answer of /ready', async () => {
    const answer = await fetch(`${system.local.api}/ready`, {
      headers: { authorization: `Bearer ${system.local.statusToken}`, 'cache-control': 'no-cache' },
    });
    const { issues } = (await answer.json()) as { readonly issues?: readonly string[] };
    return answer.ok ? (issues ?? []) : null;
  });
}

describe('a dropdown for the priority', () => {
  it('gets no value that it lacks, and /ready names it', async () => {
    const lacking = await writingInto((options) => `${options.join('')}9`);
    expect(await storedValue(lacking.trial, lacking.id)).toBeOneOf(['', null]);
    const named = (await warningsOf(lacking.trial)).filter((issue) => issue.includes(`"${lacking.value}"`));
    expect(named).toHaveLength(1);
    expect(named[0]).toContain(`custom field ${lacking.id} `);
  });

  it('gets a value that it has', async () => {
    const fitting = await writingInto((options) => options[0] ?? '');
    expect(await storedValue(fitting.trial, fitting.id)).toBe(fitting.value);
    const named = (await warningsOf(fitting.trial)).filter((issue) => issue.includes('custom field'));
    expect(named).toEqual([]);
  });
});
