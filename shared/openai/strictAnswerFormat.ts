import { toStrictJsonSchema } from 'openai/lib/transform';
import type { ResponseFormatTextJSONSchemaConfig } from 'openai/resources/responses/responses';
import * as z from 'zod';

/**
 * Asks the model for an answer that a schema accepts. The same as OpenAI's `zodTextFormat`, without what that one carries along for
 * the third version of zod (110 kB).
 *
 * @throws when the schema holds what OpenAI's strict mode does not know.
 */
export function strictAnswerFormat(schema: z.ZodType, name: string): ResponseFormatTextJSONSchemaConfig {
  const jsonSchema = z.toJSONSchema(schema, {
    target: 'draft-7',
    override: ({ zodSchema, jsonSchema: part }) => {
      // Strict mode has no oneOf; of a discriminated union never more than one branch fits anyway.
      if (zodSchema._zod.def.type === 'union' && part.oneOf !== undefined) {
        part.anyOf = part.oneOf;
        delete part.oneOf;
      }
    },
  });
  // zod's type of a schema names more keywords than OpenAI's; those that strict mode does not know are refused by the call.
  const strict = toStrictJsonSchema(jsonSchema as Parameters<typeof toStrictJsonSchema>[0]);
  return { type: 'json_schema', name, strict: true, schema: { ...strict } };
}
