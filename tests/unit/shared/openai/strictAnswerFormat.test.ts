import { zodTextFormat } from 'openai/helpers/zod';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { draftAnswerSchema } from '#shared/drafts/draftAnswer.ts';
import { strictAnswerFormat } from '#shared/openai/strictAnswerFormat.ts';
import { triageAnswerSchema } from '#shared/triage/triage.ts';

describe('the answer format', () => {
  it.each([
    ['triage', triageAnswerSchema],
    ['draft', draftAnswerSchema],
    [
      'nested',
      z.object({ list: z.array(z.object({ kind: z.enum(['a', 'b']), text: z.string().nullable() })) }),
    ],
  ])("is the one that OpenAI's own helper makes: %s", (name, schema) => {
    expect(strictAnswerFormat(schema, name)).toEqual(JSON.parse(JSON.stringify(zodTextFormat(schema, name))));
  });

  it('refuses what strict mode does not know', () => {
    const optional = z.object({ text: z.string().optional() });
    expect(() => strictAnswerFormat(optional, 'optional')).toThrow();
  });
});
