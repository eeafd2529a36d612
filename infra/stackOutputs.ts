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

/**
 * Output that names the secret of an account: an alias stands in it without dashes and with capitals.
 *
 * @param names - of the stack's outputs.
 */
export function gmailSecretOutput(names: readonly string[], alias: string): string | undefined {
  const plain = (text: string) => text.replaceAll('-', '').toLowerCase();
  return names.find((name) => plain(name) === plain(`SecretGmail${alias}`));
}
