const statusNames: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
};

const defaultReasons: Readonly<Record<number, string>> = {
  401: 'authError',
  403: 'rateLimitExceeded',
  404: 'notFound',
  429: 'rateLimitExceeded',
  500: 'backendError',
  503: 'backendError',
};

const messages: Readonly<Record<string, string>> = {
  authError: 'Request had invalid authentication credentials.',
  rateLimitExceeded: 'Rate Limit Exceeded',
  userRateLimitExceeded: 'User Rate Limit Exceeded',
  notFound: 'Requested entity was not found.',
  backendError: 'Backend Error',
};

/** An error as Google's APIs send it. */
export function googleError(status: number, reason = defaultReasons[status] ?? 'invalidArgument'): Response {
  const message = messages[reason] ?? reason;
  return Response.json(
    {
      error: {
        code: status,
        message,
        errors: [{ message, domain: reason.includes('imit') ? 'usageLimits' : 'global', reason }],
        status: statusNames[status] ?? 'UNKNOWN',
      },
    },
    { status },
  );
}

interface MessageRef {
  readonly id: string;
  readonly threadId: string;
  readonly labelIds?: readonly string[];
}

const shortRef = ({ id, threadId }: MessageRef) => ({ id, threadId });

interface HistoryRecord {
  readonly id: string;
  readonly messages?: readonly MessageRef[];
  readonly messagesAdded?: readonly { readonly message: MessageRef }[];
  readonly labelsAdded?: readonly LabelChange[];
  readonly labelsRemoved?: readonly LabelChange[];
}

interface LabelChange {
  /** With all the labels that it has since. */
  readonly message: MessageRef;
  /** What was added or removed. */
  readonly labelIds: readonly string[];
}

/** Gmail leaves out a list that is empty. */
const presentChange = ({ message, labelIds }: LabelChange) => ({
  message: {
    ...shortRef(message),
    ...(message.labelIds?.length ? { labelIds: message.labelIds } : {}),
  },
  labelIds,
});

/** The history list as Gmail sends it: no empty list, and messages with no more than id, thread and labels. */
export function presentHistory(answer: {
  readonly history?: readonly HistoryRecord[];
  readonly historyId?: string;
  readonly nextPageToken?: string;
}) {
  const { history = [], ...rest } = answer;
  const records = history.map((record) => ({
    ...record,
    ...(record.messages ? { messages: record.messages.map(shortRef) } : {}),
    ...(record.messagesAdded
      ? {
          messagesAdded: record.messagesAdded.map(({ message }) => ({
            message: { ...shortRef(message), labelIds: message.labelIds ?? [] },
          })),
        }
      : {}),
    ...(record.labelsAdded ? { labelsAdded: record.labelsAdded.map(presentChange) } : {}),
    ...(record.labelsRemoved ? { labelsRemoved: record.labelsRemoved.map(presentChange) } : {}),
  }));
  return records.length === 0 ? rest : { history: records, ...rest };
}

/** The message list as Gmail sends it: no empty list. */
export function presentMessageList(answer: { readonly messages?: readonly MessageRef[] }) {
  const { messages: list = [], ...rest } = answer;
  return list.length === 0 ? rest : { messages: list, ...rest };
}
