import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { remarkCodes } from '#shared/intake/remark.ts';
import { formServices } from '#shared/mail/hygiene/machineSender.ts';

const document = readFileSync(new URL('../../../docs/intake.md', import.meta.url), 'utf8');

it('names the form services that the code knows', () => {
  const paragraph = document.split(/\n{2,}/).find((each) => each.startsWith('Form services:')) ?? '';
  expect([...paragraph.matchAll(/`([^`]+)`/g)].map(([, name]) => name)).toEqual(formServices);
});

it('names every remark on who wrote, and no other', () => {
  const ofCopies: readonly string[] = ['same-message-id', 'same-mail-elsewhere'];
  const named = remarkCodes.filter((code) => document.includes(`\`${code}\``));
  expect(named).toEqual(remarkCodes.filter((code) => !ofCopies.includes(code)));
});
