import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { freescoutThreadIn, type ThreadMapKey } from '#shared/store/keys.ts';
import { answeredConversation } from './answeredConversation.ts';
import type { MessageInHand } from './messageInHand.ts';

export type Match =
  | { readonly kind: 'none' }
  /** It starts a conversation of its own, whatever its thread. */
  | { readonly kind: 'own' }
  | {
      readonly kind: 'found';
      readonly conversationId: number;
      /** `answer-elsewhere`: the thread leads to another conversation. */
      readonly by: 'target' | 'thread' | 'answer' | 'answer-elsewhere';
    }
  /** What the message says that it answers lies in a conversation in which its sender has no part: anybody can write that. */
  | { readonly kind: 'not-theirs'; readonly conversationId: number };

/**
 * Which conversation a message belongs to: the one it was written in, that of its writer in its channel thread, that of the thread itself,
 * that of the messages it answers, that of the FreeScout reply it answers. Never by its subject. Where thread and answer lead to two, the
 * answer holds if its writer has a part there: a channel puts together what merely looks alike. Whether the writer has a part in the
 * conversation of the thread shows when that is read (`appendMessage`).
 */
export async function findConversation(
  deps: Pick<WorkerDependencies, 'store' | 'freescout'>,
  inHand: Pick<MessageInHand, 'channel' | 'message' | 'sender' | 'writersThread'>,
): Promise<Match> {
  const { message, writersThread } = inHand;
  if (message.target !== null) {
    return { kind: 'found', conversationId: message.target, by: 'target' };
  }
  if (message.startsOwn) {
    return { kind: 'own' };
  }
  const keys = new Set([writersThread, message.thread, ...message.answers]);
  const known = await deps.store.threadMap.getAll([...keys]);
  const ofThread = known.get(writersThread) ?? known.get(message.thread);
  if (ofThread !== undefined && !mayAnswerElsewhere(message, known, ofThread)) {
    return { kind: 'found', conversationId: ofThread, by: 'thread' };
  }
  const answered = await answeredConversation(deps, inHand, known);
  if (answered?.isTheirs) {
    const by = ofThread === undefined ? 'answer' : 'answer-elsewhere';
    return { kind: 'found', conversationId: answered.conversationId, by };
  }
  if (ofThread !== undefined) {
    return { kind: 'found', conversationId: ofThread, by: 'thread' };
  }
  return answered === null
    ? { kind: 'none' }
    : { kind: 'not-theirs', conversationId: answered.conversationId };
}

/** What the message answers is known in another conversation, or it is a reply of FreeScout that no job has told us of yet. */
function mayAnswerElsewhere(
  { answers }: Pick<MessageInHand['message'], 'answers'>,
  known: ReadonlyMap<ThreadMapKey, number>,
  ofThread: number,
): boolean {
  const ofAnswers = new Set(answers.flatMap((key) => known.get(key) ?? []));
  return ofAnswers.size === 0
    ? answers.some((key) => freescoutThreadIn(key) !== null)
    : !ofAnswers.has(ofThread);
}

/** Conversation that a bounce or a similar report speaks about; null when none of the keys leads to one. */
export async function conversationOfReport(
  deps: Pick<WorkerDependencies, 'store'>,
  about: readonly ThreadMapKey[],
): Promise<number | null> {
  const known = await deps.store.threadMap.getAll([...new Set(about)]);
  return about.map((key) => known.get(key)).find((id) => id !== undefined) ?? null;
}
