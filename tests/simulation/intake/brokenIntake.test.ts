import { expect, it } from 'vitest';
import type { Job } from '#shared/jobs/jobs.ts';
import { type SimulationOptions, simulateIntake } from './intakeSimulation.ts';
import type { Sabotage } from './intakeWorld.ts';
import { firstBroken } from './simulateSeeds.ts';

/*
 * The product is broken on purpose, one precaution at a time: the simulation has to notice, and to find nothing in the same run
 * without the sabotage.
 */

const enough = 150;
const noTrouble = { crash: 0, fault: 0, burst: 0, slow: 0 };

async function expectNoticed(
  rule: RegExp,
  sabotage: Sabotage,
  options: Omit<SimulationOptions, 'sabotage'> & { readonly control?: Sabotage } = {},
): Promise<void> {
  const { control = {}, ...rest } = options;
  const seed = await firstBroken(rule, { ...rest, sabotage: { ...control, ...sabotage } }, enough);
  expect(seed, 'no seed breaks the rule').not.toBeNull();
  const unbroken = await simulateIntake(seed ?? 0, { ...rest, sabotage: control });
  expect(unbroken.violations).toEqual([]);
}

it('a cursor that moves before its mails are queued', async () => {
  await expectNoticed(
    /a lost mail/,
    {
      poll: (deps) => {
        const held: { readonly job: Job; readonly deduplicationId: string }[] = [];
        return {
          ...deps,
          queue: {
            ...deps.queue,
            sendAll: async (jobs) => {
              held.push(...jobs);
            },
          },
          store: {
            ...deps.store,
            state: {
              ...deps.store.state,
              saveGmailCursor: async (cursor, version) => {
                const isSaved = await deps.store.state.saveGmailCursor(cursor, version);
                await deps.queue.sendAll(held.splice(0));
                return isSaved;
              },
            },
          },
        };
      },
    },
    // The hourly comparison would repair it.
    { reliableHistory: true, control: { settings: { gmail: { gapCheckDays: 0 } } } },
  );
});

it('no search for an earlier write', async () => {
  await expectNoticed(/2 entries of a mail instead of 1/, {
    worker: (deps) => ({
      ...deps,
      store: {
        ...deps.store,
        ledger: {
          ...deps.store.ledger,
          claim: async (...claimed) => {
            const claim = await deps.store.ledger.claim(...claimed);
            if (claim.outcome !== 'claimed') {
              return claim;
            }
            const { writeStartedAt, ...row } = claim.row;
            return { outcome: 'claimed', row };
          },
        },
      },
    }),
  });
});

it('no message groups', async () => {
  let jobs = 0;
  await expectNoticed(/two conversations of one Gmail thread/, {
    groupOf: () => {
      jobs += 1;
      return `job-${jobs}`;
    },
  });
});

it('no memory of the mail that was about to start a conversation', async () => {
  await expectNoticed(/two conversations of one Gmail thread/, {
    worker: (deps) => ({
      ...deps,
      store: {
        ...deps.store,
        state: { ...deps.store.state, threadStarterOf: async () => null },
      },
    }),
  });
});

it('no comparison of Gmail with the ledger', async () => {
  await expectNoticed(/a lost mail/, { settings: { gmail: { gapCheckDays: 0 } } }, { trouble: noTrouble });
});

it('nobody who wakes what failed', async () => {
  await expectNoticed(/a row that is not terminal/, {
    sweep: (deps) => ({
      ...deps,
      store: { ...deps.store, ledger: { ...deps.store.ledger, listByStatus: async () => [] } },
    }),
  });
});

it('deduplication ids that name a conversation instead of an event', async () => {
  await expectNoticed(
    /a customer message that was forgotten/,
    {
      worker: (deps) => ({
        ...deps,
        queue: {
          ...deps.queue,
          send: (job, deduplicationId) =>
            deps.queue.send(job, job.kind === 'conversation' ? `of:${job.conversationId}` : deduplicationId),
        },
      }),
    },
    {
      trouble: { ...noTrouble, lostWebhook: 1 },
      nothingFetched: true,
      control: { settings: { freescout: { url: 'http://freescout.test', safetyNet: false } } },
    },
  );
});

it('a list of FreeScout that never happens, while webhooks get lost', async () => {
  await expectNoticed(
    /a customer message that was forgotten/,
    { settings: { freescout: { url: 'http://freescout.test', safetyNet: false } } },
    {
      trouble: { ...noTrouble, lostWebhook: 0.5 },
      control: { settings: { freescout: { url: 'http://freescout.test' } } },
    },
  );
});

it('two first mails of a customer in FreeScout at once', async () => {
  await expectNoticed(/a customer whom nobody can answer/, {
    worker: (deps) => ({
      ...deps,
      freescout: { ...deps.freescout, setCustomer: async () => {} },
      store: { ...deps.store, state: { ...deps.store.state, acquireSenderLock: async () => null } },
    }),
  });
});

it('a message that FreeScout stored and did not re-open its conversation for', async () => {
  await expectNoticed(/a customer message in a conversation that was closed before/, {
    worker: (deps) => ({ ...deps, freescout: { ...deps.freescout, reopen: async () => {} } }),
  });
});
