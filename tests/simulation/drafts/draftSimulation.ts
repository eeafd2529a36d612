import { defaultBot, type HelpDesk } from '#infra/standins/freescout/model.ts';
import { tagsOf } from '#infra/standins/freescout/presentation.ts';
import type { ConversationRecord, ThreadRecord } from '#infra/standins/freescout/records.ts';
import { markerNames } from '#shared/drafts/markers.ts';
import type { DraftCycle, LiveDraft } from '#shared/store/botDrafts.ts';
import { followUpKey, threadKey } from '#shared/store/keys.ts';
import { isTerminal, type LedgerRow } from '#shared/store/ledger.ts';
import type { DraftMode } from '#tests/support/drafts/draftDesk.ts';
import { seededRandom } from '#tests/support/simulation/seededRandom.ts';
import { isTeamNote } from './draftRules.ts';
import { createDraftWorld, type DraftWorld, type Sabotage } from './draftWorld.ts';

export interface SimulatedRun {
  readonly seed: number;
  /** Rules that were broken; empty when all held. */
  readonly violations: readonly string[];
  /** How often what happened. */
  readonly counts: ReadonlyMap<string, number>;
  /** What happened, in order; empty unless asked for. */
  readonly trace: readonly string[];
}

export interface SimulationOptions {
  readonly sabotage?: Sabotage;
  readonly traced?: boolean;
  /** Stale conversations are looked for at random times. */
  readonly followUps?: boolean;
}

/** One run of the draft life-cycle in a world that only the seed decides about. */
export async function simulateDrafts(
  seed: number,
  mode: DraftMode,
  { sabotage = {}, traced = false, followUps = false }: SimulationOptions = {},
): Promise<SimulatedRun> {
  const random = seededRandom(seed);
  const trace: string[] = [];
  const world = createDraftWorld(random, mode, sabotage, traced ? trace : null);
  world.customerWrites([]);
  if (random.chance(0.15)) {
    world.customerWrites([]);
  }

  for (let step = random.between(6, 14); step > 0; step--) {
    const milliseconds = random.pick([500, 5_000, 14_000, 25_000, 90_000, 1_200_000]);
    world.clock.advance(random.between(1, milliseconds));
    for (let acts = random.between(0, 2); acts > 0; acts--) {
      world.clock.advance(1_000);
      world.act();
    }
    await world.landLate();
    await world.work();
    if (random.chance(0.1)) {
      sweep(world, `sweep:${step}`);
    }
    if (followUps && random.chance(0.5)) {
      world.clock.advance(random.pick([1_000, 400_000, 1_000_000]));
      await world.lookForStale();
      if (random.chance(0.2)) {
        await world.wakeRows();
      }
    }
  }

  const violations = await comeToRest(world, mode);
  if (followUps) {
    for (let round = 1; round <= 3; round++) {
      world.clock.advance(1_200_000);
      await world.wakeRows();
      await world.lookForStale();
      await workAll(world);
    }
    violations.push(
      ...world.rules.violations,
      ...(await endingsOf(world, mode)),
      ...(await followUpsOf(world)),
    );
  }
  return { seed, violations, counts: world.counts, trace };
}

/** Nothing goes wrong any more and nobody acts; when all work is done, tells which rules were broken. */
export async function comeToRest(world: DraftWorld, mode: DraftMode): Promise<string[]> {
  Object.assign(world.weather, { acts: 0, crashes: 0, faults: 0, crashIn: 0, limits: 0, losses: 0 });
  for (let round = 1; round <= 3; round++) {
    world.clock.advance(400_000);
    await world.landLate();
    sweep(world, `end:${round}`);
    await workAll(world);
  }
  world.rules.checkMails();
  world.rules.checkNotes();
  return [...world.rules.violations, ...(await endingsOf(world, mode))];
}

/** Every conversation gets a job: what the sweep does for those whose events were lost. */
function sweep(world: DraftWorld, run: string): void {
  for (const { id } of world.conversations()) {
    world.queueJob(id, 'sweep', `${run}:${id}`);
  }
}

export async function workAll(world: DraftWorld): Promise<void> {
  for (let jobs = 0; jobs < 200; jobs++) {
    if (await world.work()) {
      continue;
    }
    const next = world.queue.nextAt();
    if (next === null) {
      return;
    }
    world.clock.advance(Math.max(1_000, next - world.clock.now().getTime()));
  }
  throw new Error('The queue never gets empty');
}

/** What must be true when everything has come to rest. */
async function endingsOf(world: DraftWorld, mode: DraftMode): Promise<string[]> {
  const broken: string[] = [];
  const { store, people } = world;
  for (const conversation of world.conversations()) {
    const { id } = conversation;
    const cycles = await store.drafts.listCycles(id);
    for (const { outcome } of cycles) {
      world.counts.set(outcome, (world.counts.get(outcome) ?? 0) + 1);
    }
    // One thread can serve two cycles: left over from one that an agent's own reply ended, it carries the next suggestion.
    const sentIds = cycles.flatMap(({ draftThreadId, minutesToSend }) =>
      draftThreadId === null || minutesToSend === null ? [] : draftThreadId,
    );
    if (new Set(sentIds).size !== sentIds.length) {
      broken.push('a draft that was sent twice');
    }
    if (conversation.state === 'deleted' || people.merged.has(id) || people.resets.has(id)) {
      continue;
    }
    const live = await store.drafts.getLive(id);
    broken.push(
      ...cycleFaults(live, cycles, mode),
      ...elsewhereFaults(world, id, live, mode),
      ...(await draftFaults(world, id, live, cycles)),
      ...(await messageFaults(world, conversation)),
    );
  }
  return broken;
}

const isOpen = ({ state }: LiveDraft): boolean => state === 'creating' || state === 'live';

/** Every cycle that has ended has its outcome, and no intent waits for ever. */
function cycleFaults(live: LiveDraft | null, cycles: readonly DraftCycle[], mode: DraftMode): string[] {
  const broken: string[] = [];
  if (live !== null && !isOpen(live) && live.draftThreadId !== null) {
    if (!cycles.some(({ answeredThreadId }) => answeredThreadId === live.answeredThreadId)) {
      broken.push('a cycle without outcome');
    }
  }
  if (mode === 'managed' && live?.state === 'creating') {
    broken.push('an intent that was never settled');
  }
  return broken;
}

/** An answer from elsewhere ends the cycle of what it answers, and with the companion module it takes our untouched draft away. */
function elsewhereFaults(
  { desk, rules, people }: DraftWorld,
  conversationId: number,
  live: LiveDraft | null,
  mode: DraftMode,
): string[] {
  const answeredAt = desk.threadsOf.get(conversationId)?.findLast(isTeamNote)?.createdAt;
  if (answeredAt === undefined) {
    return [];
  }
  const isEarlier = (threadId: number) => (desk.threads.get(threadId)?.createdAt ?? answeredAt) < answeredAt;
  const isUntouched = (thread: ThreadRecord | undefined) =>
    thread?.state === 'draft' &&
    thread.createdByUserId === defaultBot &&
    thread.editedByUserId === null &&
    !people.touched.has(thread.id);
  const broken: string[] = [];
  if (live !== null && isOpen(live) && isEarlier(live.answeredThreadId)) {
    broken.push('a draft that still counts after the team answered elsewhere');
  }
  const isLeft = [...rules.botDrafts.values()].some(
    ({ threadId, answered, ...draft }) =>
      draft.conversationId === conversationId &&
      isUntouched(desk.threads.get(threadId)) &&
      [threadId, ...answered].every(isEarlier),
  );
  if (mode === 'managed' && isLeft) {
    broken.push('an untouched draft that stays after the team answered elsewhere');
  }
  return broken;
}

/** Every draft of ours in a conversation is the live one, or its cycle has ended. */
async function draftFaults(
  { desk, store, rules }: DraftWorld,
  conversationId: number,
  live: LiveDraft | null,
  cycles: readonly DraftCycle[],
): Promise<string[]> {
  const broken: string[] = [];
  for (const draft of rules.botDrafts.values()) {
    if (draft.conversationId !== conversationId) {
      continue;
    }
    const isLive =
      live !== null &&
      isOpen(live) &&
      (live.draftThreadId === draft.threadId || draft.answered.includes(live.answeredThreadId));
    const ended = cycles.some(
      (cycle) => cycle.draftThreadId === draft.threadId || draft.answered.includes(cycle.answeredThreadId),
    );
    // Never recorded, and discarded or made somebody else's with other words before anybody looked: nobody can know of it.
    const thread = desk.threads.get(draft.threadId);
    const isRecognisable =
      thread?.createdByUserId === defaultBot || markerNames(thread?.body ?? '').length > 0;
    const couldBeKnown =
      isRecognisable || (await store.drafts.getText(draft.threadId, conversationId)) !== null;
    if (!isLive && !ended && couldBeKnown) {
      broken.push('a draft of ours that no record knows');
    }
    if (isLive && thread?.state === 'published') {
      broken.push('a sent draft without outcome');
    }
  }
  return broken;
}

/** A customer message that waits for an answer was worked on. */
async function messageFaults(
  { desk, store, counts }: DraftWorld,
  { id, status }: ConversationRecord,
): Promise<string[]> {
  const newest = messagesOf(desk, id).at(-1);
  if (newest?.type !== 'customer' || (status !== 'active' && status !== 'pending')) {
    return [];
  }
  const row = await store.ledger.get(threadKey(id, newest.id));
  const ended = `ended ${row?.action}`;
  counts.set(ended, (counts.get(ended) ?? 0) + 1);
  return row === null || !isTerminal(row) ? ['a customer message that was forgotten'] : [];
}

/** What the customer and the team wrote to each other, oldest first. */
function messagesOf(desk: HelpDesk, conversationId: number): readonly ThreadRecord[] {
  return (desk.threadsOf.get(conversationId) ?? [])
    .filter(
      (thread) =>
        thread.state === 'published' &&
        (thread.type === 'customer' || thread.type === 'message' || isTeamNote(thread)),
    )
    .toSorted((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id - b.id);
}

/** What must be true of follow-ups when everything has come to rest. */
async function followUpsOf(world: DraftWorld): Promise<string[]> {
  const broken: string[] = [];
  const { desk, store, people } = world;
  for (const conversation of world.conversations()) {
    const { id } = conversation;
    const names = await namesOfKnownDrafts(world, id);
    if (new Set(names).size !== names.length && !people.resets.has(id)) {
      broken.push('two drafts of one kind for one message');
    }

    const messages = messagesOf(desk, id);
    const rows = await store.ledger.getAll(messages.map((thread) => followUpKey(id, thread.id)));
    for (const row of rows.values()) {
      if (!isTerminal(row)) {
        broken.push(`a follow-up that never ended: ${row.status} ${row.reason}`);
      }
      world.counts.set(`follow-up ${row.action}`, (world.counts.get(`follow-up ${row.action}`) ?? 0) + 1);
    }
    if (conversation.state === 'deleted' || people.merged.has(id)) {
      continue;
    }
    const newest = messages.at(-1);
    const row = newest && rows.get(followUpKey(id, newest.id));
    broken.push(...tagFaults(world, conversation, newest?.type === 'customer', row));
  }
  return broken;
}

async function namesOfKnownDrafts(
  { desk, store, rules }: DraftWorld,
  conversationId: number,
): Promise<readonly string[]> {
  const names: string[] = [];
  for (const draft of rules.botDrafts.values()) {
    const { threadId, name } = draft;
    // Written, never recorded and discarded before anybody looked: nobody can know of it.
    const couldBeKnown =
      desk.threads.has(threadId) || (await store.drafts.getText(threadId, conversationId)) !== null;
    if (draft.conversationId === conversationId && couldBeKnown) {
      names.push(name);
    }
  }
  return names;
}

/** The tags of follow-ups say what the row of the newest message says, and nothing else. */
function tagFaults(
  { desk, followUps }: DraftWorld,
  { id, status }: ConversationRecord,
  isFromCustomer: boolean,
  row: LedgerRow | undefined,
): string[] {
  const broken: string[] = [];
  const tag = isFromCustomer ? followUps.tag : followUps.reminder.tag;
  const ours = tagsOf(desk, id)
    .map(({ name }) => name)
    .filter((each) => [followUps.tag, followUps.reminder.tag].includes(each));
  const hasWords = row?.followUp !== undefined && row.followUp !== 'no-draft';
  if (hasWords && row.reason === undefined && !ours.includes(tag)) {
    broken.push('a follow-up without its tag');
  }
  if (row?.followUp === 'no-draft' && ours.includes(tag)) {
    broken.push('a follow-up tag over nothing');
  }
  if (status !== 'spam' && ours.some((each) => each !== tag || row === undefined)) {
    broken.push('a follow-up tag that is no longer true');
  }
  return broken;
}

/** What a failing run leaves for whoever looks into it. */
function reportOf({ seed, violations, trace }: SimulatedRun, file: string): string {
  return [
    `Seed ${seed} broke: ${violations.join('; ')}`,
    `Replay: SIMULATION_SEED=${seed} npx vitest run --project simulation tests/simulation/drafts/${file}.test.ts`,
    ...trace,
  ].join('\n');
}

/**
 * Runs many seeds: `SIMULATION_SEED=<n>` that one only, else as many as `SIMULATION_SEEDS` says (500; `full` = 5,000),
 * shared among the modes.
 *
 * @throws {Error} with the report of the first run that broke a rule.
 */
export async function simulateSeeds(
  mode: DraftMode,
  options: SimulationOptions & { readonly file?: string } = {},
): Promise<ReadonlyMap<string, number>> {
  const { SIMULATION_SEED: only, SIMULATION_SEEDS: many } = process.env;
  const first = only === undefined ? 1 : Number(only);
  const runs = many === 'full' ? 5_000 : Number(many ?? 500);
  const last = only === undefined ? Math.ceil(runs / 2) : first;
  const totals = new Map<string, number>();
  for (let seed = first; seed <= last; seed++) {
    const run = await simulateDrafts(seed, mode, options);
    if (run.violations.length > 0) {
      const traced = await simulateDrafts(seed, mode, { ...options, traced: true });
      throw new Error(reportOf(traced, options.file ?? mode));
    }
    for (const [name, count] of run.counts) {
      totals.set(name, (totals.get(name) ?? 0) + count);
    }
  }
  return totals;
}
