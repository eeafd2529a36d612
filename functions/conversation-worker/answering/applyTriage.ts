import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { hasOwnNote, markerFor } from '#shared/drafts/markers.ts';
import { type Conversation, isCustomerMessage } from '#shared/freescout/model.ts';
import type { Settings } from '#shared/settings/settings.ts';
import { type LedgerKey, threadKey, threadMapKey } from '#shared/store/keys.ts';
import { bucketOf, doubtfulTag, tagsOf, tagsToSet } from '#shared/triage/buckets.ts';
import { reasoningNote } from '#shared/triage/reasoningNote.ts';
import type { Triage, TriageType } from '#shared/triage/triage.ts';
import type { FieldValue } from './fieldOptions.ts';
import type { MessageInWork } from './messageInWork.ts';
import { tellRelatedConversations } from './relatedConversations.ts';
import { remarkLines } from './remarkLines.ts';

/** Newest messages of the customer whose earlier triage is looked for. */
const searchedMessages = 25;

/** Name of the marker of the note that gives the reasons of a triage. */
export const noteMarkerOf = (rowKey: LedgerKey): string => `note:${rowKey}`;

/**
 * Writes a triage into the conversation: tags, fields, assignee, then one note with its reasons. Only what differs is written; what
 * people set stays.
 */
export async function applyTriage(
  deps: WorkerDependencies,
  conversation: Conversation,
  triage: Triage,
  { job, row, mailRow, waitingMailRows, silentNotes }: MessageInWork,
): Promise<void> {
  const remarks = [...remarkLines(waitingMailRows, mailRow, deps.settings.hygiene.loopLimitPerHour)];
  const bucket = bucketOf(triage.importance, deps.settings.thresholds);
  if ((await applyTags(deps, conversation, triage)) === 'module-absent') {
    deps.log.write('MODULE_ABSENT', { module: 'Tags' });
    remarks.push(
      `The Tags module of FreeScout is not active; the tags would have been: ${tagsOf(triage, deps.settings.thresholds).join(', ')}.`,
    );
  }
  if ((await applyFields(deps, conversation, triage, row.key)) === 'module-absent') {
    deps.log.write('MODULE_ABSENT', { module: 'CustomFields' });
    remarks.push(`The Custom Fields module of FreeScout is not active; the priority is ${bucket}.`);
  }
  const { assignTo } = deps.settings.freescout;
  if (assignTo !== null && conversation.assignee === null) {
    await deps.freescout.assign(conversation.id, assignTo);
  }
  // One note tells of a whole burst of mails.
  if (row.burst !== 'later' && (deps.settings.freescout.postNotes || remarks.length > 0)) {
    const note = reasoningNote(triage, deps.settings.thresholds, remarks);
    await postNote(deps, conversation, noteMarkerOf(row.key), note, silentNotes);
  }
  await tellRelatedConversations(deps, job, waitingMailRows);
}

/** Tags what may be no customer's message, and takes the tag off again when a message comes that is one. */
export async function tagDoubt(
  deps: WorkerDependencies,
  { id, tags }: Conversation,
  isDoubtful: boolean,
): Promise<void> {
  if (!deps.settings.freescout.applyTags || tags === null || tags.includes(doubtfulTag) === isDoubtful) {
    return;
  }
  const others = tags.filter((tag) => tag !== doubtfulTag);
  await deps.freescout.setTags(id, isDoubtful ? [...others, doubtfulTag] : others);
}

/** Sets the tags of a triage, or those of escalation words alone (`type` null) before there is one. */
export async function applyTags(
  deps: WorkerDependencies,
  conversation: Conversation,
  triage: { readonly type: TriageType | null; readonly importance: number },
): Promise<'done' | 'module-absent'> {
  if (!deps.settings.freescout.applyTags) {
    return 'done';
  }
  const tags = tagsToSet(conversation.tags ?? [], tagsOf(triage, deps.settings.thresholds));
  if (tags === null) {
    return 'done';
  }
  const done = await deps.freescout.setTags(conversation.id, tags);
  deps.log.write('CONVERSATION_TAGGED', { importance: triage.importance, type: triage.type });
  return done;
}

/**
 * Priority, type and importance fields. A value that is not the one of our earlier triage was chosen by a person and stays. A value
 * that the field's dropdown lacks is not written. While the options cannot be read, none is: the mail does not wait for a field.
 */
async function applyFields(
  deps: WorkerDependencies,
  conversation: Conversation,
  triage: Triage,
  rowKey: LedgerKey,
): Promise<'done' | 'module-absent'> {
  const wanted = fieldsOf(deps.settings, triage);
  if (wanted.length === 0) {
    return 'done';
  }
  const { customFields } = conversation;
  if (customFields === null) {
    return 'module-absent';
  }
  const stored = (id: number) => String(customFields.find((field) => field.id === id)?.value ?? '');
  const different = wanted.filter(({ id, value }) => stored(id) !== value);
  if (different.length === 0) {
    return 'done';
  }
  const takes = await deps.fieldOptions(conversation.mailboxId, different);
  if (takes === null) {
    deps.log.write('FIELD_NOT_WRITTEN', { reason: 'options-unread' });
    return 'done';
  }
  // FreeScout shows a value that is no option as empty, so nobody chose it.
  const isEmpty = (id: number) => stored(id) === '' || !takes({ id, value: stored(id) });
  const earlier = different.every(({ id }) => isEmpty(id))
    ? []
    : await earlierTriage(deps, conversation, rowKey);
  const ours = earlier.flatMap((before) => fieldsOf(deps.settings, before)).filter(takes);
  const changes = different.filter(
    ({ id }) => isEmpty(id) || ours.findLast((field) => field.id === id)?.value === stored(id),
  );
  for (const { id } of changes.filter((field) => !takes(field))) {
    deps.log.write('FIELD_NOT_WRITTEN', { customField: id, reason: 'no-option' });
  }
  const possible = changes.filter(takes);
  return possible.length === 0 ? 'done' : deps.freescout.setCustomFields(conversation.id, possible);
}

/** What a triage asks to be written into the fields of the settings. */
function fieldsOf(
  { freescout, thresholds }: Pick<Settings, 'freescout' | 'thresholds'>,
  { type, importance }: Pick<Triage, 'type' | 'importance'>,
): readonly FieldValue[] {
  const priority = freescout.updatePriority ? freescout.priorityFieldId : null;
  return [
    { id: priority, value: String(freescout.priorityFieldValues[bucketOf(importance, thresholds)]) },
    { id: freescout.typeFieldId, value: type },
    { id: freescout.importanceFieldId, value: String(Math.round(importance)) },
  ].flatMap(({ id, value }) => (id === null ? [] : [{ id, value }]));
}

/** The triage of each of the customer's newest earlier messages, oldest first. */
async function earlierTriage(
  { store }: WorkerDependencies,
  { id, threads }: Conversation,
  rowKey: LedgerKey,
): Promise<readonly Triage[]> {
  const keys = threads
    .filter(isCustomerMessage)
    .map((thread) => threadKey(id, thread.id))
    .filter((key) => key !== rowKey)
    .slice(-searchedMessages);
  const rows = await store.ledger.getAll(keys);
  return keys.flatMap((key) => rows.get(key)?.triage ?? []);
}

/** Writes a note of ours once. @param imported - FreeScout tells nobody of it. */
export async function postNote(
  deps: WorkerDependencies,
  conversation: Conversation,
  marker: string,
  html: string,
  imported: boolean,
): Promise<void> {
  if (hasOwnNote(conversation, deps.settings.freescout.botUserId, marker)) {
    return;
  }
  const { threadId } = await deps.freescout.addNote(conversation.id, {
    html: `${markerFor(marker)}${html}`,
    cc: conversation.cc,
    imported,
  });
  deps.log.write('CONVERSATION_NOTED');
  // FreeScout's notification of a new conversation names its newest thread, which is this note.
  await deps.store.threadMap.putAll([
    { key: threadMapKey.freescoutThread(threadId), conversationId: conversation.id },
  ]);
}
