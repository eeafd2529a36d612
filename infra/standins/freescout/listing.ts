import { toSeconds } from './clock.ts';
import { digits } from './customers.ts';
import type { DeskState } from './deskState.ts';
import {
  type ConversationRecord,
  conversationStates,
  conversationStatuses,
  conversationTypes,
} from './records.ts';

type Query = Readonly<Record<string, string>>;

const sortKeys = {
  createdAt: 'createdAt',
  mailboxId: 'mailboxId',
  number: 'id',
  subject: 'subject',
  updatedAt: 'updatedAt',
  waitingSince: 'lastReplyAt',
} as const;

const isSortKey = (name: string): name is keyof typeof sortKeys => Object.hasOwn(sortKeys, name);

/**
 * `GET /conversations`: unknown parameters and unknown words are ignored, and no status or state is the default, so an
 * unfiltered list holds closed, spam, draft and deleted conversations.
 */
export function filterConversations(desk: DeskState, query: Query): ConversationRecord[] {
  const tests: ((conversation: ConversationRecord) => boolean)[] = [];
  const wanted = (value: string | undefined): value is string =>
    value !== undefined && value !== '' && value !== '0';
  const only = (value: string | undefined, key: keyof ConversationRecord) => {
    if (wanted(value)) {
      tests.push((conversation) => String(conversation[key]) === value);
    }
  };

  const {
    mailboxId,
    status,
    state,
    type,
    customerEmail,
    customerPhone,
    subject,
    tag,
    createdSince,
    updatedSince,
  } = query;
  if (wanted(mailboxId)) {
    const ids = mailboxId.split(',').map(Number);
    tests.push((conversation) => ids.includes(conversation.mailboxId));
  }
  if (wanted(status)) {
    const words = status.split(',').map((word) => word.trim());
    const known = conversationStatuses.filter((word) => words.includes(word));
    if (known.length > 0) {
      tests.push((conversation) => known.includes(conversation.status));
    }
  }
  if (conversationStates.some((word) => word === state)) {
    only(state, 'state');
  }
  if (conversationTypes.some((word) => word === type)) {
    only(type, 'type');
  }
  if (wanted(customerEmail)) {
    const email = customerEmail.toLowerCase();
    tests.push((conversation) => conversation.customerEmail.toLowerCase() === email);
  }
  if (wanted(customerPhone)) {
    // Every piece of a number's digits finds it; 00 in place of + does not (seen on core 1.8.235).
    const piece = digits(customerPhone);
    tests.push(({ customerId }) =>
      (desk.customers.get(customerId)?.phones ?? []).some((phone) => digits(phone).includes(piece)),
    );
  }
  if (wanted(subject)) {
    tests.push((conversation) => (conversation.subject ?? '').toLowerCase().includes(subject.toLowerCase()));
  }
  only(query.customerId, 'customerId');
  only(query.folderId, 'folderId');
  only(query.number, 'id');
  if (query.assignedTo !== undefined) {
    const assignee = query.assignedTo === '' ? null : Number(query.assignedTo);
    tests.push((conversation) => conversation.assigneeId === assignee);
  }
  const since = (value: string | undefined, key: 'createdAt' | 'updatedAt') => {
    if (!wanted(value)) {
      return;
    }
    const from = toSeconds(new Date(value));
    tests.push((conversation) => conversation[key] >= from);
  };
  since(createdSince, 'createdAt');
  since(updatedSince, 'updatedAt');
  if (wanted(tag) && desk.switches.tagsModule) {
    const name = tag.trim().toLowerCase();
    const id = [...desk.tags.values()].find((known) => known.name === name)?.id ?? 0;
    tests.push((conversation) => desk.tagsOf.get(conversation.id)?.has(id) ?? false);
  }

  const field = query.sortField ?? '';
  const key = isSortKey(field) ? sortKeys[field] : 'createdAt';
  const direction = query.sortOrder === 'asc' ? 1 : -1;
  const compare = (a: ConversationRecord, b: ConversationRecord): number => {
    const [left, right] = [a[key] ?? '', b[key] ?? ''];
    return left === right ? a.id - b.id : (left < right ? -1 : 1) * direction;
  };
  return [...desk.conversations.values()]
    .filter((conversation) => tests.every((test) => test(conversation)))
    .toSorted(compare);
}

/** One page of a list in FreeScout's envelope; 50 a page unless asked otherwise, no maximum. */
export function pageOf<Item>(
  query: Query,
  name: string,
  items: readonly Item[],
  present: (item: Item) => unknown,
) {
  const positive = (text: string | undefined, otherwise: number) => {
    const value = Number.parseInt(text ?? '', 10);
    return value > 0 ? value : otherwise;
  };
  const size = positive(query.pageSize, 50);
  const number = positive(query.page, 1);
  return {
    _embedded: { [name]: items.slice((number - 1) * size, number * size).map(present) },
    page: {
      size,
      totalElements: items.length,
      totalPages: Math.max(1, Math.ceil(items.length / size)),
      number,
    },
  };
}
