import * as z from 'zod';

const paragraphSchema = z.object({
  kind: z.literal('paragraph'),
  text: z.string().describe('Plain text of one paragraph, no Markdown, no HTML'),
});

const listSchema = z.object({
  kind: z.literal('list'),
  items: z.array(z.string()).describe('Plain text of each item, without bullet or number'),
});

/** A reply as the model gives it. Every field is required, as OpenAI's strict mode demands; the kind of a block tells its fields. */
export const draftAnswerSchema = z.object({
  language: z.string().describe('ISO 639-1 code of the language the reply is written in'),
  blocks: z
    .array(z.discriminatedUnion('kind', [paragraphSchema, listSchema]))
    .describe('The reply from greeting to last sentence, without subject, sign-off name and signature'),
});
export type DraftAnswer = z.infer<typeof draftAnswerSchema>;
