import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { askForReply } from '#shared/drafts/draftPrompt.ts';
import { knownHosts } from '#shared/drafts/knownHosts.ts';
import { shapeReply } from '#shared/drafts/shapeReply.ts';
import type { Triage } from '#shared/triage/triage.ts';
import type { MessageInWork } from './messageInWork.ts';

/** What there is to put into a draft; `reason` is a code. */
export type Suggestion =
  | { readonly kind: 'reply'; readonly html: string }
  | { readonly kind: 'none'; readonly reason: string }
  /** The model was asked and gave nothing that a customer could read: a note has to tell the agents. */
  | { readonly kind: 'unusable'; readonly reason: string }
  | { readonly kind: 'over-budget' };

/** Asks the model for a reply where the settings and the triage allow a draft. Nothing is written. */
export async function suggestReply(
  deps: WorkerDependencies,
  { conversation, delivery, mailRow }: Pick<MessageInWork, 'conversation' | 'delivery' | 'mailRow'>,
  triage: Triage,
): Promise<Suggestion> {
  const { drafts } = deps.settings;
  if (mailRow?.noDraft) {
    return { kind: 'none', reason: mailRow.noDraft };
  }
  if (!drafts.enabled) {
    return { kind: 'none', reason: 'drafts-off' };
  }
  if (!triage.needsReply) {
    return { kind: 'none', reason: 'no-reply-needed' };
  }
  if (!drafts.types.includes(triage.type)) {
    return { kind: 'none', reason: `type:${triage.type}` };
  }
  if (!(await deps.draftKeeper.mayDraft())) {
    return { kind: 'none', reason: 'drafts-stopped' };
  }
  const answer = await askForReply(deps, conversation, triage, delivery.timeLeftMilliseconds());
  if (answer.outcome === 'over-budget') {
    return { kind: 'over-budget' };
  }
  if (answer.outcome !== 'answered') {
    return { kind: 'unusable', reason: answer.outcome };
  }
  const shaped = shapeReply(answer.value, {
    expectedLanguage: triage.language,
    allowedHosts: knownHosts(conversation, drafts.allowedLinkHosts),
  });
  return shaped.outcome === 'usable'
    ? { kind: 'reply', html: shaped.html }
    : { kind: 'unusable', reason: shaped.reason };
}
