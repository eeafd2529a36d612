import { describe, expect, it } from 'vitest';
import type { Channel } from '#shared/channels/channel.ts';
import type { ChannelKind } from '#shared/channels/channelKinds.ts';
import type { Job } from '#shared/jobs/jobs.ts';
import { messageKey, threadMapKey } from '#shared/store/keys.ts';
import { madeUpChannel } from '#tests/support/madeUpChannel.ts';
import { customers, type SimulationOptions, simulateIntake } from './intakeSimulation.ts';
import type { Sabotage } from './intakeWorld.ts';
import { firstBroken } from './simulateSeeds.ts';

/*
 * The product is broken on purpose, one precaution at a time: the simulation has to notice, and to find nothing in the same run
 * without the sabotage.
 */

type Read = Awaited<ReturnType<Channel['read']>>;
type Distort = (message: NonNullable<Read>, job: Parameters<Channel['read']>[0]) => Read;

/** What a channel hands over is changed on its way into intake. */
function distortedChannel(isMeant: (kind: ChannelKind) => boolean, distort: Distort): Sabotage {
  return {
    worker: (deps) => ({
      ...deps,
      channel: (kind, alias) => {
        const channel = deps.channel(kind, alias);
        return channel === null || !isMeant(kind)
          ? channel
          : {
              ...channel,
              read: async (job, options) => {
                const message = await channel.read(job, options);
                return message === null ? null : distort(message, job);
              },
            };
      },
    }),
  };
}

const distortedGmail = (distort: Distort) => distortedChannel((kind) => kind === 'gmail', distort);

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
              savePollCursor: async (channel, cursor, version) => {
                const isSaved = await deps.store.state.savePollCursor(channel, cursor, version);
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
  await expectNoticed(/two conversations of one writer in one Gmail thread/, {
    groupOf: () => {
      jobs += 1;
      return `job-${jobs}`;
    },
  });
});

it('no memory of the mail that was about to start a conversation', async () => {
  await expectNoticed(/two conversations of one writer in one Gmail thread/, {
    worker: (deps) => ({
      ...deps,
      store: {
        ...deps.store,
        state: { ...deps.store.state, threadStarterOf: async () => null },
      },
    }),
  });
});

it('a stranger in a thread who is taken for somebody of its conversation', async () => {
  await expectNoticed(/a stranger in somebody's conversation/, {
    worker: (deps) => ({
      ...deps,
      freescout: {
        ...deps.freescout,
        getConversation: async (id) => {
          const conversation = await deps.freescout.getConversation(id);
          return conversation === null
            ? null
            : { ...conversation, cc: customers.map((name) => `${name}@customer.test`) };
        },
      },
    }),
  });
});

it('no memory of who wrote in a thread', async () => {
  await expectNoticed(/two conversations of one writer in one Gmail thread/, {
    worker: (deps) => ({
      ...deps,
      store: {
        ...deps.store,
        threadMap: {
          ...deps.store.threadMap,
          getAll: async (keys) =>
            deps.store.threadMap.getAll(keys.filter((key) => !/^gmail:.*:[0-9a-f]{64}$/.test(key))),
        },
      },
    }),
  });
});

it('forms that are joined by their Gmail thread', async () => {
  await expectNoticed(/a form in a conversation that was there before/, {
    worker: (deps) => ({
      ...deps,
      channel: (kind, alias) => {
        const channel = deps.channel(kind, alias);
        return channel === null
          ? null
          : {
              ...channel,
              read: async (...asked) => {
                const message = await channel.read(...asked);
                return message?.kind === 'message' && message.startsOwn
                  ? { ...message, startsOwn: false, ownKeys: [message.thread, ...message.ownKeys] }
                  : message;
              },
            };
      },
    }),
  });
});

it('no comparison of Gmail with the ledger', async () => {
  await expectNoticed(/a lost mail/, { settings: { gmail: { gapCheckDays: 0 } } }, { trouble: noTrouble });
});

describe('of what people do in Gmail', () => {
  it('a rescued mail whose row stays as it is', async () => {
    await expectNoticed(/a mail with the wrong end \(gmail:\S+ filtered label:/, {
      poll: (deps) => ({
        ...deps,
        store: { ...deps.store, ledger: { ...deps.store.ledger, reconsider: async () => false } },
      }),
    });
  });

  it('a rescued mail of which history does not tell, and no comparison', async () => {
    await expectNoticed(
      /a mail with the wrong end \(gmail:\S+ filtered label:/,
      { settings: { gmail: { gapCheckDays: 0 } } },
      { trouble: noTrouble },
    );
  });

  it('a sweep that wakes what waits for the budget alone', async () => {
    await expectNoticed(/a row that waits for ever \(\S+ deferred|an answer from Gmail that is missing/, {
      sweep: (deps) => ({
        ...deps,
        store: {
          ...deps.store,
          ledger: {
            ...deps.store.ledger,
            listByStatus: async (status, asked) =>
              status === 'deferred' && asked.reason !== 'budget'
                ? []
                : deps.store.ledger.listByStatus(status, asked),
          },
        },
      }),
    });
  });

  it('an answer of the team that waits for nothing', async () => {
    await expectNoticed(/an answer from Gmail that is missing/, {
      worker: (deps) => ({
        ...deps,
        store: {
          ...deps.store,
          ledger: {
            ...deps.store.ledger,
            finish: (key, owner, outcome) =>
              deps.store.ledger.finish(
                key,
                owner,
                outcome.status === 'deferred' && outcome.reason === 'thread-pending'
                  ? { status: 'filtered', reason: 'label:SENT' }
                  : outcome,
              ),
          },
        },
      }),
    });
  });

  it('an answer of the team that nobody reads', async () => {
    await expectNoticed(
      /an answer from Gmail that is missing/,
      distortedGmail((message) =>
        message.kind === 'team-message' ? { kind: 'filtered', reason: 'label:SENT' } : message,
      ),
    );
  });

  it('a reply of FreeScout that is taken for an answer of the team', async () => {
    await expectNoticed(
      /a mail that is no answer of the team as one/,
      distortedGmail((message, { alias, messageId, threadId }) =>
        message.kind === 'filtered' && message.reason === 'label:SENT'
          ? {
              kind: 'team-message',
              key: messageKey('gmail', alias, messageId),
              target: null,
              answers: [],
              thread: threadMapKey.thread('gmail', alias, threadId),
              author: 'Tom',
              reachedCustomer: true,
              html: () => '<div>Sent</div>',
              receivedAt: new Date(0),
            }
          : message,
      ),
    );
  });

  it('a note that ends in another conversation than that of its thread', async () => {
    await expectNoticed(
      /an answer from Gmail outside the conversation of its thread/,
      distortedGmail((message) => (message.kind === 'team-message' ? { ...message, target: 1 } : message)),
    );
  });
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
  await expectNoticed(
    /a customer message in a conversation that was closed before/,
    { worker: (deps) => ({ ...deps, freescout: { ...deps.freescout, reopen: async () => {} } }) },
    // A closed conversation, a mail that joins it and a FreeScout that stops there seldom come together.
    { mails: 120, trouble: { fault: 0.1 } },
  );
});

describe('in the second channel', () => {
  const distorted = (distort: (message: NonNullable<Read>) => Read) =>
    distortedChannel((kind) => kind !== 'gmail', distort);
  const somebodyElse = { kind: 'phone', number: '+491709999999', name: null, verified: true } as const;

  it('a message of the team that is taken for a customer’s', async () => {
    const customers = madeUpChannel();
    await expectNoticed(
      /a message of the team as a customer/,
      distorted((message) =>
        message.kind === 'team-message'
          ? {
              ...customers.receive(
                { messageId: 'w', threadId: 'w', text: 'w', receivedAt: message.receivedAt },
                somebodyElse,
              ),
              key: message.key,
              target: message.target,
            }
          : message,
      ),
    );
  });

  it('a message of the team whose note does not say so', async () => {
    await expectNoticed(/a message of the team that does not count as an answer/, {
      worker: (deps) => ({
        ...deps,
        freescout: {
          ...deps.freescout,
          addNote: (id, note) =>
            deps.freescout.addNote(id, { ...note, html: note.html.replace('csm:team:', 'csm:') }),
        },
      }),
    });
  });

  it('a message whose conversation is known and is not asked for', async () => {
    await expectNoticed(
      /a message outside the conversation it was written in/,
      distorted((message) => (message.kind === 'message' ? { ...message, target: null } : message)),
    );
  });

  it('a message that becomes somebody else’s', async () => {
    await expectNoticed(
      /a message of somebody else than who wrote it/,
      distorted((message) => (message.kind === 'message' ? { ...message, identity: somebodyElse } : message)),
    );
  });

  it('a thread that leads nowhere', async () => {
    await expectNoticed(
      /two conversations of one thread of the second channel/,
      distorted((message) => (message.kind === 'message' ? { ...message, ownKeys: [] } : message)),
    );
  });

  it('two first messages of one number in FreeScout at once', async () => {
    await expectNoticed(/two customers of one number/, {
      worker: (deps) => ({
        ...deps,
        store: { ...deps.store, state: { ...deps.store.state, acquireSenderLock: async () => null } },
      }),
    });
  });
});
