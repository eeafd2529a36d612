import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { migrateSettings } from '#infra/cli/migrateSettings.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { csm } from '#tests/support/csm.ts';

const cdkJson = `{
    "app": "node infra/app.ts",
    "context": {
        "other":   [1,2],
        "settings": {
            "logging": { "level": "WARN" },
            "accounts": [
                { "alias": "support", "gmailAddress": "support@example.com", "mailboxId": 1 },
                {
                    "gmailAddress": "sales@example.com",
                    "alias": "sales",
                    "mailboxId": 2
                }
            ]
        }
    }
}
`;
const migrated = `{
    "app": "node infra/app.ts",
    "context": {
        "other":   [1,2],
        "settings": {
            "logging": { "level": "WARN" },
            "channels": [
                { "kind": "gmail", "alias": "support", "address": "support@example.com", "mailboxId": 1 },
                {
                    "kind": "gmail",
                    "address": "sales@example.com",
                    "alias": "sales",
                    "mailboxId": 2
                }
            ]
        }
    }
}
`;

describe('the text with the new names', () => {
  it('keeps every other character of cdk.json', () => {
    expect(migrateSettings(cdkJson)).toEqual({
      text: migrated,
      changes: [
        'accounts: is now "channels" (kind "gmail", "gmailAddress" is "address")',
        'channels[].gmailAddress: is now "address"',
      ],
    });
  });

  it.each([
    [
      '{"accounts":[{"alias":"a","gmailAddress":"a@x.example","mailboxId":1}],"gmail":{}}',
      '{"channels":[{"kind":"gmail","alias":"a","address":"a@x.example","mailboxId":1}],"gmail":{}}',
    ],
    [
      '{"accounts": [{"alias": "a", "gmailAddress": "a@x.example", "mailboxId": 1}]}',
      '{"channels": [{"kind": "gmail", "alias": "a", "address": "a@x.example", "mailboxId": 1}]}',
    ],
    [
      '{ "\\u0061ccounts": [ {\t"mailboxId": 1, "alias": "a", "gmailAddress": "a@x.example" } ] }',
      '{ "channels": [ {\t"kind": "gmail",\t"mailboxId": 1, "alias": "a", "address": "a@x.example" } ] }',
    ],
  ])('is settings that the check takes: %s', (text, expected) => {
    expect(migrateSettings(text).text).toBe(expected);
    expect(parseSettings(JSON.parse(expected)).channels).toMatchObject([
      { alias: 'a', address: 'a@x.example' },
    ]);
  });

  it.each([
    ['{"hygiene": {"ticketWebForms": true}}', '{"hygiene": {}}'],
    [
      '{ "hygiene": { "bulkThreshold": 6,\n  "ticketWebForms": false } }',
      '{ "hygiene": { "bulkThreshold": 6 } }',
    ],
    [
      '{"hygiene":{"ticketWebForms":true,"bulkThreshold":6},"gmail":{}}',
      '{"hygiene":{"bulkThreshold":6},"gmail":{}}',
    ],
  ])('leaves out what is no setting any more: %s', (text, expected) => {
    expect(migrateSettings(text)).toEqual({
      text: expected,
      changes: [
        'hygiene.ticketWebForms: is gone: every mail of a form is a ticket of the person whom its Reply-To names',
      ],
    });
  });

  it.each([
    ['{"accounts": [{}, 1, {"kind": "gmail"}]}', '{"channels": [{"kind": "gmail"}, 1, {"kind": "gmail"}]}'],
    ['{"accounts": 5}', '{"channels": 5}'],
    [
      '{"channels": [{"kind": "gmail", "gmailAddress": "a@x.example"}]}',
      '{"channels": [{"kind": "gmail", "address": "a@x.example"}]}',
    ],
  ])('takes what is half done or wrong as it is: %s', (text, expected) => {
    expect(migrateSettings(text).text).toBe(expected);
  });

  it.each([
    [migrated],
    ['{"context": {"settings": 5}}'],
    ['{"app": "x", "context": {"accounts": []}}'],
    ['{}'],
  ])('is the same where no old name stands: %j', (text) => {
    expect(migrateSettings(text)).toEqual({ text, changes: [] });
  });

  it.each([
    ['[]', 'is no JSON object'],
    ['{"accounts": [', 'is no JSON object'],
    ['', 'is no JSON object'],
    ['{"accounts": [], "channels": []}', 'holds both "accounts" and "channels"'],
  ])('is refused: %j', (text, why) => {
    expect(() => migrateSettings(text)).toThrow(why);
  });
});

describe('csm settings migrate', () => {
  const directory = mkdtempSync(join(tmpdir(), 'csm-migrate-'));
  const file = join(directory, 'cdk.json');
  afterAll(() => rmSync(directory, { recursive: true }));

  it('prints the new text and changes no file', async () => {
    writeFileSync(file, cdkJson);
    expect(await csm(['settings', 'migrate', file], { dataDirectory: '/nowhere' })).toMatchObject({
      code: 0,
      out: migrated,
      err: expect.stringContaining('accounts: is now "channels"'),
    });
    expect(readFileSync(file, 'utf8')).toBe(cdkJson);
  });

  it('prints the text as it is where nothing is to do', async () => {
    writeFileSync(file, migrated);
    expect(await csm(['settings', 'migrate', file], { dataDirectory: '/nowhere' })).toMatchObject({
      code: 0,
      out: migrated,
      err: expect.stringContaining('the text is the same'),
    });
  });

  it('takes the cdk.json of the project when no file is named', async () => {
    const own = readFileSync('cdk.json', 'utf8');
    expect(await csm(['settings', 'migrate'], { dataDirectory: '/nowhere' })).toMatchObject({
      code: 0,
      out: own,
    });
  });

  it('says that it cannot read a file, and prints nothing', async () => {
    expect(
      await csm(['settings', 'migrate', join(directory, 'none.json')], { dataDirectory: '/nowhere' }),
    ).toMatchObject({ code: 1, out: '', err: expect.stringContaining('none.json cannot be read') });
  });
});
