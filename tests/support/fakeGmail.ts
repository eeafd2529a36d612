import type {
  GmailClient,
  GmailLabel,
  GmailMessageRef,
  RawGmailMessage,
} from '#shared/channels/gmail/gmailClient.ts';
import type { Clock } from '#shared/time/clock.ts';

/** A mail that comes into a fake mailbox. */
interface IncomingMail {
  readonly messageId: string;
  /** Default: the message starts its own thread. */
  readonly gmailThreadId?: string;
  /** Default: INBOX and UNREAD. */
  readonly labelIds?: readonly string[];
  /** Default: now. */
  readonly internalDate?: Date;
  readonly raw?: Uint8Array | string;
  /**
   * How history tells of it: `once`, `doubled` (in two records), `lost` (never), or `late` (its record shows up after
   * `lateMilliseconds`, behind records that were told before it).
   */
  readonly told?: 'once' | 'doubled' | 'lost' | 'late';
  readonly lateMilliseconds?: number;
}

/** Method of the client, with what it was asked. */
export type GmailMethod = Exclude<keyof GmailClient, 'unitsSpent'>;

export interface FakeGmailOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Records of history and messages of a list per page. */
  readonly pageSize?: number;
  /** Runs before a call has any effect: may wait, or throw a failure as the real client does after its own attempts. */
  readonly beforeEach?: (method: GmailMethod) => Promise<void> | void;
  /** Runs before the caller gets the answer. */
  readonly afterEach?: (method: GmailMethod) => Promise<void> | void;
}

export interface FakeGmail {
  readonly client: GmailClient;
  /** Every call so far, in order. */
  readonly calls: readonly GmailMethod[];
  readonly messages: ReadonlyMap<string, RawGmailMessage>;
  deliver(mail: IncomingMail): void;
  /** Somebody changes the labels of a message; how history tells of it is as with {@link deliver}. */
  relabel(
    messageId: string,
    labelIds: readonly string[],
    told?: Pick<IncomingMail, 'told' | 'lateMilliseconds'>,
  ): void;
  /** Labels of people, beside Gmail's own. */
  readonly labels: GmailLabel[];
  /** Deletes a message for good: Gmail answers 404 from now on. */
  remove(messageId: string): void;
  /** Gmail forgets its history so far: every cursor up to now is expired. */
  forgetHistory(): void;
  historyId(): string;
}

interface HistoryRecord {
  readonly id: number;
  readonly messageId: string;
  readonly visibleFrom: number;
  /** null: the message came in; else the labels that it has since. */
  readonly labelIds: readonly string[] | null;
}

/** Quota units of the calls, as Google charges them. */
const units = {
  currentHistoryId: 1,
  history: 2,
  listSince: 5,
  labels: 1,
  getLabels: 20,
  getRaw: 20,
  addLabel: 5,
} as const satisfies Record<GmailMethod, number>;

/** One Gmail account in memory: messages with labels, and a history that can lose, double, delay and forget. */
export function fakeGmail({ clock, pageSize = 100, beforeEach, afterEach }: FakeGmailOptions): FakeGmail {
  const messages = new Map<string, RawGmailMessage>();
  const records: HistoryRecord[] = [];
  const labels: GmailLabel[] = [];
  const calls: GmailMethod[] = [];
  let historyId = 1000;
  let oldestCursor = 0;
  let spent = 0;

  // Ids grow but are not contiguous.
  const nextHistoryId = () => {
    historyId += 7;
    return historyId;
  };
  const tell = (
    messageId: string,
    labelIds: HistoryRecord['labelIds'],
    { told = 'once', lateMilliseconds = 5 * 60_000 }: Pick<IncomingMail, 'told' | 'lateMilliseconds'>,
  ) => {
    const id = nextHistoryId();
    const visibleFrom = clock.now().getTime() + (told === 'late' ? lateMilliseconds : 0);
    if (told !== 'lost') {
      records.push({ id, messageId, visibleFrom, labelIds });
    }
    if (told === 'doubled') {
      records.push({ id: nextHistoryId(), messageId, visibleFrom, labelIds });
    }
  };
  const answer = async <Result>(method: GmailMethod, work: () => Result): Promise<Result> => {
    calls.push(method);
    spent += units[method];
    await beforeEach?.(method);
    const result = work();
    await afterEach?.(method);
    return result;
  };
  const refOf = ({ messageId, gmailThreadId }: RawGmailMessage, labelIds: GmailMessageRef['labelIds']) => ({
    messageId,
    gmailThreadId,
    labelIds,
  });
  const pageOf = <Item>(items: readonly Item[], pageToken: string | null) => {
    const start = Number(pageToken ?? 0);
    const isLast = start + pageSize >= items.length;
    return {
      items: items.slice(start, start + pageSize),
      nextPageToken: isLast ? null : String(start + pageSize),
    };
  };

  const client: GmailClient = {
    currentHistoryId: () => answer('currentHistoryId', () => String(historyId)),

    history: (startHistoryId, pageToken) =>
      answer('history', () => {
        const start = Number(startHistoryId);
        if (start < oldestCursor) {
          return { outcome: 'expired' };
        }
        const now = clock.now().getTime();
        const visible = records
          .filter((record) => record.id > start && record.visibleFrom <= now)
          .sort((one, other) => one.id - other.id);
        const page = pageOf(visible, pageToken);
        return {
          outcome: 'page',
          added: page.items.flatMap((record) => {
            const message = messages.get(record.messageId);
            return message === undefined || record.labelIds !== null
              ? []
              : [refOf(message, message.labelIds)];
          }),
          relabelled: page.items.flatMap(({ id, messageId, labelIds }) => {
            const message = messages.get(messageId);
            return message === undefined || labelIds === null
              ? []
              : [{ ...refOf(message, labelIds), recordId: String(id) }];
          }),
          nextPageToken: page.nextPageToken,
          historyId: String(historyId),
          lastRecordId: page.items.length === 0 ? null : String(page.items.at(-1)?.id),
        };
      }),

    listSince: (since, pageToken, labelId) =>
      answer('listSince', () => {
        const from = Math.floor(since.getTime() / 1000) * 1000;
        const listed = [...messages.values()]
          .filter(({ labelIds, internalDate }) => internalDate.getTime() >= from && isListed(labelIds))
          .filter(({ labelIds }) => labelId === undefined || labelIds.includes(labelId))
          .sort((one, other) => other.internalDate.getTime() - one.internalDate.getTime());
        const page = pageOf(listed, pageToken);
        return {
          messages: page.items.map((message) => refOf(message, null)),
          nextPageToken: page.nextPageToken,
        };
      }),

    labels: () => answer('labels', () => [...ownLabels, ...labels]),

    getLabels: (messageId) =>
      answer('getLabels', () => {
        const message = messages.get(messageId);
        return message === undefined
          ? null
          : { labelIds: message.labelIds, internalDate: message.internalDate };
      }),

    getRaw: (messageId) => answer('getRaw', () => messages.get(messageId) ?? null),

    addLabel: (messageId, labelName) =>
      answer('addLabel', () => {
        const message = messages.get(messageId);
        if (message !== undefined) {
          messages.set(messageId, { ...message, labelIds: [...message.labelIds, labelName] });
        }
      }),

    unitsSpent: () => spent,
  };

  return {
    client,
    calls,
    messages,
    labels,
    deliver({
      messageId,
      gmailThreadId = messageId,
      labelIds = ['INBOX', 'UNREAD'],
      internalDate = clock.now(),
      raw = '',
      ...told
    }) {
      messages.set(messageId, {
        messageId,
        gmailThreadId,
        labelIds,
        internalDate,
        raw: typeof raw === 'string' ? new TextEncoder().encode(raw) : raw,
      });
      tell(messageId, null, told);
    },
    relabel(messageId, labelIds, told = {}) {
      const message = messages.get(messageId);
      if (message !== undefined) {
        messages.set(messageId, { ...message, labelIds });
        tell(messageId, labelIds, told);
      }
    },
    remove(messageId) {
      messages.delete(messageId);
      nextHistoryId();
    },
    forgetHistory() {
      oldestCursor = nextHistoryId() + 1;
      historyId = oldestCursor;
    },
    historyId: () => String(historyId),
  };
}

/** What every account has. */
const ownLabels = ['INBOX', 'SENT', 'SPAM', 'TRASH', 'UNREAD', 'STARRED', 'CATEGORY_PROMOTIONS'].map(
  (id) => ({
    id,
    name: id,
  }),
);

/** Gmail leaves spam and trash out of lists unless it is asked for them. */
function isListed(labelIds: readonly string[]): boolean {
  return !labelIds.includes('SPAM') && !labelIds.includes('TRASH');
}
