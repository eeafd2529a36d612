import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { buildMail } from '#tests/support/mailBuilder.ts';
import { type InspectedConversation, type RunningSystem, startSystem } from '#tests/support/runningSystem.ts';

/*
 * `npm run load:senders`: one sender floods a system of its own with 110 urgent mails, each from another tag of one address, and a genuine
 * customer writes in the middle. On loopback, with stand-ins alone and the default settings, FreeScout's rate limit among them. Prints
 * what became of it and ends with 1 when a target is missed. Takes as long as the tickets do, at most `longestMinutes`.
 */
const flooding = 110;
const longestMinutes = 15;
const genuineSeconds = 120;
const draftsOfFlood = 10;
const singleAlerts = 10;
const genuine = 'ida@customer.example';
const lookMilliseconds = 500;

const messagesSchema = z.array(z.unknown());

function mail(from: string, nth: number): Uint8Array {
  return buildMail(
    {
      From: from,
      To: 'support@example.com',
      Subject: `Urgent ${nth}`,
      'Message-ID': `<urgent-${nth}@mail.test>`,
    },
    `I will call my lawyer about order ${nth}.`,
  );
}

const isFrom = (address: string) => (conversation: InspectedConversation) =>
  conversation.customer?.email === address;
const hasDraft = ({ threads }: InspectedConversation) => threads.some(({ state }) => state === 'draft');

async function alertsSent({ local }: RunningSystem): Promise<number> {
  const answer = await fetch(new URL('/control/messages', local.alerts.slack ?? ''));
  return messagesSchema.parse(await answer.json()).length;
}

const missed: string[] = [];
const target = (name: string, isMet: boolean, figure: string) => {
  process.stdout.write(`${isMet ? 'met   ' : 'MISSED'}  ${name}: ${figure}\n`);
  if (!isMet) {
    missed.push(name);
  }
};

const system = await startSystem();
try {
  const { desk, gmail, openai } = system.local;
  if (desk.external || gmail.external || openai.external) {
    throw new Error('Only a system with stand-ins alone may be attacked.');
  }
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  for (let nth = 1; nth <= flooding; nth += 1) {
    await system.receiveMail(mail(`z+${nth}@one-domain.example`, nth));
    if (nth === flooding / 2) {
      await system.receiveMail(mail(genuine, 0));
    }
  }
  let draftedAfter = Number.POSITIVE_INFINITY;
  let conversations = await system.conversations();
  while (
    seconds() < longestMinutes * 60 &&
    (conversations.length <= flooding || draftedAfter === Number.POSITIVE_INFINITY)
  ) {
    await sleep(lookMilliseconds);
    conversations = await system.conversations();
    if (conversations.some((each) => isFrom(genuine)(each) && hasDraft(each))) {
      draftedAfter = Math.min(draftedAfter, seconds());
    }
  }
  const ticketedAfter = seconds();
  // The work on the last tickets.
  await sleep(30_000);
  conversations = await system.conversations();
  const drafts = conversations.filter((each) => hasDraft(each) && !isFrom(genuine)(each)).length;
  const told = await alertsSent(system);
  const rows = await system.rows('ProcessedMessages');
  const gathered = rows.filter(({ reason }) => reason === 'gathered').length;
  const isToldOfGenuine = rows.some(
    ({ key, action }) =>
      action === 'alerted' && key === `alert:${conversations.find(isFrom(genuine))?.id}:p0`,
  );
  const urgent = conversations.filter(({ tags }) => tags.includes('p0')).length;
  target(
    'the genuine mail has its draft',
    draftedAfter <= genuineSeconds,
    `after ${draftedAfter.toFixed(0)} s`,
  );
  target('its alert is told by itself', isToldOfGenuine, String(isToldOfGenuine));
  target(
    'each mail is a ticket',
    conversations.length === flooding + 1,
    `${conversations.length} after ${ticketedAfter.toFixed(0)} s`,
  );
  target('each ticket has the tags of its words', urgent === flooding + 1, `${urgent}`);
  target('drafts of the flood', drafts <= draftsOfFlood, String(drafts));
  target('alerts told one by one', told <= singleAlerts, String(told));
  target('alerts told by one digest when the hour is over', gathered === flooding + 1 - told, `${gathered}`);
} finally {
  await system.stop().catch(() => undefined);
}
process.exit(missed.length === 0 ? 0 : 1);
