import * as z from 'zod';

const weight = (points: number) => z.number().min(-20).max(20).default(points);

const bulkWeightsSchema = z
  .object({
    listUnsubscribe: weight(2).describe('Points for a List-Unsubscribe header.'),
    listId: weight(2).describe('Points for a List-Id header.'),
    listHeader: weight(1).describe('Points for any other List-… header.'),
    precedence: weight(2).describe('Points for Precedence bulk, list or junk.'),
    campaignHeader: weight(2).describe('Points for a header that only bulk senders set, such as X-Campaign.'),
    automatic: weight(1).describe('Points for Auto-Submitted with a value other than no.'),
    footerLink: weight(2).describe('Points for an unsubscribe or preferences link in what the sender wrote.'),
    promotionalSubject: weight(1).describe('Points for advertising words in the subject.'),
    noReplySender: weight(1).describe('Points for a no-reply sender address.'),
    promotionsLabel: weight(2).describe('Points for the Gmail category Promotions.'),
    forumsLabel: weight(1).describe('Points for the Gmail category Forums.'),
    answersUs: weight(-4).describe(
      'Points for an answer to one of our own mails, negative because people write those.',
    ),
  })
  .prefault({})
  .describe('Points each sign of bulk mail is worth.');

/** What counts as a customer's mail; every decision can be undone by the operator's `restore`. */
export const hygieneSettingsSchema = z
  .object({
    bulkThreshold: z
      .number()
      .min(1)
      .max(50)
      .default(5)
      .describe(
        'Points from which a mail counts as bulk: filtered when that is certain, otherwise in doubt.',
      ),
    bulkWeights: bulkWeightsSchema,
    loopLimitPerHour: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(10)
      .describe('Mails of one sender within an hour beyond which their mails get no draft.'),
    doubtful: z
      .enum(['ticket', 'filter'])
      .default('ticket')
      .describe(
        'What becomes of a mail that looks automatic, bulk or spam and may be a person’s: a ticket without a draft, or filtered unless the sender is a customer already.',
      ),
    filterBulk: z
      .boolean()
      .default(true)
      .describe('Whether newsletters, mailing lists and other bulk are told from other mail.'),
    filterSpam: z
      .boolean()
      .default(true)
      .describe('Whether mails that a provider marked as spam are told from other mail.'),
    filterAutoReplies: z
      .boolean()
      .default(true)
      .describe('Whether automatic replies and what machines generated are told from other mail.'),
    filterReceipts: z.boolean().default(true).describe('Whether delivery and read receipts are filtered.'),
  })
  .prefault({});

export type HygieneSettings = z.infer<typeof hygieneSettingsSchema>;
