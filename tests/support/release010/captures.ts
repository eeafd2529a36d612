import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { HelpDesk } from '#infra/standins/freescout/model.ts';
import type {
  ConversationRecord,
  CustomerRecord,
  TagRecord,
  ThreadRecord,
} from '#infra/standins/freescout/records.ts';

/** What release 0.1.0 left behind; the README there says how it was made. */
const folder = join(import.meta.dirname, '../../fixtures/release-0.1.0');

function read<Schema extends z.ZodType>(file: string, schema: Schema): z.output<Schema> {
  const text = readFileSync(join(folder, file), 'utf8');
  // DynamoDB sends binary values as base64 under the name `B`; its client wants bytes.
  return schema.parse(
    JSON.parse(text, (name, value) => (name === 'B' ? Buffer.from(value, 'base64') : value)),
  );
}

/** A message as it lay in the jobs queue; `body` is the text itself. */
const messageSchema = z.object({ group: z.string(), deduplicationId: z.string(), body: z.string() });

/** `queued`: the one that no worker had taken yet. `everyKind`: one of every shape that the release could write. */
export const jobsOfRelease010 = read(
  'jobs.json',
  z.object({ queued: messageSchema, everyKind: z.array(messageSchema) }),
);

/** The mails in Gmail when it ended, in the order in which they came. */
export const mailsOfRelease010 = read(
  'mails.json',
  z.array(
    z.object({
      id: z.string(),
      threadId: z.string(),
      raw: z.string(),
      labelIds: z.array(z.string()),
      receivedAt: z.string(),
    }),
  ),
);

/** The mail with this name before the `@` of its Message-ID. */
export function mailOfRelease010(name: string): (typeof mailsOfRelease010)[number] {
  const found = mailsOfRelease010.find(({ raw }) => raw.includes(`Message-ID: <${name}@customer.test>`));
  if (found === undefined) {
    throw new Error(`no mail ${name} was captured`);
  }
  return found;
}

const itemsSchema = z.record(z.string(), z.array(z.record(z.string(), z.custom<AttributeValue>())));

/**
 * Items as DynamoDB sends them, by the name of their table. `run`: those of the data directory, of the webhook events one of each
 * kind. `rare`: those of shapes that did not occur there.
 */
export const itemsOfRelease010 = read('items.json', z.object({ run: itemsSchema, rare: itemsSchema }));

interface KeptDesk {
  readonly conversations: readonly ConversationRecord[];
  readonly threads: readonly ThreadRecord[];
  readonly customers: readonly CustomerRecord[];
  readonly tags: readonly TagRecord[];
  /** Ids of tags by id of the conversation. */
  readonly tagsOf: readonly (readonly [number, readonly number[]])[];
  readonly ids: HelpDesk['ids'];
}

/** FreeScout's rows when it ended. */
export const deskOfRelease010: KeptDesk = JSON.parse(readFileSync(join(folder, 'helpDesk.json'), 'utf8'));

/** Puts those rows into a help desk that has none yet. */
export function restoreDesk(desk: HelpDesk): void {
  const { conversations, threads, customers, tags, tagsOf, ids } = structuredClone(deskOfRelease010);
  for (const conversation of conversations) {
    desk.conversations.set(conversation.id, conversation);
  }
  for (const thread of threads) {
    desk.threads.set(thread.id, thread);
    const siblings = desk.threadsOf.get(thread.conversationId) ?? [];
    desk.threadsOf.set(thread.conversationId, [...siblings, thread]);
  }
  for (const customer of customers) {
    desk.customers.set(customer.id, customer);
  }
  for (const tag of tags) {
    desk.tags.set(tag.id, tag);
  }
  for (const [conversationId, tagIds] of tagsOf) {
    desk.tagsOf.set(conversationId, new Set(tagIds));
  }
  Object.assign(desk.ids, ids);
}

/**
 * Unpacks the data directory.
 *
 * @param target - a folder that does not exist yet.
 */
export function copyDataDirectory(target: string): void {
  mkdirSync(target, { recursive: true });
  for (const file of ['dynamodb.sqlite', 'dynamodb.sqlite-wal']) {
    writeFileSync(join(target, file), gunzipSync(readFileSync(join(folder, 'dataDirectory', `${file}.gz`))));
  }
  writeFileSync(join(target, 'owner.json'), readFileSync(join(folder, 'dataDirectory/owner.json')));
}
