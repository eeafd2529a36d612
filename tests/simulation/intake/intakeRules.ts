import { defaultBot } from '#infra/standins/freescout/model.ts';
import { mainEmail, type ThreadRecord } from '#infra/standins/freescout/records.ts';
import { gatheredReason } from '#shared/alerts/alertKinds.ts';
import { markerNames, teamMarkerOf } from '#shared/drafts/markers.ts';
import { isProofConversation } from '#shared/freescout/proofConversations.ts';
import { digestKey, messageKey, threadKey } from '#shared/store/keys.ts';
import { isTerminal, type LedgerRow } from '#shared/store/ledger.ts';
import { hourMilliseconds } from '#shared/time/durations.ts';
import { channels, type IntakeWorld } from './intakeWorld.ts';
import { type ExpectedMessage, faultsOfSecondChannel } from './secondChannel.ts';
import type { ExpectedMail } from './simulatedMail.ts';

/** What must be true when everything has come to rest; empty when it is. */
export async function faultsAtTheEnd(
  world: IntakeWorld,
  expected: readonly ExpectedMail[],
  ofSecondChannel: readonly ExpectedMessage[],
): Promise<readonly string[]> {
  return [
    ...(await mailFaults(world, expected)),
    ...(await faultsOfSecondChannel(world, ofSecondChannel)),
    ...(await conversationFaults(world)),
    ...draftFaults(world),
    ...(await alertFaults(world)),
    ...(await restFaults(world)),
  ];
}

/** The threads of one type in the help desk, by the marker names in their bodies. */
function entriesByMarker(
  desk: IntakeWorld['desk'],
  type: 'customer' | 'note',
): ReadonlyMap<string, readonly ThreadRecord[]> {
  const entries = new Map<string, ThreadRecord[]>();
  for (const thread of desk.threads.values()) {
    if (thread.type === type) {
      for (const name of markerNames(thread.body ?? '')) {
        entries.set(name, [...(entries.get(name) ?? []), thread]);
      }
    }
  }
  return entries;
}

/** What is wrong with the row of one mail, and with how often the mail was written. */
function rowFaults(
  key: string,
  fate: ExpectedMail['fate'],
  row: LedgerRow | null,
  written: number,
): readonly string[] {
  if (fate === 'ignored') {
    return [
      ...(written > 0 ? ['a mail in FreeScout that should not be there'] : []),
      ...(row !== null && row.status !== 'filtered'
        ? [`a row that should not be there (${row.status})`]
        : []),
    ];
  }
  if (row === null) {
    return [`a lost mail (${key})`];
  }
  if (!isTerminal(row)) {
    return [`a row that is not terminal (${key} ${row.status})`];
  }
  if (fate === 'team') {
    return written > 0 ? [`a message of the team as a customer’s (${key})`] : [];
  }
  const [status, wanted] = fate === 'ticket' ? ['success', 1] : ['filtered', 0];
  return [
    ...(row.status === status
      ? []
      : [`a mail with the wrong end (${key} ${row.status} ${row.reason ?? ''})`]),
    ...(written === wanted ? [] : [`${written} entries of a mail instead of ${wanted} (${key})`]),
  ];
}

/**
 * One terminal row per mail; one entry in FreeScout for each that is not filtered; one conversation per writer in a Gmail thread, without
 * mails of others; a conversation for each form.
 */
async function mailFaults(world: IntakeWorld, expected: readonly ExpectedMail[]) {
  const { store, desk, movedByPeople } = world;
  const faults: string[] = [];
  const entries = entriesByMarker(desk, 'customer');
  const placed: PlacedMail[] = [];
  for (const { alias, messageId, gmailThreadId, fate, answers, from, isForm } of expected) {
    const key = messageKey('gmail', alias, messageId);
    const row = await store.ledger.get(key);
    const written = entries.get(key) ?? [];
    faults.push(...rowFaults(key, fate, row, written.length));
    const [entry] = written;
    if (fate === 'ignored' || row === null || !isTerminal(row) || entry === undefined) {
      continue;
    }
    const writer = addressIn(from);
    const answered = answers === null ? undefined : desk.threads.get(answers.threadId);
    // A form joins nothing, so it is alone in its thread; what answers a reply belongs to that.
    const isWithReply = answered?.conversationId === entry.conversationId;
    const apart = isForm ? messageId : isWithReply ? `answer to ${answered.id}` : writer;
    const thread = `${alias}:${gmailThreadId}:${apart}`;
    const conversations = [row.conversationId ?? 0, entry.conversationId];
    const isMoved = conversations.some((id) => movedByPeople.has(id));
    placed.push({
      gmailThread: `${alias}:${gmailThreadId}`,
      thread,
      writer,
      conversationId: entry.conversationId,
      isMoved,
    });
    if (isMoved) {
      continue;
    }
    if (row.conversationId !== entry.conversationId || (row.threadId ?? entry.id) !== entry.id) {
      faults.push(`a row that names another entry than the one in FreeScout (${key})`);
    }
    if (isForm) {
      faults.push(...formFaults(desk, key, writer, entry));
    }
    const isFindable =
      answered !== undefined &&
      !movedByPeople.has(answered.conversationId) &&
      !isShared(desk, answered.conversationId);
    if (isFindable && answered.conversationId !== entry.conversationId) {
      faults.push(`an answer to a reply outside its conversation (${key})`);
    }
  }
  return [...faults, ...togetherFaults(placed), ...(await answerFaults(world, expected, placed))];
}

interface PlacedMail {
  /** Of the channel. */
  readonly gmailThread: string;
  /** Of the channel, and whose. */
  readonly thread: string;
  readonly writer: string;
  readonly conversationId: number;
  /** People deleted, merged or marked what it was in. */
  readonly isMoved: boolean;
}

function togetherFaults(placed: readonly PlacedMail[]): readonly string[] {
  const faults: string[] = [];
  for (const [thread, mails] of Map.groupBy(placed, (mail) => mail.thread)) {
    const conversations = new Set(mails.map(({ conversationId }) => conversationId));
    if (conversations.size > 1 && !mails.some(({ isMoved }) => isMoved)) {
      faults.push(`two conversations of one writer in one Gmail thread (${thread})`);
    }
  }
  const unmoved = placed.filter(({ isMoved }) => !isMoved);
  for (const [id, mails] of Map.groupBy(unmoved, ({ conversationId }) => conversationId)) {
    if (new Set(mails.map(({ writer }) => writer)).size > 1) {
      faults.push(`a stranger in somebody's conversation (${id})`);
    }
  }
  return faults;
}

/** The address in `name <address>`. */
function addressIn(from: string): string {
  return (/<(.+)>/.exec(from)?.[1] ?? from).toLowerCase();
}

/** What a form passes on is the person's, and begins their conversation. */
function formFaults(
  desk: IntakeWorld['desk'],
  key: string,
  person: string,
  entry: ThreadRecord,
): readonly string[] {
  const author = desk.customers.get(entry.createdByCustomerId ?? 0);
  const first = (desk.threadsOf.get(entry.conversationId) ?? []).find(({ type }) => type === 'customer');
  return [
    ...(author !== undefined && mainEmail(author) === person
      ? []
      : [`a form of another than its person (${key})`]),
    ...(first?.id === entry.id ? [] : [`a form in a conversation that was there before (${key})`]),
  ];
}

/** Each answer that somebody sent from Gmail is one note where its customer wrote; nothing else is a note of the team. */
async function answerFaults(
  { store, desk }: IntakeWorld,
  expected: readonly ExpectedMail[],
  placed: readonly PlacedMail[],
) {
  const faults: string[] = [];
  const notes = entriesByMarker(desk, 'note');
  for (const { alias, messageId, gmailThreadId, fate, to } of expected) {
    const key = messageKey('gmail', alias, messageId);
    const mails = placed.filter(
      ({ gmailThread, writer }) => gmailThread === `${alias}:${gmailThreadId}` && writer === addressIn(to),
    );
    const conversations = mails.some(({ isMoved }) => isMoved)
      ? null
      : new Set(mails.map(({ conversationId }) => conversationId));
    const ofTeam = (notes.get(teamMarkerOf(key)) ?? []).filter(isTeamNote);
    faults.push(
      ...(fate === 'team'
        ? teamFaults(key, await store.ledger.get(key), ofTeam, conversations)
        : ofTeam.map(() => `a mail that is no answer of the team as one (${key})`)),
    );
  }
  return faults;
}

/**
 * What is wrong with an answer that somebody sent from Gmail.
 *
 * @param conversations - of the mails in its thread of the customer it went to; null: people moved them, and may have taken away what it answers.
 */
function teamFaults(
  key: string,
  row: LedgerRow | null,
  notes: readonly ThreadRecord[],
  conversations: ReadonlySet<number> | null,
): readonly string[] {
  const [note] = notes;
  const mayBeMissing = conversations === null && row?.status === 'filtered';
  if (note === undefined) {
    return mayBeMissing ? [] : [`an answer from Gmail that is missing (${key} ${row?.reason ?? ''})`];
  }
  return [
    ...(notes.length === 1 ? [] : [`${notes.length} notes of an answer from Gmail instead of 1 (${key})`]),
    ...(row?.status === 'success' && row.threadId === note.id
      ? []
      : [`a row that does not name its note (${key})`]),
    ...(note.imported ? [] : [`an answer from Gmail that agents were notified of (${key})`]),
    ...(conversations === null || conversations.has(note.conversationId)
      ? []
      : [`an answer from Gmail outside the conversation of its thread (${key})`]),
  ];
}

/**
 * Whether several customers write in a conversation: each mail makes its author the conversation's customer, and a reply that no
 * webhook told of can then not be found by the customer who got it.
 */
function isShared(desk: IntakeWorld['desk'], conversationId: number): boolean {
  const authors = (desk.threadsOf.get(conversationId) ?? []).map((thread) => thread.createdByCustomerId);
  return new Set(authors.filter((author) => author !== null)).size > 1;
}

/** Every customer message that waits for an answer was worked on. */
async function conversationFaults({ store, desk, movedByPeople }: IntakeWorld) {
  const faults: string[] = [];
  // A trial lies there when its worker stopped before it was deleted; nobody waits for an answer in it.
  const conversations = [...desk.conversations.values()].filter((each) => !isProofConversation(each));
  for (const { id, state, status, type, closedAt, customerEmail } of conversations) {
    // An agent who merges the conversation of a number into one of an address lets the next message of that number in there.
    if (type === 'email' && customerEmail === '' && !movedByPeople.has(id)) {
      faults.push(`a customer whom nobody can answer (${id})`);
    }
    const messages = (desk.threadsOf.get(id) ?? [])
      .filter(
        (thread) =>
          thread.state === 'published' &&
          (['customer', 'message'].includes(thread.type) || isTeamNote(thread)),
      )
      .toSorted((one, other) => one.createdAt.localeCompare(other.createdAt) || one.id - other.id);
    const newest = messages.at(-1);
    const stored = (desk.threadsOf.get(id) ?? []).findLast(
      ({ type }) => type === 'customer' || type === 'message',
    );
    // A merge brings an open message into a conversation that was closed, and leaves it closed.
    const isMerged = (desk.threadsOf.get(id) ?? []).some(({ actionType }) => actionType === 'merged');
    if (
      status === 'closed' &&
      // What people deleted is over, whatever lies in it.
      state === 'published' &&
      !isMerged &&
      stored?.type === 'customer' &&
      (closedAt ?? '') < stored.updatedAt
    ) {
      faults.push(`a customer message in a conversation that was closed before (${id})`);
    }
    if (
      newest?.type !== 'customer' ||
      state !== 'published' ||
      (status !== 'active' && status !== 'pending')
    ) {
      continue;
    }
    // A message that was merged into this conversation may have been worked on in the one it came from.
    const places = isMerged ? [id, ...movedByPeople] : [id];
    const rows = await store.ledger.getAll(places.map((place) => threadKey(place, newest.id)));
    const row = rows.get(threadKey(id, newest.id)) ?? [...rows.values()].find(isTerminal) ?? null;
    if (row === null || !isTerminal(row)) {
      faults.push(`a customer message that was forgotten (${id}:${newest.id} ${row?.status ?? 'no row'})`);
    }
  }
  return faults;
}

/** At most one live draft per conversation, one draft per message, and nothing mailed that no agent sent. */
function draftFaults({ desk, movedByPeople }: IntakeWorld) {
  const faults: string[] = [];
  for (const [conversationId, threads] of desk.threadsOf) {
    const replies = threads.filter(({ type, state }) => type === 'message' && state === 'published');
    const answeredByDrafts = threads
      .filter(({ type, sourceType }) => type === 'message' && sourceType === 'api')
      .flatMap(({ state, body }) =>
        markerNames(body ?? '')
          .filter((name) => name.startsWith('draft:'))
          .map((name) => ({ state, message: threads.find(({ id }) => id === Number(name.split(':')[2])) })),
      );
    if (replies.some(({ createdByUserId }) => createdByUserId === defaultBot)) {
      faults.push('something published by the bot');
    }
    if (movedByPeople.has(conversationId)) {
      // A merge brings drafts together that FreeScout shows to nobody but its users.
      continue;
    }
    if (new Set(answeredByDrafts.map(({ message }) => message)).size < answeredByDrafts.length) {
      faults.push('two drafts for one message');
    }
    // Guarded mode cannot take back a draft whose message was answered; an agent sees that the answer stands above it.
    const answers = [...replies, ...threads.filter(isTeamNote)];
    const live = answeredByDrafts.filter(
      ({ state, message }) =>
        state === 'draft' && !answers.some(({ createdAt }) => createdAt >= (message?.createdAt ?? '')),
    );
    if (live.length > 1) {
      faults.push('two live drafts');
    }
  }
  return faults;
}

/** What the team wrote elsewhere, as a note of ours. */
function isTeamNote({ type, createdByUserId, body }: ThreadRecord): boolean {
  return (
    type === 'note' &&
    createdByUserId === defaultBot &&
    markerNames(body ?? '').some((name) => name.startsWith('team:'))
  );
}

/** Of every alert that was gathered a digest told, when its hour was over. */
async function alertFaults({ store, time }: IntakeWorld) {
  const gathered = await store.ledger.listByStatus('filtered', { limit: 500, reason: gatheredReason });
  const hourAgo = new Date(time.now().getTime() - hourMilliseconds).toISOString();
  const hours = new Set(
    gathered.filter(({ statusAt }) => statusAt < hourAgo).map(({ statusAt }) => statusAt.slice(0, 13)),
  );
  const faults: string[] = [];
  for (const hour of hours) {
    const digest = await store.ledger.get(digestKey('gathered', hour));
    if (digest?.action !== 'alerted' || digest.alertedBy?.includes('slack') !== true) {
      faults.push(`gathered alerts that nobody was told of (${hour} ${digest?.status ?? 'no row'})`);
    }
  }
  return faults;
}

/** Nothing waits, nothing is missing, and no cursor stands still. */
async function restFaults({ store, jobsLeft, time }: IntakeWorld) {
  const faults: string[] = [];
  if (jobsLeft() > 0) {
    faults.push('jobs that never end');
  }
  for (const status of ['processing', 'deferred', 'failed'] as const) {
    for (const { key, reason } of await store.ledger.listByStatus(status, { limit: 10 })) {
      faults.push(`a row that waits for ever (${key} ${status} ${reason ?? ''})`);
    }
  }
  const quarterAgo = new Date(time.now().getTime() - 15 * 60_000).toISOString();
  for (const { alias } of channels) {
    const cursor = await store.state.getPollCursor('gmail', alias);
    if (cursor.missing > 0) {
      faults.push(`missing in Gmail: ${cursor.missing}`);
    }
    if (cursor.fault !== null || (cursor.polledAt ?? '') < quarterAgo) {
      faults.push('a poll that does not get through');
    }
  }
  const { missing } = await store.state.getSweepCursor();
  if (missing > 0) {
    faults.push(`missing in FreeScout: ${missing}`);
  }
  return faults;
}
