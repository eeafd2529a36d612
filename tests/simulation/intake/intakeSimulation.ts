import { fetchMail } from '#infra/standins/freescout/fetchedMail.ts';
import { defaultAgent } from '#infra/standins/freescout/model.ts';
import type { OutgoingMail } from '#infra/standins/freescout/records.ts';
import { buildMail, type MailHeaders } from '#tests/support/mailBuilder.ts';
import { seededRandom } from '#tests/support/simulation/seededRandom.ts';
import { faultsAtTheEnd } from './intakeRules.ts';
import {
  type Alias,
  channels,
  createIntakeWorld,
  privateLabelId,
  type Sabotage,
  type Trouble,
} from './intakeWorld.ts';
import { secondChannel } from './secondChannel.ts';
import { type ExpectedMail, type Fate, newsletterHeaders } from './simulatedMail.ts';

export interface SimulatedRun {
  readonly seed: number;
  /** Rules that were broken; empty when all held. */
  readonly violations: readonly string[];
  /** How often what happened. */
  readonly counts: ReadonlyMap<string, number>;
  /** What happened, in order; empty unless asked for. */
  readonly trace: readonly string[];
  /** Steps that all units of work took together. */
  readonly steps: number;
}

export interface SimulationOptions {
  /** Mails that come into Gmail; between 20 and 40 unless told. */
  readonly mails?: number;
  /** Default: by the seed. */
  readonly trouble?: Partial<Trouble>;
  /** Gmail's history tells of every mail, once and in time. */
  readonly reliableHistory?: boolean;
  /** Mail comes from Gmail only. */
  readonly nothingFetched?: boolean;
  readonly sabotage?: Sabotage;
  readonly traced?: boolean;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const start = '2026-11-20T08:00:00.000Z';
/** Lost entries are found within the hour, dead letters are woken hourly, and one dead letter can follow another. */
const mostQuietHours = 48;

const waysOfHistory = [
  ...(['once', 'once', 'once', 'once', 'once', 'once'] as const),
  ...(['doubled', 'late', 'lost'] as const),
] as const;
const labelsInTheWay: readonly [readonly string[], ...(readonly string[])[]] = [
  ['SPAM'],
  ['TRASH'],
  ['INBOX', privateLabelId],
];
/** Names of those who write; their addresses are at `customer.test`. */
export const customers = [
  'nina',
  'omar',
  'pia',
  'quentin',
  'rosa',
  'sven',
  'tara',
  'uwe',
  'vera',
  'wim',
] as const;

/** One run of the whole intake in a world that only the seed decides about. */
export async function simulateIntake(seed: number, options: SimulationOptions = {}): Promise<SimulatedRun> {
  const random = seededRandom(seed);
  const trace: string[] = [];
  const trouble: Trouble = {
    crash: random.pick([0, 0.002, 0.006, 0.012]),
    fault: random.pick([0, 0.02, 0.1]),
    lostWebhook: random.pick([0, 0.1, 0.3]),
    burst: random.pick([0, 0.002]),
    slow: random.pick([0, 0.01, 0.04]),
    ...options.trouble,
  };
  const world = createIntakeWorld({
    random,
    trouble,
    sabotage: options.sabotage ?? {},
    start,
    deliverToCustomer: (mail) => afterReply(mail),
    trace: options.traced ? (line) => trace.push(line) : null,
  });
  const { time, desk, mailboxes } = world;
  const expected: ExpectedMail[] = [];
  const messages = secondChannel(world);
  const now = () => time.now().getTime();
  const every = (milliseconds: () => number, run: () => void) => {
    const next = () => {
      run();
      time.setTimer(milliseconds(), next);
    };
    time.setTimer(random.between(0, milliseconds()), next);
  };

  function arrive(
    mail: {
      readonly alias: Alias;
      readonly from: string;
      readonly to?: string;
      readonly gmailThreadId?: string;
      readonly subject?: string;
      readonly internalDate?: Date;
      readonly labelIds?: readonly string[];
      readonly headers?: MailHeaders;
      readonly answers?: ExpectedMail['answers'];
      readonly isForm?: boolean;
    },
    fate: Fate,
  ): ExpectedMail {
    const number = expected.length + 1;
    const messageId = `m${number}`;
    const internalDate = mail.internalDate ?? time.now();
    const channel = channels.find(({ alias }) => alias === mail.alias) ?? channels[0];
    const to = mail.to ?? channel.address;
    const told = options.reliableHistory ? 'once' : random.pick(waysOfHistory);
    const entry: ExpectedMail = {
      alias: mail.alias,
      messageId,
      gmailThreadId: mail.gmailThreadId ?? messageId,
      fate,
      from: mail.from,
      to,
      isForm: mail.isForm === true,
      isToldAtOnce: told === 'once' || told === 'doubled',
      answers: mail.answers ?? null,
    };
    expected.push(entry);
    mailboxes[mail.alias].deliver({
      messageId,
      gmailThreadId: entry.gmailThreadId,
      internalDate,
      labelIds: mail.labelIds ?? ['INBOX', 'UNREAD'],
      told,
      lateMilliseconds: random.between(1, 10) * minute,
      raw: buildMail(
        {
          From: mail.isForm ? 'Shop <forms@shop.test>' : mail.from,
          'Reply-To': mail.isForm ? mail.from : [],
          To: to,
          Subject: mail.subject ?? `Question ${number}`,
          Date: internalDate.toUTCString(),
          'Message-ID': `<${messageId}@mail.test>`,
          'In-Reply-To': mail.answers ? `<${mail.answers.messageId}>` : [],
          References: mail.answers ? `<${mail.answers.messageId}>` : [],
          ...mail.headers,
        },
        random.chance(0.1)
          ? `My lawyer asks about matter ${number}.`
          : `Please help me with matter ${number}.`,
      ),
    });
    world.say(`mail ${messageId} of ${mail.alias} in thread ${entry.gmailThreadId}: ${fate}`);
    return entry;
  }

  const addressOf = (name: string) => `${name} <${name}@customer.test>`;
  const aliasAtRandom = (): Alias => random.pick(['support', 'support', 'sales']);

  function newThread(internalDate?: Date, fate: Fate = 'ticket'): void {
    const [alias, from] = [aliasAtRandom(), addressOf(random.pick(customers))];
    const dated = internalDate === undefined ? {} : { internalDate };
    const first = arrive({ alias, from, ...dated }, fate);
    // Two mails of one new thread at the same time.
    if (random.chance(0.25)) {
      arrive({ alias, from, gmailThreadId: first.gmailThreadId, ...dated }, fate);
    }
  }

  /** A further mail of a thread. Whoever goes on with an answer to a reply of ours is the one who gave it. */
  const goingOn = ({ alias, from, gmailThreadId, answers }: ExpectedMail) => ({
    ...{ alias, gmailThreadId, answers },
    from: answers === null ? addressOf(random.pick(customers)) : from,
  });

  /** A mail that its labels keep out, now or soon, until somebody takes them away; who does may change their mind. */
  function relabelledMail(): void {
    const known = random.pickAny(expected.filter(({ fate }) => fate === 'ticket'));
    const from = addressOf(random.pick(customers));
    const thread =
      known !== undefined && random.chance(0.3) ? goingOn(known) : { alias: aliasAtRandom(), from };
    const [before, after] = [random.pick(labelsInTheWay), ['INBOX', ...random.pick([[], ['STARRED']])]];
    const isKeptOutAtOnce = random.chance(0.7);
    const mail = arrive(
      { ...thread, labelIds: isKeptOutAtOnce ? before : ['INBOX', 'UNREAD'] },
      isKeptOutAtOnce ? 'filtered' : 'ticket',
    );
    const relabel = (labelIds: readonly string[]) => {
      world.say(`somebody relabels ${mail.messageId}: ${labelIds.join(' ')}`);
      world.count('relabelled mails');
      mailboxes[mail.alias].relabel(mail.messageId, labelIds, {
        told: options.reliableHistory ? 'once' : random.pick(waysOfHistory),
        lateMilliseconds: random.between(1, 10) * minute,
      });
    };
    let wait = random.between(0, 30 * minute);
    if (isKeptOutAtOnce && random.chance(0.2)) {
      // Nobody takes it out again, and Gmail lists nothing that lies there.
      mail.fate = 'ignored';
      time.setTimer(wait, () => relabel([...before, 'STARRED']));
      return;
    }
    for (let left = random.between(0, 2) + (isKeptOutAtOnce ? 0 : 1); left > 0; left -= 1) {
      time.setTimer(wait, () => relabel(before));
      wait += random.between(0, 3 * minute);
      time.setTimer(wait, () => relabel(after));
      wait += random.between(0, 30 * minute);
    }
    time.setTimer(wait, () => {
      mail.fate = 'ticket';
      relabel(after);
    });
  }

  /** Somebody of the team answers in Gmail, soon or later. */
  function answerInGmail(): void {
    const question = random.pickAny(
      expected.filter(({ fate, isToldAtOnce }) => fate === 'ticket' && isToldAtOnce),
    );
    if (question === undefined) {
      newThread();
      return;
    }
    const { alias, gmailThreadId, from: to } = question;
    arrive(
      {
        ...{ alias, gmailThreadId, to, subject: 'Re: Question' },
        from: `${alias}@example.com`,
        labelIds: random.pick([['SENT'], ['SENT'], ['SENT', 'INBOX']]),
        headers: { 'In-Reply-To': `<${question.messageId}@mail.test>` },
      },
      'team',
    );
  }

  function anotherMail(): void {
    if (random.chance(0.15)) {
      relabelledMail();
      return;
    }
    if (random.chance(0.12)) {
      answerInGmail();
      return;
    }
    const kind = random.next();
    const known = random.pickAny(expected.filter(({ fate }) => fate === 'ticket'));
    if (kind < 0.06) {
      arrive({ alias: aliasAtRandom(), from: 'support@example.com', labelIds: ['SENT'] }, 'filtered');
    } else if (kind < 0.12) {
      arrive(
        { alias: aliasAtRandom(), from: 'News <weekly@news.example.net>', headers: newsletterHeaders },
        'filtered',
      );
    } else if (kind < 0.15) {
      const mail = arrive({ alias: aliasAtRandom(), from: addressOf('yara') }, 'filtered');
      mailboxes[mail.alias].remove(mail.messageId);
      // Nobody can know of a mail that is gone, unless history told of it.
      mail.fate = 'ignored';
    } else if (kind < 0.17) {
      const date = new Date(now() - random.between(2, 400) * 24 * hour);
      arrive({ alias: aliasAtRandom(), from: addressOf('yara'), internalDate: date }, 'ignored');
    } else if (kind < 0.23) {
      // Somebody new writes to more than one of our addresses, or twice.
      const from = addressOf(`stranger-${expected.length}`);
      arrive({ alias: aliasAtRandom(), from }, 'ticket');
      arrive({ alias: aliasAtRandom(), from }, 'ticket');
    } else if (kind < 0.28) {
      // People fill in the same form; Gmail puts what the form mails into one thread.
      const alias = aliasAtRandom();
      const form = random.pickAny(expected.filter((mail) => mail.isForm && mail.alias === alias));
      const inThread = form === undefined ? {} : { gmailThreadId: form.gmailThreadId };
      arrive({ alias, from: addressOf(random.pick(customers)), isForm: true, ...inThread }, 'ticket');
    } else if (kind < 0.48 && known !== undefined) {
      arrive(goingOn(known), 'ticket');
    } else {
      newThread();
    }
  }

  /** The customer reads an agent's reply, which also lies in Gmail as sent, and may answer it in a thread of its own. */
  function afterReply(mail: OutgoingMail): void {
    const alias: Alias = mail.from.email === 'sales@example.com' ? 'sales' : 'support';
    const thread = random.pickAny(
      expected.filter((known) => known.alias === alias && known.fate === 'ticket'),
    );
    arrive(
      {
        alias,
        from: mail.from.email,
        to: mail.to[0] ?? '',
        subject: mail.subject,
        labelIds: ['SENT'],
        headers: { 'Message-ID': `<${mail.messageId}>` },
        ...(thread !== undefined && random.chance(0.5) ? { gmailThreadId: thread.gmailThreadId } : {}),
      },
      'filtered',
    );
    const to = mail.to[0] ?? '';
    const form = expected.find(
      (each) => each.isForm && each.alias === alias && each.from.includes(`<${to}>`),
    );
    if (random.chance(0.6)) {
      const inThread = form !== undefined && random.chance(0.5) ? { gmailThreadId: form.gmailThreadId } : {};
      time.setTimer(random.between(1, 40) * minute, () =>
        arrive(
          {
            alias,
            from: to,
            ...inThread,
            subject: mail.subject,
            answers: mail,
          },
          'ticket',
        ),
      );
    }
  }

  /** Agents answer, with our draft or without, and close. */
  function agentActs(): void {
    const conversation = random.pickAny(
      [...desk.conversations.values()].filter(
        ({ state, status }) => state === 'published' && status !== 'spam',
      ),
    );
    if (conversation === undefined || conversation.type === 'phone') {
      return;
    }
    const { id } = conversation;
    const draft = desk.threadsOf.get(id)?.find(({ state }) => state === 'draft');
    const status = random.pick<'active' | 'pending' | 'closed'>(['active', 'pending', 'closed']);
    const kind = random.next();
    world.say(`agent acts in ${id}`);
    const other = random.pickAny(
      [...desk.conversations.values()].filter(
        (candidate) => candidate.id !== id && candidate.mailboxId === conversation.mailboxId,
      ),
    );
    if (kind < 0.06) {
      world.movedByPeople.add(id);
      desk.agent.trash(id, defaultAgent);
    } else if (kind < 0.12) {
      world.movedByPeople.add(id);
      desk.agent.setStatus(id, 'spam', defaultAgent);
    } else if (kind < 0.18 && other !== undefined && other.state === 'published') {
      world.movedByPeople.add(id).add(other.id);
      desk.agent.merge(other.id, id, defaultAgent);
    } else if (kind < 0.5 && draft !== undefined) {
      desk.agent.sendDraft({ conversationId: id, threadId: draft.id }, { user: defaultAgent, status });
    } else if (kind < 0.7) {
      desk.agent.reply(id, { user: defaultAgent, body: '<div>My own words</div>', status });
    } else if (kind < 0.85) {
      desk.agent.addNote(id, { user: defaultAgent, body: 'Look at this' });
    } else {
      desk.agent.setStatus(id, 'closed', defaultAgent);
    }
  }

  /** Mail that FreeScout fetches itself, from a mailbox of its own: found by webhook or by the sweep. */
  function mailIntoFreeScout(number: number): void {
    fetchMail(desk, random.pick([1, 2]), {
      messageId: `fetched-${number}@mail.test`,
      from: { name: 'Zoe', email: 'zoe@customer.test' },
      to: 'support@example.com',
      cc: [],
      subject: `Fetched ${number}`,
      text: `Please help me with fetched matter ${number}.`,
      html: '',
      inReplyTo: null,
      references: [],
    });
  }

  // Mail from before the first start, some of it too old.
  for (let count = random.between(0, 4); count > 0; count -= 1) {
    newThread(new Date(now() - random.between(1, 23) * hour));
  }
  newThread(new Date(now() - 25 * hour), 'ignored');

  const mails = options.mails ?? random.between(20, 40);
  const isSmall = mails < 10;
  const activeMilliseconds = isSmall ? 10 * minute : Math.max(2 * hour, mails * 3 * minute);
  let fewer = 1;
  every(
    () => fewer * minute,
    () => {
      void world.poll();
      if (random.chance(0.1)) {
        time.setTimer(random.between(0, 3) * second, () => void world.poll());
      }
    },
  );
  every(
    () => 5 * minute,
    () => {
      void world.sweep();
      if (random.chance(0.05)) {
        void world.sweep();
      }
    },
  );
  every(
    () => 60 * minute,
    () => void world.compareSecond(),
  );
  for (let left = mails; left > 0; left -= 1) {
    time.setTimer(random.between(0, activeMilliseconds), anotherMail);
  }
  for (let left = Math.max(4, Math.ceil(mails / 3)); left > 0; left -= 1) {
    time.setTimer(random.between(0, activeMilliseconds), messages.arrive);
  }
  for (let left = options.nothingFetched ? 0 : random.between(0, 3); left > 0; left -= 1) {
    time.setTimer(random.between(0, activeMilliseconds), () => mailIntoFreeScout(left));
  }
  for (let left = random.between(0, Math.ceil(mails / 4)); left > 0; left -= 1) {
    time.setTimer(random.between(0, activeMilliseconds), agentActs);
  }
  for (let left = random.between(0, 2); left > 0; left -= 1) {
    time.setTimer(random.between(0, activeMilliseconds), () => {
      world.say('Gmail forgets its history');
      mailboxes[aliasAtRandom()].forgetHistory();
    });
  }

  let isQuiet = false;
  time.setTimer(activeMilliseconds + (isSmall ? 10 * minute : hour), () => {
    Object.assign(trouble, { crash: 0, fault: 0, lostWebhook: 0, burst: 0, slow: 0 });
    fewer = 5;
    isQuiet = true;
    world.say('everything calms down');
  });
  await time.runUntil(() => isQuiet);

  let faults: readonly string[] = [];
  for (let quietHours = 3; quietHours <= mostQuietHours; quietHours += 3) {
    const until = now() + 3 * hour;
    await time.runUntil(() => now() >= until);
    faults = await faultsAtTheEnd(world, expected, messages.expected);
    if (faults.length === 0) {
      break;
    }
  }
  return {
    seed,
    violations: [...new Set([...world.violations, ...faults])],
    counts: world.counts,
    trace,
    steps: time.steps,
  };
}
