import { setTimeout as sleep } from 'node:timers/promises';
import { startSystem } from '#tests/support/runningSystem.ts';
import { conversationsWhen, flood, hasDraft, isGenuine, urgentAlerts } from '#tests/support/senderFlood.ts';

/*
 * `npm run load:senders`: one sender floods a system of its own with 110 urgent mails, and a genuine customer writes in the middle. On
 * loopback, with stand-ins alone and the default settings, FreeScout's rate limit among them. Waits until each mail is a ticket, which
 * takes about nine minutes, prints what became of the flood and ends with 1 when a target is missed.
 */
const mails = 110;
const longestSeconds = 15 * 60;
const genuineSeconds = 120;
const draftsOfFlood = 10;
const singleAlerts = 10;

const missed: string[] = [];
const target = (name: string, isMet: boolean, figure: number | string) => {
  process.stdout.write(`${isMet ? 'met   ' : 'MISSED'}  ${name}: ${figure}\n`);
  if (!isMet) {
    missed.push(name);
  }
};

const system = await startSystem();
try {
  await flood(system, mails);
  const drafted = await conversationsWhen(
    system,
    (all) => all.some((each) => isGenuine(each) && hasDraft(each)),
    longestSeconds,
  );
  const ticketed = await conversationsWhen(system, (all) => all.length > mails, longestSeconds);
  // The work on the last tickets.
  await sleep(30_000);
  const conversations = await system.conversations();
  const genuine = conversations.find(isGenuine);
  const alerts = await urgentAlerts(system);
  const rows = await system.rows('ProcessedMessages');
  const gathered = rows.filter(({ reason }) => reason === 'gathered').length;
  const held = rows.filter(({ status, reason }) => status === 'deferred' && reason === 'share').length;
  const drafts = conversations.filter((each) => hasDraft(each) && !isGenuine(each)).length;
  const isTold = rows.some(({ key, action }) => key === `alert:${genuine?.id}:p0` && action === 'alerted');
  const tagged = conversations.filter(({ tags }) => tags.includes('p0')).length;
  const seconds = drafted.seconds.toFixed(0);
  target('seconds until the genuine mail has its draft', drafted.seconds <= genuineSeconds, seconds);
  target('its alert is told by itself', isTold, String(isTold));
  target('tickets', conversations.length === mails + 1, conversations.length);
  process.stdout.write(
    `        the last one ${(drafted.seconds + ticketed.seconds).toFixed(0)} s after the flood\n`,
  );
  target('tickets with the tags of their words', tagged === mails + 1, tagged);
  target('drafts of the flood', drafts <= draftsOfFlood, drafts);
  target('tickets of the flood that wait for another day', held === mails - drafts, held);
  target('alerts told one by one', alerts.length <= singleAlerts, alerts.length);
  target('alerts left to one digest', gathered === mails + 1 - alerts.length, gathered);
} finally {
  await system.stop().catch(() => undefined);
}
process.exit(missed.length === 0 ? 0 : 1);
