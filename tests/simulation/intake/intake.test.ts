import { expect, it } from 'vitest';
import { asked, simulateSeeds } from './simulateSeeds.ts';

it('no order of events, faults and crashes loses or doubles a mail', async () => {
  const happened = await simulateSeeds({ first: 1, last: asked.isFull ? 500 : 80 }, 'intake.test.ts');
  if (asked.seed !== null) {
    return;
  }
  const expected = [
    ...['crashes', 'lost webhooks', 'store-contention', 'queue-unavailable', 'freescout 429'],
    ...['freescout 500-after', 'freescout timeout-after', 'gmail-unreachable', 'openai-unreachable'],
    'relabelled mails',
    ...['CURSOR_EXPIRED', 'CURSOR_MOVED_BY_OTHER', 'GAP_CHECK_DONE', 'SWEEP_FAILED', 'POLL_FAILED'],
    ...[
      'MAIL_CREATED',
      'MAIL_APPENDED',
      'MAIL_REQUEUED',
      'MAIL_FILTERED',
      'MAIL_NOTED',
      'STRANGER_IN_THREAD',
      'WRITE_ADOPTED',
      'WRITE_FINISHED',
    ],
    ...[
      'ALERT_SENT',
      'ALERT_FAILED',
      'DRAFT_CREATED',
      'DRAFT_OUTCOME',
      'CONVERSATION_DEFERRED',
      'JOB_BACK_TO_QUEUE',
    ],
  ];
  for (const name of expected) {
    expect(happened.get(name) ?? 0, name).toBeGreaterThan(0);
  }
}, 1_800_000);
