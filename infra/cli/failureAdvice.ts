import type { FailureCode } from '#shared/failure/failure.ts';

/** What an operator does about each kind of failure; RUNBOOK.md says more. */
const failureAdvice: Readonly<Record<FailureCode, string>> = {
  'freescout-unreachable': 'FreeScout did not answer: check that it is up; the rows are woken by themselves.',
  'freescout-error': 'FreeScout answered with an error of its own: look into its log (Manage → Logs).',
  'freescout-unauthorized': 'FreeScout refuses the API key: npm run csm -- connect freescout.',
  'freescout-rejected': 'FreeScout refuses what was written: "show" the row, mend the cause, "replay" it.',
  'freescout-unanswered': 'A write got no answer; the next attempt looks for it before it writes again.',
  'freescout-too-large':
    'FreeScout, or something in front of it, answers 413 even to the shortest form: raise the limits of PHP and the web server; the rows are woken by themselves.',
  'freescout-not-configured': 'FreeScout is not connected yet: npm run csm -- connect freescout.',
  'gmail-unreachable':
    'Gmail did not answer, or a redirect stands at gmail.rootUrl or gmail.tokenUrl; the rows are woken by themselves.',
  'gmail-rate-limited': 'Gmail refuses because of its quota; the rows are woken by themselves.',
  'gmail-invalid-grant': 'Google refuses the credentials: npm run csm -- connect gmail, then replay.',
  'gmail-rejected': 'Gmail refuses the call: check the API and the scope in the Google project, then replay.',
  'gmail-too-large':
    'The answer is larger than any mail that Gmail takes: look at the mail in Gmail and answer it there, then dismiss the row; check gmail.rootUrl.',
  'gmail-not-configured': 'Gmail is not connected yet: npm run csm -- connect gmail.',
  'openai-unreachable': 'OpenAI did not answer; the rows are woken by themselves.',
  'openai-rate-limited': 'OpenAI refuses because of its limits: check limits and balance there.',
  'openai-rejected':
    'OpenAI refuses the request, or a redirect stands at openai.baseUrl: check address, model names and key, then replay.',
  'openai-answer-unusable':
    'The model gave no usable answer at any of five attempts; a note tells the agents. Replay when the model was changed.',
  'openai-not-configured': 'OpenAI is not connected yet: npm run csm -- connect openai.',
  'store-contention': 'A table was too busy; the rows are woken by themselves.',
  'queue-unavailable': 'The queue took no job; the rows are woken by themselves.',
  'secret-unreadable': 'A secret cannot be read or lacks a key: compare it with its template.',
  'alert-undelivered':
    'Slack, the topic or the mail server took no alert: check the Slack secret and SMTP_…; the rows are woken by themselves.',
  'worker-stopped':
    'A worker died five times over this row: look for its message id in the log, then replay.',
  'job-malformed':
    'The job names an account that the settings no longer have: put it back, then replay; or dismiss the row.',
  'time-over': 'A function ran out of time; the rows are woken by themselves.',
  unexpected: 'A fault nobody foresaw: look for the row in the log at that time.',
};

export function adviceFor(reason: string | undefined): string {
  return reason !== undefined && isFailureCode(reason) ? failureAdvice[reason] : '';
}

function isFailureCode(reason: string): reason is FailureCode {
  return Object.hasOwn(failureAdvice, reason);
}
