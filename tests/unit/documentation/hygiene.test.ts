import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { automaticHeaders, automaticReplyHeaders } from '#shared/mail/hygiene/automaticReply.ts';
import { campaignHeaders, listHeaders } from '#shared/mail/hygiene/bulkScore.ts';
import { hygieneReasons } from '#shared/mail/hygiene/classifyMail.ts';
import { spamHeaders } from '#shared/mail/hygiene/spamFlags.ts';
import { hygieneSettingsSchema } from '#shared/settings/hygieneSettings.ts';

const document = readFileSync(new URL('../../../docs/hygiene.md', import.meta.url), 'utf8');
const [, proof = '', doubt = ''] = document.split(/^## (?:Proof|Doubt|What says nothing)$/m);

/** Verdict and reason of each row of the tables, without the heads. */
function rowsOf(section: string): readonly { readonly verdict: string; readonly reason: string }[] {
  return [...section.matchAll(/^\|(?! Sign |---).* \| ([^|]+) \| `([^`]+)` \|[^|]*\|$/gm)].map(
    ([, verdict = '', reason = '']) => ({ verdict, reason }),
  );
}

/** The names in a paragraph that begins so, up to the first sentence's end. */
function headersAfter(beginning: string): readonly string[] {
  const paragraph = document.split(/\n{2,}/).find((each) => each.startsWith(beginning)) ?? '';
  const [, list = ''] = /: (.*?)\.(?:\s|$)/s.exec(paragraph) ?? [];
  return [...list.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

describe('docs/hygiene.md', () => {
  it('has a row for every reason, and for no other', () => {
    const named = [...rowsOf(proof), ...rowsOf(doubt)].map(({ reason }) => reason);
    expect([...new Set(named)].filter((reason) => reason !== 'label:…').toSorted()).toEqual(
      [...hygieneReasons].toSorted(),
    );
  });

  it('filters by proof, and tickets in doubt', () => {
    expect(rowsOf(proof).filter(({ verdict }) => !verdict.includes('filtered'))).toEqual([]);
    expect(rowsOf(doubt).filter(({ verdict }) => !verdict.startsWith('ticket without a draft'))).toEqual([]);
  });

  it.each([
    ['Automatic replies, with', automaticReplyHeaders],
    ['Machines, with', automaticHeaders],
    ['Lists, beside', listHeaders],
    ['Campaigns:', campaignHeaders],
    ['Spam, with', spamHeaders],
  ])('names the headers that the code reads: %s', (beginning, headers) => {
    expect(headersAfter(beginning)).toEqual(headers);
  });

  it('names settings that exist', () => {
    const named = [...document.matchAll(/`hygiene\.(\w+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in hygieneSettingsSchema.unwrap().shape))).toEqual([]);
  });
});
