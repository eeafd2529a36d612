/**
 * List prices in USD, us-east-1, first tier, without free tiers; other regions cost up to a quarter more. What a case adds to logs,
 * metrics and storage is left out.
 *
 * Model prices are those of the settings (`openai.prices`, with their own date and source).
 */
export const listPrices = {
  date: '2026-11-20',
  /** @see https://aws.amazon.com/lambda/pricing/ (Arm) */
  lambda: { perGigabyteSecondArm: 0.0000133334, perMillionRequests: 0.2 },
  /** @see https://aws.amazon.com/dynamodb/pricing/on-demand/ (standard table class) */
  dynamodb: { perMillionWriteUnits: 0.625, perMillionReadUnits: 0.125 },
  /** @see https://aws.amazon.com/sqs/pricing/ (FIFO queues) */
  sqsFifo: { perMillionRequests: 0.5 },
  /** @see https://aws.amazon.com/api-gateway/pricing/ (HTTP APIs, in steps of 512 KB) */
  httpApi: { perMillionRequests: 1 },
} as const;
