import { expect, it } from 'vitest';
import type { LocalDescription } from '#infra/local/localDescription.ts';
import type { LocalReadiness } from '#infra/local/readiness.ts';
import { readinessLine, welcome } from '#infra/local/terminal/welcome.ts';
import { parseSettings } from '#shared/settings/settings.ts';

const description: LocalDescription = {
  pid: 1,
  api: 'http://127.0.0.1:3000',
  statusToken: 'token',
  desk: { url: 'http://127.0.0.1:3001', apiKey: 'key', webhookSecret: 'secret', external: false },
  gmail: { url: 'http://127.0.0.1:3002', account: 'support@example.com', external: false },
  openai: { url: 'http://127.0.0.1:3003', external: false },
  alerts: { slack: null, sns: null },
  aws: {
    ...{ dynamodb: '', sqs: '', queueUrl: '', deadLetterQueueUrl: '', alertTopicArn: '' },
    tables: {},
  },
};
const system = { description, dataDirectory: '.csm', settings: parseSettings({}), samplesArrive: false };
const wrong: LocalReadiness = {
  status: 'not_ready',
  issues: ['mailbox 3 does not exist in FreeScout', '"support" has no Gmail label "VIP": mend the settings'],
  conditions: ['MailboxGone', 'LabelsUnknown'],
};

it('is said to be ready only when /ready says so', () => {
  expect(welcome(system, { status: 'ready', issues: [], conditions: [] })).toContain(
    '\nCustomer Service Management is ready.\n\n  Desk ',
  );
  for (const status of ['degraded', 'not_ready'] as const) {
    expect(welcome(system, { ...wrong, status })).not.toContain('is ready');
    expect(readinessLine({ ...wrong, status })).not.toContain('is ready');
  }
});

it('says in its place what is wrong and what to do', () => {
  expect(welcome(system, wrong)).toContain(
    [
      'Customer Service Management is not ready:',
      '',
      '  - mailbox 3 does not exist in FreeScout',
      '  - "support" has no Gmail label "VIP": mend the settings',
      '  What to do: RUNBOOK.md, "Alarm: MailboxGone", "Alarm: LabelsUnknown".',
      '',
      '  Desk ',
    ].join('\n'),
  );
  expect(readinessLine({ ...wrong, status: 'degraded' })).toBe(
    'Customer Service Management works, but something is wrong: mailbox 3 does not exist in FreeScout; "support" has no Gmail label "VIP": mend the settings. What to do: RUNBOOK.md, "Alarm: MailboxGone", "Alarm: LabelsUnknown".',
  );
});
