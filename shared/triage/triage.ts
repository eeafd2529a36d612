import * as z from 'zod';

export type TriageType = 'lead' | 'customer' | 'other';
export type Bucket = 'p0' | 'p1' | 'p2' | 'p3';

/** The triage of a conversation as the model gives it: every field required, nullable instead of optional. */
export const triageAnswerSchema = z.object({
  type: z.enum(['lead', 'customer', 'other']),
  importance: z.number().describe('1 (trivial) to 10 (critical)'),
  reasoning: z.string().describe('Two or three sentences for the support team, in English'),
  facts: z.array(z.string()).describe('Facts stated by the customer: names, numbers, dates, products'),
  uncertainties: z.array(z.string()).describe('What is unclear or has to be checked'),
  language: z.string().describe("ISO 639-1 code of the customer's language"),
  sentiment: z.enum(['angry', 'unhappy', 'neutral', 'happy']),
  needsReply: z.boolean().describe('Whether the customer expects an answer'),
  escalationReason: z.string().nullable().describe('Why a person must look at once, or null'),
  threatens: z
    .boolean()
    .describe('Whether the customer means a threat, harm or a demand for which a person must look at once'),
});

/** The triage as it is stored and used: bounded, and raised where escalation words were found. */
export const triageSchema = triageAnswerSchema.extend({
  importance: z.number().min(1).max(10),
  /** Words from the settings that raised the importance. */
  escalationWords: z.array(z.string()),
  /**
   * False: the model saw the words and found that nothing threatens, nor is it urgent for other reasons. Absent from triages by
   * `triage-1`, which asked for no such thing.
   */
  threatens: z.boolean().exactOptional(),
  promptVersion: z.string(),
});
export type Triage = z.infer<typeof triageSchema>;
