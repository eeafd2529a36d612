import { asFailure } from '#shared/failure/failure.ts';
import { FreeScoutFailure } from '#shared/freescout/freescoutClient.ts';
import type { CustomField, InstallationReader } from '#shared/freescout/installationReader.ts';
import { plainHttpWarning } from '#shared/freescout/plainHttp.ts';
import type { WebhookEvent } from '#shared/freescout/webhookEvents.ts';
import { isRedirect } from '#shared/http/boundedFetch.ts';
import type { ConditionName, Issue } from '#shared/observability/conditions.ts';
import { mailboxIdsOf } from '#shared/settings/channels.ts';
import type { Settings } from '#shared/settings/settings.ts';
import { triageAnswerSchema } from '#shared/triage/triage.ts';

export interface FreeScoutReadiness {
  readonly issues: readonly Issue[];
  /** What the companion module allows; null while FreeScout cannot be asked. */
  readonly draftMode: 'guarded' | 'managed' | null;
}

/** Events without which every conversation waits for the sweep. */
const neededEvents = [
  'convo.created',
  'convo.customer.reply.created',
  'convo.agent.reply.created',
] as const satisfies readonly WebhookEvent[];

/** Asks FreeScout for everything that the settings name. All calls run side by side; it never throws. */
export async function checkFreeScout({
  settings,
  freescout,
  webhookUrl,
}: {
  readonly settings: Pick<Settings, 'channels' | 'freescout'>;
  readonly freescout: InstallationReader;
  /** Where FreeScout should send its webhooks. */
  readonly webhookUrl: string;
}): Promise<FreeScoutReadiness> {
  const { botUserId, assignTo, applyTags, webhookEnabled } = settings.freescout;
  const mailboxIds = mailboxIdsOf(settings);
  const fields = usedFields(settings.freescout);
  const issues = new Map<string, Issue>();
  const add = (condition: ConditionName, says: string) => void issues.set(says, { condition, says });
  const plainHttp = plainHttpWarning(settings.freescout.url);
  if (plainHttp !== null) {
    add('PlainHttp', plainHttp);
  }
  const ask = async <Answer>(call: Promise<Answer>, look: (answer: Answer) => void): Promise<void> => {
    try {
      look(await call);
    } catch (thrown) {
      add('FreeScoutFailing', faultOf(thrown));
    }
  };
  let draftMode: FreeScoutReadiness['draftMode'] = null;
  await Promise.all([
    ask(freescout.listMailboxes(), (mailboxes) => {
      for (const mailboxId of mailboxIds) {
        if (!mailboxes.some(({ id }) => id === mailboxId)) {
          add('MailboxGone', `mailbox ${mailboxId} does not exist in FreeScout`);
        }
      }
    }),
    ask(freescout.listUsers(), (users) => {
      const exists = (userId: number) => users.some(({ id }) => id === userId);
      if (!exists(botUserId)) {
        add('BotUserUnfit', `bot user ${botUserId} does not exist in FreeScout`);
      }
      // FreeScout takes an unknown id without a word and assigns nobody.
      if (assignTo !== null && !exists(assignTo)) {
        add('AssigneeUnfit', `user ${assignTo} (freescout.assignTo) does not exist in FreeScout`);
      }
    }),
    ask(freescout.companionVersion(), (version) => {
      draftMode = version === null ? 'guarded' : 'managed';
    }),
    webhookEnabled &&
      ask(freescout.listWebhooks(), (webhooks) => {
        const fault = webhooks && faultOfWebhooks(webhooks, webhookUrl);
        if (fault !== null) {
          add('WebhookLost', fault);
        }
      }),
    applyTags &&
      ask(freescout.hasTags(), (present) => {
        if (present === false) {
          add('TagsOrFieldsMissing', 'the Tags module of FreeScout is absent: conversations get no tags');
        }
      }),
    ...(fields.length === 0 ? [] : mailboxIds).map((mailboxId) =>
      ask(freescout.listCustomFields(mailboxId), (known) => {
        for (const fault of known === null ? [] : faultsOfFields(fields, mailboxId, known)) {
          add('TagsOrFieldsMissing', fault);
        }
      }),
    ),
  ]);
  return { issues: [...issues.values()], draftMode };
}

/** What keeps FreeScout from sending its events to `webhookUrl`; null: nothing. */
function faultOfWebhooks(
  webhooks: readonly { readonly url: string; readonly events: readonly string[] }[],
  webhookUrl: string,
): string | null {
  const ours = webhooks.filter(({ url }) => isSameAddress(url, webhookUrl));
  if (ours.length === 0) {
    return `webhook of FreeScout points elsewhere: none of its ${webhooks.length} webhooks leads to ${webhookUrl}`;
  }
  const missing = neededEvents.filter((event) => !ours.some(({ events }) => events.includes(event)));
  return missing.length === 0 ? null : `webhook of FreeScout lacks the events ${missing.join(', ')}`;
}

interface UsedField {
  readonly id: number;
  /** Every value it may get. */
  readonly values: readonly { readonly value: string; readonly of?: string }[];
}

function usedFields(settings: Settings['freescout']): readonly UsedField[] {
  return [
    {
      id: settings.updatePriority ? settings.priorityFieldId : null,
      values: Object.entries(settings.priorityFieldValues).map(([bucket, value]) => ({ value, of: bucket })),
    },
    { id: settings.typeFieldId, values: triageAnswerSchema.shape.type.options.map((value) => ({ value })) },
    {
      id: settings.importanceFieldId,
      values: Array.from({ length: 10 }, (_, index) => ({ value: String(index + 1) })),
    },
  ].flatMap(({ id, values }) => (id === null ? [] : [{ id, values }]));
}

/** What keeps the fields of the settings from getting their values in a mailbox. */
function faultsOfFields(
  fields: readonly UsedField[],
  mailboxId: number,
  known: readonly CustomField[] | 'module-absent',
): readonly string[] {
  return known === 'module-absent'
    ? ['the Custom Fields module of FreeScout is absent: the fields of the settings stay empty']
    : fields.flatMap((field) => faultOfField(field, mailboxId, known) ?? []);
}

/** What keeps a field from getting its values in a mailbox; null: nothing. */
function faultOfField(
  { id, values }: UsedField,
  mailboxId: number,
  known: readonly CustomField[],
): string | null {
  const field = known.find((each) => each.id === id);
  if (field === undefined) {
    return `custom field ${id} does not exist in mailbox ${mailboxId}: it stays empty`;
  }
  const lacking = values.filter(({ value }) => field.options?.includes(value) === false);
  const named = lacking.map(({ value, of }) => (of === undefined ? `"${value}"` : `"${value}" (${of})`));
  return lacking.length === 0
    ? null
    : `custom field ${id} in mailbox ${mailboxId} is a dropdown without the options ${named.join(', ')}: they are not written`;
}

/** One sentence per kind of fault, the same for every call, so that a FreeScout that is down is one fault and not six. */
function faultOf(thrown: unknown): string {
  const failure = asFailure(thrown);
  if (!(failure instanceof FreeScoutFailure)) {
    return failure.message;
  }
  const { status } = failure;
  if (status === 401 || status === 403) {
    return `FreeScout refuses FREESCOUT_KEY (${status}): put the key of its API & Webhooks page into the FreeScout secret`;
  }
  if (status === 404 || status === 405) {
    return `FreeScout's API module answers ${status}: not installed or inactive (Manage → Modules → API & Webhooks), or freescout.url is wrong`;
  }
  if (status !== null && status < 300) {
    return "FreeScout's API module answers with a page that is not its own: not installed or inactive, or freescout.url is wrong";
  }
  if (status !== null && isRedirect(status)) {
    return `FreeScout answers ${status}, a redirect, which is not followed: set freescout.url to the address it leads to`;
  }
  return status === null
    ? 'FreeScout does not answer: check freescout.url and that FreeScout is up'
    : `FreeScout answers ${status}`;
}

function isSameAddress(one: string, other: string): boolean {
  const plain = (url: string) => url.trim().replace(/\/+$/, '').toLowerCase();
  return plain(one) === plain(other);
}
