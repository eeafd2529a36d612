import { hasMarker, markerFor } from '#shared/drafts/markers.ts';
import type { Conversation } from '#shared/freescout/model.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { RelatedConversation } from '#shared/store/ledger.ts';
import { bucketAmong, bucketOf, tagsOf, tagsToSet } from '#shared/triage/buckets.ts';
import { reasoningNote } from '#shared/triage/reasoningNote.ts';
import type { Bucket, Triage, TriageType } from '#shared/triage/triage.ts';
import type { WorkerDependencies } from './workerDependencies.ts';

/**
 * Writes a judgement into the conversation: tags, fields, assignee, then the note that says why, once. Only what differs is
 * written; what people set stays.
 *
 * @param noteMarker - name of the note's marker; a note that carries it is not posted again.
 */
export async function applyJudgement(
  deps: WorkerDependencies,
  conversation: Conversation,
  triage: Triage,
  noteMarker: string,
  related: RelatedConversation | undefined,
): Promise<void> {
  const remarks = related === undefined ? [] : [relatedRemark(related)];
  const bucket = bucketOf(triage.importance, deps.settings.thresholds);
  if ((await applyTags(deps, conversation, triage)) === 'module-absent') {
    deps.log.write('MODULE_ABSENT', { module: 'Tags' });
    remarks.push(
      `The Tags module of FreeScout is not active; the tags would have been: ${tagsOf(triage, deps.settings.thresholds).join(', ')}.`,
    );
  }
  if ((await applyFields(deps, conversation, triage, bucket)) === 'module-absent') {
    deps.log.write('MODULE_ABSENT', { module: 'CustomFields' });
    remarks.push(`The Custom Fields module of FreeScout is not active; the priority is ${bucket}.`);
  }
  const { assignTo } = deps.settings.freescout;
  if (assignTo !== null && conversation.assignee === null) {
    await deps.freescout.assign(conversation.id, assignTo);
  }
  if (deps.settings.freescout.postNotes || remarks.length > 0) {
    await postNote(deps, conversation, noteMarker, reasoningNote(triage, deps.settings.thresholds, remarks));
  }
}

/** Sets the tags of a judgement, or of escalation words alone (`type` null) before there is one. */
export async function applyTags(
  deps: WorkerDependencies,
  conversation: Conversation,
  judged: { readonly type: TriageType | null; readonly importance: number },
): Promise<'done' | 'module-absent'> {
  if (!deps.settings.freescout.applyTags) {
    return 'done';
  }
  const tags = tagsToSet(conversation.tags ?? [], tagsOf(judged, deps.settings.thresholds));
  if (tags === null) {
    return 'done';
  }
  const done = await deps.freescout.setTags(conversation.id, tags);
  deps.log.write('CONVERSATION_TAGGED', { importance: judged.importance, type: judged.type });
  return done;
}

/**
 * Priority, type and importance fields. A value that is not the one of our earlier judgement was chosen by a person and stays;
 * the earlier judgement is read off the bucket tag.
 */
async function applyFields(
  deps: WorkerDependencies,
  conversation: Conversation,
  triage: Triage,
  bucket: Bucket,
): Promise<'done' | 'module-absent'> {
  const wanted = wantedFields(deps.settings.freescout, triage, bucket);
  if (wanted.length === 0) {
    return 'done';
  }
  if (conversation.customFields === null) {
    return 'module-absent';
  }
  const earlierBucket = bucketAmong(conversation.tags ?? []);
  const earlierPriority =
    earlierBucket === null ? null : deps.settings.freescout.priorityFieldValues[earlierBucket];
  const changes = wanted.filter(({ id, value }) => {
    const present = String(conversation.customFields?.find((field) => field.id === id)?.value ?? '');
    if (present === String(value)) {
      return false;
    }
    const isPriority = id === deps.settings.freescout.priorityFieldId;
    return present === '' || !isPriority || present === earlierPriority;
  });
  return changes.length === 0 ? 'done' : deps.freescout.setCustomFields(conversation.id, changes);
}

function wantedFields(
  settings: Settings['freescout'],
  triage: Triage,
  bucket: Bucket,
): readonly { readonly id: number; readonly value: string | number }[] {
  return [
    ...(settings.updatePriority && settings.priorityFieldId !== null
      ? [{ id: settings.priorityFieldId, value: settings.priorityFieldValues[bucket] }]
      : []),
    ...(settings.typeFieldId === null ? [] : [{ id: settings.typeFieldId, value: triage.type }]),
    ...(settings.importanceFieldId === null
      ? []
      : [{ id: settings.importanceFieldId, value: Math.round(triage.importance) }]),
  ];
}

async function postNote(
  deps: WorkerDependencies,
  conversation: Conversation,
  marker: string,
  html: string,
): Promise<void> {
  if (hasOwnNote(deps, conversation, marker)) {
    return;
  }
  await deps.freescout.addNote(conversation.id, { html: `${markerFor(marker)}${html}`, cc: conversation.cc });
  deps.log.write('CONVERSATION_NOTED');
}

/** Whether a note of ours with this marker is in the conversation. */
export function hasOwnNote(
  { settings }: Pick<WorkerDependencies, 'settings'>,
  conversation: Conversation,
  marker: string,
): boolean {
  return conversation.threads.some(
    (thread) =>
      thread.type === 'note' &&
      thread.createdBy?.id === settings.freescout.botUserId &&
      hasMarker(thread.body, marker),
  );
}

function relatedRemark(related: RelatedConversation): string {
  return related.why === 'revived'
    ? `This mail continues an old thread under a new subject; see conversation ${related.conversationId}.`
    : `This mail refers to conversation ${related.conversationId}, but its sender has no part in that one.`;
}
