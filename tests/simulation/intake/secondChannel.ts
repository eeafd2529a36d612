import { type ConversationRecord, mainEmail } from '#infra/standins/freescout/records.ts';
import type { CustomerIdentity } from '#shared/customers/customerIdentity.ts';
import { markerNames, teamMarkerOf } from '#shared/drafts/markers.ts';
import type { MessageKey } from '#shared/store/keys.ts';
import { isTerminal } from '#shared/store/ledger.ts';
import type { IntakeWorld } from './intakeWorld.ts';

/** A message that came in by the second channel, and what has to become of it. */
export interface ExpectedMessage {
  readonly key: MessageKey;
  readonly messageId: string;
  readonly threadId: string;
  /** Whose message it is; null: the team's. */
  readonly identity: CustomerIdentity | null;
  /** The conversation that it was written in. */
  readonly target: number | null;
  /** Gone at its source before anybody could read it. */
  readonly isGone: boolean;
}

const minute = 60_000;
const numbers = ['+491701111111', '+491702222222', '+491703333333', '+491704444444'] as const;

/** Messages of people with numbers, messages that were written in a conversation, and messages of the team. */
export function secondChannel(world: IntakeWorld): {
  readonly expected: readonly ExpectedMessage[];
  arrive(): void;
} {
  const { random, time, desk, second } = world;
  const expected: ExpectedMessage[] = [];

  function deliver(
    message: Pick<ExpectedMessage, 'identity' | 'target'> & { readonly threadId?: string },
  ): void {
    const messageId = `w${expected.length + 1}`;
    const { identity, target } = message;
    const received = {
      messageId,
      threadId: message.threadId ?? messageId,
      target,
      text: `Please help me with ${messageId}.`,
      receivedAt: time.now(),
    };
    const { key } =
      identity === null
        ? second.receiveFromTeam({ ...received, author: 'Tom' })
        : second.receive(received, identity);
    const isGone = random.chance(0.04);
    if (isGone) {
      second.messages.delete(messageId);
    }
    expected.push({ key, messageId, threadId: received.threadId, identity, target, isGone });
    world.say(`message ${messageId} in thread ${received.threadId}${target === null ? '' : ` of ${target}`}`);
    void world.queueOfSecond(messageId);
    if (random.chance(0.15)) {
      time.setTimer(random.between(0, 12) * minute, () => void world.queueOfSecond(messageId));
    }
  }

  const calls = (number: string): CustomerIdentity => ({
    kind: 'phone',
    number,
    name: random.chance(0.5) ? 'Nina Noll' : null,
    verified: true,
  });
  const conversationAtRandom = () =>
    random.pickAny(
      [...desk.conversations.values()].filter(
        (each) => each.state === 'published' && personIn(world, each) !== null,
      ),
    );

  return {
    expected,
    arrive() {
      const kind = random.next();
      const conversation = conversationAtRandom();
      const known = random.pickAny(
        expected.filter(({ key, identity }) => identity !== null && entriesOf(world, key).length > 0),
      );
      if (kind < 0.25 && conversation !== undefined) {
        deliver({ identity: personIn(world, conversation), target: conversation.id });
      } else if (kind < 0.4 && conversation !== undefined) {
        deliver({ identity: null, target: conversation.id });
      } else if (kind < 0.55 && known !== undefined && known.target === null) {
        deliver({ identity: null, target: null, threadId: known.threadId });
      } else if (kind < 0.7) {
        // Somebody new writes to two of our numbers.
        const number = `+4918${String(expected.length).padStart(7, '0')}`;
        deliver({ identity: calls(number), target: null, threadId: `a${number.slice(1)}` });
        deliver({ identity: calls(number), target: null, threadId: `b${number.slice(1)}` });
      } else {
        const number = random.pick(numbers);
        deliver({ identity: calls(number), target: null, threadId: number.slice(1) });
        // Two messages of one thread at the same time.
        if (random.chance(0.25)) {
          deliver({ identity: calls(number), target: null, threadId: number.slice(1) });
        }
      }
    },
  };
}

/** The customer of a conversation, by what answers reach them there; null when nothing does. */
function personIn({ desk }: IntakeWorld, conversation: ConversationRecord): CustomerIdentity | null {
  const customer = desk.customers.get(conversation.customerId);
  const [number] = customer?.phones ?? [];
  if (conversation.type === 'chat') {
    return number === undefined ? null : { kind: 'phone', number, name: null, verified: true };
  }
  return conversation.type === 'email' && conversation.customerEmail !== ''
    ? { kind: 'email', address: conversation.customerEmail, name: null, verified: true }
    : null;
}

/** What stands in FreeScout for a message, whatever it became. */
function entriesOf({ desk }: Pick<IntakeWorld, 'desk'>, key: MessageKey) {
  return [...desk.threads.values()].filter(({ body }) =>
    markerNames(body ?? '').some((name) => name === key || name === teamMarkerOf(key)),
  );
}

/** What must be true of the messages of the second channel when everything has come to rest; empty when it is. */
export async function faultsOfSecondChannel(
  world: IntakeWorld,
  expected: readonly ExpectedMessage[],
): Promise<readonly string[]> {
  const { desk } = world;
  const faults: string[] = [];
  for (const [thread, messages] of Map.groupBy(expected, ({ threadId }) => threadId)) {
    const conversations = new Set(
      messages
        .filter(({ identity }) => identity !== null)
        .flatMap(({ key }) => entriesOf(world, key).map(({ conversationId }) => conversationId)),
    );
    const isMoved = [...conversations].some((id) => world.movedByPeople.has(id));
    if (conversations.size > 1 && !isMoved) {
      faults.push(`two conversations of one thread of the second channel (${thread})`);
    }
    for (const message of messages) {
      faults.push(...(await messageFaults(world, message, isMoved)));
    }
  }
  const asked = expected.flatMap(({ identity }) => (identity?.kind === 'phone' ? [identity.number] : []));
  for (const number of new Set(asked)) {
    const owners = [...desk.customers.values()].filter(({ phones }) => phones.includes(number));
    if (owners.length > 1) {
      faults.push(`two customers of one number (${number})`);
    }
  }
  return faults;
}

/** @param isThreadMoved - people may have taken away the conversation of its thread. */
async function messageFaults(
  world: IntakeWorld,
  message: ExpectedMessage,
  isThreadMoved: boolean,
): Promise<readonly string[]> {
  const { key, identity, target, isGone } = message;
  const row = await world.store.ledger.get(key);
  const entries = entriesOf(world, key);
  if (row === null) {
    return [`a lost message (${key})`];
  }
  if (!isTerminal(row)) {
    return [`a row that is not terminal (${key} ${row.status})`];
  }
  if (isGone || row.status === 'filtered') {
    const isMoved = target === null ? isThreadMoved : world.movedByPeople.has(target);
    const mayBeFiltered = isGone || (identity === null && isMoved);
    return [
      ...(mayBeFiltered ? [] : [`a message with the wrong end (${key} ${row.reason ?? ''})`]),
      ...(entries.length === 0 ? [] : [`an entry of a message that was filtered (${key})`]),
    ];
  }
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) {
    return [`${entries.length} entries of a message of the second channel instead of 1 (${key})`];
  }
  const isWhereItBelongs =
    target === null ||
    entry.conversationId === target ||
    [target, entry.conversationId].some((id) => world.movedByPeople.has(id));
  return [
    ...(isWhereItBelongs ? [] : [`a message outside the conversation it was written in (${key})`]),
    ...(identity === null ? teamFaults(key, entry) : customerFaults(world, key, identity, entry)),
  ];
}

type Entry = ReturnType<typeof entriesOf>[number];

function teamFaults(key: MessageKey, { type, imported, body }: Entry): readonly string[] {
  return [
    ...(type === 'note' ? [] : [`a message of the team as a ${type} (${key})`]),
    ...(imported ? [] : [`a message of the team that agents were notified of (${key})`]),
    ...(markerNames(body ?? '').includes(teamMarkerOf(key))
      ? []
      : [`a message of the team that does not count as an answer (${key})`]),
  ];
}

function customerFaults(
  { desk, movedByPeople }: IntakeWorld,
  key: MessageKey,
  identity: CustomerIdentity,
  entry: Entry,
): readonly string[] {
  const author = desk.customers.get(entry.createdByCustomerId ?? 0);
  const isTheirs =
    author !== undefined &&
    (identity.kind === 'phone'
      ? author.phones.includes(identity.number)
      : mainEmail(author) === identity.address);
  const isChat =
    movedByPeople.has(entry.conversationId) || desk.conversations.get(entry.conversationId)?.type === 'chat';
  return [
    ...(entry.type === 'customer' ? [] : [`a message of a customer as a ${entry.type} (${key})`]),
    ...(isTheirs ? [] : [`a message of somebody else than who wrote it (${key})`]),
    ...(identity.kind === 'email' || isChat ? [] : [`a number outside a chat (${key})`]),
  ];
}
