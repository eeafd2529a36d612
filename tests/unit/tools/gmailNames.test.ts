import { describe, expect, it } from 'vitest';
import { gmailFindings, gmailNames } from '#tests/tools/gmailNames.ts';

describe('the count of the files that name Gmail', () => {
  it('takes every case and leaves out documents and what belongs to Gmail', () => {
    const names = gmailNames(
      new Map([
        ['functions/poll.ts', `import { gmail } from 'Gmail';\nconst GMAIL_KEY = 'x-goog-mail';`],
        ['functions/gmail-poll/handler.ts', 'gmail'],
        ['infra/DEPLOYMENT.md', 'Gmail'],
        ['infra/cli/commands/connectGmail.ts', 'Gmail'],
        ['infra/cli/gmailSources.ts', 'Gmail'],
        ['infra/cli/notGmail.ts', 'gmail'],
        ['infra/cli/commands/show.ts', 'gmailThreadId'],
        ['infra/standins/gmail/standIn.ts', 'Gmail'],
        ['shared/channels/channel.ts', 'one of several'],
        ['shared/channels/gmail/channel.ts', 'Gmail'],
        ['shared/mail/parseMail.ts', `import { longMails } from './longMails.ts';`],
        ['shared/settings/settings.ts', 'gmailAddress'],
      ]),
    );
    expect([...names]).toEqual([
      ['functions/poll.ts', 3],
      ['infra/cli/notGmail.ts', 1],
      ['infra/cli/commands/show.ts', 1],
    ]);
  });
});

describe('the findings', () => {
  const contributing = [
    '# Contributing',
    '| `functions/elsewhere.ts` | not in the section |',
    '## Who names Gmail, and why',
    '| File | Why |',
    '|---|---|',
    '| `functions/a.ts` | It puts the channels together. |',
    '| `functions/b.ts` | |',
    '| `functions/gone.ts` | It used to. |',
    '## Further',
    '| `functions/c.ts` | not in the section |',
  ].join('\n');

  it('are files without a reason and reasons without a file', () => {
    const names = new Map(['functions/a.ts', 'functions/b.ts', 'functions/c.ts'].map((file) => [file, 1]));
    expect(gmailFindings(names, contributing)).toEqual([
      'functions/b.ts names Gmail, and CONTRIBUTING.md does not say why.',
      'functions/c.ts names Gmail, and CONTRIBUTING.md does not say why.',
      'functions/gone.ts does not name Gmail, and CONTRIBUTING.md says why it does.',
    ]);
  });

  it('are too many files, whatever their reasons', () => {
    const files = Array.from({ length: 16 }, (_, number) => `shared/${number}.ts`);
    const findingsOf = (some: readonly string[]) =>
      gmailFindings(
        new Map(some.map((file) => [file, 1])),
        ['## Who names Gmail, and why', ...some.map((file) => `| \`${file}\` | A reason. |`)].join('\n'),
      );
    expect(findingsOf(files)).toEqual(['16 files name Gmail; at most 15 may.']);
    expect(findingsOf(files.slice(1))).toEqual([]);
  });
});
