import type { StoreTables } from '#shared/store/dynamo/dynamoStore.ts';

/** Names of the tables, out of the stack's outputs. @throws when the stack is not one of this system. */
export function tablesOf(outputOf: (name: string) => string | undefined): StoreTables {
  const table = (name: string) => requiredOutput(outputOf, `Table${name}`);
  return {
    processedMessages: table('ProcessedMessages'),
    threadMap: table('ThreadMap'),
    botDrafts: table('BotDrafts'),
    systemState: table('SystemState'),
    webhookEvents: table('WebhookEvents'),
  };
}

export function requiredOutput(outputOf: (name: string) => string | undefined, name: string): string {
  const value = outputOf(name);
  if (!value) {
    throw new Error(`The stack has no output ${name}: it is another stack, or one of an earlier release.`);
  }
  return value;
}
