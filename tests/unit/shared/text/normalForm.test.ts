import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '#shared/drafts/fingerprint.ts';
import { safeFileName } from '#shared/mail/parsing/attachmentNames.ts';
import { namesOtherHost } from '#shared/mail/visible/webAddresses.ts';
import { modelText } from '#shared/openai/modelText.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { normalForm } from '#shared/text/normalForm.ts';
import { escalationWordsIn } from '#shared/triage/escalationWords.ts';

describe('a text in a normal form', () => {
  it.each([
    ['Ru\u0308ck', 'NFC', 'R\u00fcck'],
    ['a\u0301\u0323', 'NFC', '\u1ea1\u0301'],
    ['\uff42ank\uff0ete\ufb01', 'NFKC', 'bank.tefi'],
    ['\uff76\uff9e', 'NFKC', '\u30ac'],
    ['', 'NFC', ''],
  ] as const)('is Unicode’s own: %j as %s', (text, form, expected) => {
    expect(normalForm(text, form)).toBe(expected);
  });

  it.each(['\u0301\u0323', '\u0301\uff9e', '\u3099\uff9e\u0323'])(
    'keeps more marks (%j) than any letter bears as they are, and all around them has the form',
    (marks) => {
      const many = marks.repeat(40);
      expect(normalForm(`u\u0308 x${many}y u\u0308`, 'NFKC')).toBe(`ü x${many}y ü`);
    },
  );

  const { escalation } = parseSettings({});
  it.each<[string, (text: string) => unknown]>([
    ['words of a link', (text) => namesOtherHost(text, 'shop.test')],
    ['what a customer wrote', (text) => escalationWordsIn(text, escalation)],
    ['the name of a file', (text) => safeFileName(text, 'text/plain', 0)],
    ['what a model wrote', modelText],
    ['a draft', fingerprintOf],
  ])(
    'is made in bounded time of %s',
    (_, of) => {
      for (const marks of ['\u0301\u0323', `${'\u0301'.repeat(30)}\u0323`, '\u0301\uff9e\u0323']) {
        const start = process.cpuUsage();
        of(`a${marks.repeat(400_000 / marks.length)}`);
        const { user, system } = process.cpuUsage(start);
        expect((user + system) / 1_000).toBeLessThan(6_000);
      }
    },
    120_000,
  );
});
