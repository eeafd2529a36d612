/**
 * Every line that is ever logged. The code is stable: saved queries, alarms and RUNBOOK.md name it.
 *
 * DEBUG: what only the hunt for one fault needs. INFO: a unit of work started, decided or ended, and its calls to FreeScout and the
 * model. WARN: something needs no person now but tells of one
 * soon. ERROR: a person has to look.
 */
export const logCatalogue = {
  // units of work
  JOB_STARTED: ['INFO', 'Job started'],
  JOB_DONE: ['INFO', 'Job done'],
  JOB_BACK_TO_QUEUE: ['INFO', 'Job goes back to the queue'],
  JOB_FAILED: ['WARN', 'Job failed and will be tried again'],
  JOB_FAILED_FOR_GOOD: ['ERROR', 'Job failed for good; the row keeps the reason'],
  JOB_MALFORMED: ['ERROR', 'A message on the queue is no job; it goes to the dead letters'],
  // webhook
  WEBHOOK_ANSWERED: ['INFO', 'Webhook answered'],
  WEBHOOK_NOT_KEPT: ['WARN', 'Verified webhook could not be kept raw'],
  WEBHOOK_NOT_COUNTED: ['WARN', 'Webhook could not be counted'],
  REQUESTS_REFUSED: ['WARN', 'Requests were refused in the last minute'],
  // Gmail
  POLL_DONE: ['INFO', 'Gmail poll done'],
  POLL_FAILED: ['ERROR', 'Gmail poll failed; the cursor stays'],
  CURSOR_EXPIRED: ['WARN', 'Gmail forgot the cursor; a back-fill closes the gap'],
  CURSOR_MOVED_BY_OTHER: ['INFO', 'Another poll moved the cursor'],
  GAP_CHECK_DONE: ['INFO', 'Gap check done'],
  OWN_ADDRESS_MISSING: [
    'WARN',
    'Mail comes in by an address at a domain of ours that ownAddresses does not name; enter it there',
  ],
  GMAIL_LABEL_FAILED: ['WARN', 'The Gmail label could not be set'],
  // intake; MAIL_ stands for a message of any channel, because saved queries and the RUNBOOK name the codes
  MAIL_CREATED: ['INFO', 'Mail became a new conversation'],
  MAIL_APPENDED: ['INFO', 'Mail was added to its conversation'],
  MAIL_NOTED: ['INFO', 'Mail was noted in its conversation'],
  MAIL_FILTERED: ['INFO', 'Mail was filtered'],
  MAIL_OVER_SHARE: ['INFO', 'Mail waits behind those of others: its sender sent more than their share'],
  MAIL_REQUEUED: ['INFO', 'Mail is queued again in the group of its conversation'],
  WRITE_ADOPTED: ['INFO', 'An earlier unanswered write was found and adopted'],
  WRITE_FINISHED: [
    'WARN',
    'FreeScout stopped in the middle of a write; what it left undone was done, or noted in the conversation',
  ],
  SENDER_NOT_IN_CONVERSATION: [
    'INFO',
    'Mail refers to a conversation its sender has no part in; it starts its own',
  ],
  STRANGER_IN_THREAD: [
    'INFO',
    'Mail came in the thread of a conversation its writer has no part in; it starts its own',
  ],
  MAIL_FETCHED_TWICE: [
    'ERROR',
    'FreeScout fetches an address that is brought in here too; switch its fetching off',
  ],
  // conversation
  CONVERSATION_TRIAGED: ['INFO', 'Conversation was judged'],
  CONVERSATION_TAGGED: ['INFO', 'Tags were set'],
  CONVERSATION_NOTED: ['INFO', 'Internal note was posted'],
  ALERT_GATHERED: ['INFO', 'An alert is told with others when its hour is over'],
  CONVERSATION_DEFERRED: [
    'WARN',
    'Work waits for the budget, or for another day because its sender has used up their share',
  ],
  MODULE_ABSENT: ['WARN', 'A FreeScout module is absent; its step is skipped'],
  FIELD_NOT_WRITTEN: [
    'WARN',
    'A custom field stays as it is: its dropdown lacks the value, or its options could not be read',
  ],
  // drafts
  DRAFT_CREATED: ['INFO', 'Draft was created'],
  DRAFT_REPLACED: ['INFO', 'Draft was replaced'],
  DRAFT_WITHDRAWN: ['INFO', 'Stale draft was withdrawn'],
  DRAFT_KEPT: ['INFO', 'A draft is there; the suggestion went into a note'],
  DRAFT_OUTCOME: ['INFO', 'A draft cycle ended'],
  DRAFT_UNUSABLE: ['WARN', 'The model gave no usable draft'],
  DRAFTS_PROVEN: ['INFO', 'FreeScout was seen to keep drafts as drafts'],
  DRAFTS_STOPPED: ['ERROR', 'FreeScout did not keep a draft as a draft: drafting is stopped'],
  // follow-ups
  FOLLOW_UPS_DONE: ['INFO', 'Look for conversations that wait too long done'],
  FOLLOW_UPS_FAILED: ['ERROR', 'Look for conversations that wait too long failed; the next one starts again'],
  FOLLOW_UP_EXPLAINED: ['INFO', 'Dry run: what a conversation asks for'],
  FOLLOW_UP_NOT_DUE: ['INFO', 'Conversation needs no follow-up any more'],
  FOLLOW_UP_DONE: ['INFO', 'Follow-up done'],
  FOLLOW_UP_TAG_REMOVED: ['INFO', 'Somebody wrote: the follow-up tag was taken off'],
  // alerts
  ALERT_SENT: ['INFO', 'Operators were alerted'],
  ALERT_FAILED: ['WARN', 'An alert did not get through and will be tried again'],
  ALERT_WITHOUT_CHANNEL: ['WARN', 'No channel for alerts is configured'],
  // sweep
  WEBHOOK_TRIED: ['INFO', 'No webhook came lately; FreeScout was made to send one'],
  WEBHOOK_NOT_TRIED: ['WARN', 'No webhook came lately, and FreeScout could not be made to send one'],
  SWEEP_DONE: ['INFO', 'Sweep done'],
  SWEEP_FAILED: ['ERROR', 'Sweep failed; the next one starts again'],
  ROW_OF_LATER_RELEASE: ['WARN', 'Only a later release can work on a row; it is left as it is'],
  // calls
  FREESCOUT_CALL: ['INFO', 'FreeScout was called'],
  GMAIL_CALL: ['DEBUG', 'Gmail was called'],
  MODEL_CALL: ['INFO', 'A model was called'],
  SECRET_REFRESHED: ['INFO', 'A secret was read again after it was refused'],
  // start
  NOT_CONFIGURED: ['WARN', 'Not configured yet; nothing was done'],
  CONFIGURATION_FAULT: ['WARN', 'Something is missing in the settings or a secret'],
  STAND_INS_IN_USE: ['WARN', 'FreeScout is real, but other parts are stand-ins'],
  NOT_READY: ['WARN', 'The system is not ready'],
  START_REFUSED: ['ERROR', 'The function cannot start'],
} as const satisfies Record<string, readonly ['DEBUG' | 'INFO' | 'WARN' | 'ERROR', string]>;

export type LogCode = keyof typeof logCatalogue;

/**
 * Names of what a line may carry. Ids, codes, counts and times only: there is no field for text, secrets or anybody's address.
 * `ownAddress` is that of a group or mailbox of ours, at a domain of the settings; it is told once.
 */
export type LogFieldName =
  | 'account'
  | 'action'
  | 'alert'
  | 'attempt'
  | 'attempts'
  | 'bucket'
  | 'cachedTokens'
  | 'calls'
  | 'cause'
  | 'channel'
  | 'code'
  | 'conversationId'
  | 'customField'
  | 'decision'
  | 'digest'
  | 'draftThreadId'
  | 'durationMs'
  | 'errorName'
  | 'event'
  | 'failed'
  | 'faults'
  | 'found'
  | 'hours'
  | 'importance'
  | 'inputTokens'
  | 'jobId'
  | 'jobKind'
  | 'known'
  | 'language'
  | 'messageId'
  | 'method'
  | 'missing'
  | 'mode'
  | 'model'
  | 'module'
  | 'otherConversationId'
  | 'outcome'
  | 'outputTokens'
  | 'ownAddress'
  | 'pages'
  | 'purpose'
  | 'qualified'
  | 'queued'
  | 'reason'
  | 'reasons'
  | 'requestId'
  | 'retryable'
  | 'route'
  | 'rowKey'
  | 'seconds'
  | 'similarity'
  | 'size'
  | 'skipped'
  | 'status'
  | 'step'
  | 'threadId'
  | 'type'
  | 'units'
  | 'usd'
  | 'woken';

export type LogFields = Partial<Record<LogFieldName, string | number | boolean | null>>;

export interface Log {
  /** Level and sentence come from {@link logCatalogue}. */
  write(code: LogCode, fields?: LogFields): void;
  /** A log whose lines all carry `fields`. */
  with(fields: LogFields): Log;
}
