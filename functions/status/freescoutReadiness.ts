import { asFailure } from '#shared/failure/failure.ts';
import { FreeScoutFailure } from '#shared/freescout/freescoutClient.ts';
import {
  type CustomField,
  type InstallationReader,
  isDeletedUser,
} from '#shared/freescout/installationReader.ts';
import { adviceOnLostWebhooks, type ListedWebhook, webhooksTo } from '#shared/freescout/lostWebhooks.ts';
import { plainHttpWarning } from '#shared/freescout/plainHttp.ts';
import type { WebhookEvent } from '#shared/freescout/webhookEvents.ts';
import { isRedirect } from '#shared/http/boundedFetch.ts';
import { isOurs } from '#shared/mail/hygiene/ownAddresses.ts';
import type { ConditionName, Issue } from '#shared/observability/conditions.ts';
import { mailboxIdsOf, ownAddresses } from '#shared/settings/channels.ts';
import type { Settings } from '#shared/settings/settings.ts';
import { triageAnswerSchema } from '#shared/triage/triage.ts';
import type { WebhookTrialReader } from './lostWebhooks.ts';

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
  webhookTrial,
}: {
  readonly settings: Pick<Settings, 'channels' | 'freescout'>;
  readonly freescout: InstallationReader;
  /** Where FreeScout should send its webhooks. */
  readonly webhookUrl: string;
  /** Reads what came of the sweep's trials of webhooks; never throws. */
  readonly webhookTrial: WebhookTrialReader;
}): Promise<FreeScoutReadiness> {
  const { applyTags, webhookEnabled } = settings.freescout;
  const mailboxIds = mailboxIdsOf(settings);
  const fields = usedFields(settings.freescout);
  const people = usedPeople(settings.freescout);
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
    ask(mailboxesAndUsers(freescout, people), (answer) => {
      for (const issue of [
        ...faultsOfMailboxes(settings, answer),
        ...faultsOfPeople(people, mailboxIds, answer),
      ]) {
        add(issue.condition, issue.says);
      }
    }),
    ask(freescout.companionVersion(), (version) => {
      draftMode = version === null ? 'guarded' : 'managed';
    }),
    webhookEnabled &&
      ask(Promise.all([freescout.listWebhooks(), webhookTrial()]), ([webhooks, unansweredSince]) => {
        const fault = webhooks && faultOfWebhooks(webhooks, webhookUrl);
        if (fault !== null) {
          add('WebhookLost', fault);
        } else if (unansweredSince !== null) {
          add(
            'WebhookLost',
            `FreeScout was made to send a webhook at ${unansweredSince}, and none has come with our signature since. ${adviceOnLostWebhooks(webhookUrl, webhooks === null ? null : true)}`,
          );
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

/** A user of FreeScout whom the settings name. */
interface UsedPerson {
  readonly userId: number;
  readonly condition: 'BotUserUnfit' | 'AssigneeUnfit';
  readonly called: string;
  readonly setting: string;
}

function usedPeople({ botUserId, assignTo }: Settings['freescout']): readonly UsedPerson[] {
  const bot = {
    userId: botUserId,
    condition: 'BotUserUnfit',
    called: `bot user ${botUserId}`,
    setting: 'freescout.botUserId',
  } as const;
  const assignee =
    assignTo === null
      ? []
      : [
          {
            userId: assignTo,
            condition: 'AssigneeUnfit',
            called: `user ${assignTo} (freescout.assignTo)`,
            setting: 'freescout.assignTo',
          } as const,
        ];
  return [bot, ...assignee];
}

interface MailboxesAndUsers {
  readonly mailboxes: Awaited<ReturnType<InstallationReader['listMailboxes']>>;
  readonly users: Awaited<ReturnType<InstallationReader['listUsers']>>;
  /** Ids of the mailboxes that a person has access to, by the id of the person. */
  readonly seenBy: ReadonlyMap<number, ReadonlySet<number>>;
}

async function mailboxesAndUsers(
  freescout: InstallationReader,
  people: readonly UsedPerson[],
): Promise<MailboxesAndUsers> {
  const [mailboxes, users, seen] = await Promise.all([
    freescout.listMailboxes(),
    freescout.listUsers(),
    Promise.all(
      people.map(async ({ userId }) => {
        const own = await freescout.listMailboxes(userId);
        return [userId, new Set(own.map(({ id }) => id))] as const;
      }),
    ),
  ]);
  return { mailboxes, users, seenBy: new Map(seen) };
}

/**
 * Mailboxes that the channels of the settings do not lead to. A mailbox is known by its address: the id of the settings is right while
 * the mailbox has an address of a channel that feeds it. Its name may change.
 */
function faultsOfMailboxes(
  { channels }: Pick<Settings, 'channels'>,
  { mailboxes }: MailboxesAndUsers,
): readonly Issue[] {
  return mailboxIdsOf({ channels }).flatMap((mailboxId): readonly Issue[] => {
    const feeding = channels.filter((channel) => channel.mailboxId === mailboxId);
    const names = feeding.map(({ alias }) => `"${alias}"`).join(', ');
    const mailbox = mailboxes.find(({ id }) => id === mailboxId);
    if (mailbox === undefined) {
      return [
        {
          condition: 'MailboxGone',
          says: `mailbox ${mailboxId} does not exist in FreeScout: enter the mailbox of ${names} as its mailboxId (channels)`,
        },
      ];
    }
    const own = ownAddresses({ channels: feeding });
    return isOurs(mailbox.email, own)
      ? []
      : [
          {
            condition: 'MailboxRenamed',
            says: `mailbox ${mailboxId} of FreeScout is "${mailbox.name}" with the address ${mailbox.email}, which is none of ${names} (${[...own].join(', ')}): enter the right mailboxId, or that address in ownAddresses (channels)`,
          },
        ];
  });
}

/** Whom of the settings FreeScout does not have, or not for every mailbox of ours. FreeScout does not tell who is disabled. */
function faultsOfPeople(
  people: readonly UsedPerson[],
  mailboxIds: readonly number[],
  { mailboxes, users, seenBy }: MailboxesAndUsers,
): readonly Issue[] {
  return people.flatMap(({ userId, condition, called, setting }): readonly Issue[] => {
    const user = users.find(({ id }) => id === userId);
    if (user === undefined || isDeletedUser(user)) {
      // FreeScout takes an unknown id without a word and assigns nobody.
      const what = user === undefined ? 'does not exist in FreeScout' : 'was deleted in FreeScout';
      return [{ condition, says: `${called} ${what}: enter another one in ${setting}` }];
    }
    const closed = mailboxes.filter(({ id }) => mailboxIds.includes(id) && !seenBy.get(userId)?.has(id));
    return closed.map(({ id, name }) => ({
      condition,
      says: `${called} has no access to mailbox ${id} "${name}" of FreeScout: give it under Manage → Mailboxes → Permissions`,
    }));
  });
}

/** What keeps FreeScout from sending its events to `webhookUrl`; null: nothing. */
function faultOfWebhooks(webhooks: readonly ListedWebhook[], webhookUrl: string): string | null {
  const ours = webhooksTo(webhookUrl, webhooks);
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
