import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { buildMail } from './mailBuilder.ts';
import type { InspectedConversation, RunningSystem } from './runningSystem.ts';

const genuineAddress = 'ida@customer.example';
const lookMilliseconds = 500;

export const isGenuine = ({ customer }: InspectedConversation): boolean => customer?.email === genuineAddress;
export const hasDraft = ({ threads }: InspectedConversation): boolean =>
  threads.some(({ state }) => state === 'draft');

function urgentMail(from: string, nth: number): Uint8Array {
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

/**
 * One sender floods a system that has stand-ins alone with urgent mails, each from another tag of one address, and a genuine customer
 * writes one in the middle.
 */
export async function flood(system: RunningSystem, mails: number): Promise<void> {
  const { desk, gmail, openai } = system.local;
  if (desk.external || gmail.external || openai.external) {
    throw new Error('Only a system with stand-ins alone may be attacked.');
  }
  for (let nth = 1; nth <= mails; nth += 1) {
    await system.receiveMail(urgentMail(`z+${nth}@one-domain.example`, nth));
    if (nth === Math.ceil(mails / 2)) {
      await system.receiveMail(urgentMail(genuineAddress, 0));
    }
  }
}

/** Looks until the conversations are as wanted, or the time is over. @returns them, and the seconds that it took. */
export async function conversationsWhen(
  system: RunningSystem,
  isWanted: (conversations: readonly InspectedConversation[]) => boolean,
  longestSeconds: number,
): Promise<{ readonly conversations: readonly InspectedConversation[]; readonly seconds: number }> {
  const begun = performance.now();
  for (;;) {
    const conversations = await system.conversations();
    const seconds = (performance.now() - begun) / 1000;
    if (isWanted(conversations) || seconds > longestSeconds) {
      return { conversations, seconds };
    }
    await sleep(lookMilliseconds);
  }
}

/** Titles of the alerts about urgent conversations that Slack got, in the order of sending. */
export async function urgentAlerts({ local }: RunningSystem): Promise<readonly string[]> {
  const answer = await fetch(`${local.alerts.slack}/control/messages`);
  return z
    .array(z.string())
    .parse(await answer.json())
    .flatMap((text) => /Urgent conversation \d+/.exec(text) ?? []);
}
