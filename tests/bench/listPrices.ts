/**
 * List prices in USD, eu-central-1 unless a service has one price everywhere, without free tiers.
 *
 * Model prices are those of the settings (`openai.prices`, with their own date).
 */
export const listPrices = {
  date: '2026-11-20',
  lambda: { perGigabyteSecondArm: 0.0000133334, perMillionRequests: 0.2 },
  dynamodb: { perMillionWriteUnits: 0.7125, perMillionReadUnits: 0.1425 },
  sqsFifo: { perMillionRequests: 0.5 },
  httpApi: { perMillionRequests: 1.2 },
} as const;
