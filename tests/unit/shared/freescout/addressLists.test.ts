import { expect, it } from 'vitest';
import { defaultBot } from '#infra/standins/freescout/model.ts';
import { conversationSchemaFor } from '#shared/freescout/model.ts';

const ccOf = (cc: unknown) =>
  conversationSchemaFor(defaultBot).parse({ id: 1, status: 'active', state: 'published', mailboxId: 1, cc })
    .cc;

it.each([
  ['a list', ['a@x.test', 'b@x.test'], ['a@x.test', 'b@x.test']],
  ['nothing', null, []],
  ['an object, after an address was dropped', { 0: 'a@x.test', 3: 'b@x.test' }, ['a@x.test', 'b@x.test']],
  ['brackets, after a sending was undone', ['[a@x.test', 'b@x.test]'], ['a@x.test', 'b@x.test']],
  ['the empty list after that', ['[]'], []],
])('reads addresses from %s', (_name, cc, expected) => {
  expect(ccOf(cc)).toEqual(expected);
});
