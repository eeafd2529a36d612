import { expect, it } from 'vitest';
import { simulateIntake } from './intakeSimulation.ts';
import { asked, reportOf } from './simulateSeeds.ts';

/** Of twenty to forty mails at one domain most are over the share of the day when they come in, and none two days later. */
const settings = { limits: { messagesPerAddress: 5, messagesPerDomain: 16 } };

it('nor do senders over their share: each mail is a ticket at once, and is judged when its day comes', async () => {
  const [first, last] = asked.isFull ? [3001, 3100] : [3001, 3008];
  const happened = { CONVERSATION_DEFERRED: 0, MAIL_OVER_SHARE: 0, ALERT_GATHERED: 0 };
  for (let seed = asked.seed ?? first; seed <= (asked.seed ?? last); seed += 1) {
    const run = await simulateIntake(seed, { sabotage: { settings } });
    if (run.violations.length > 0) {
      throw new Error(
        reportOf(await simulateIntake(seed, { sabotage: { settings }, traced: true }), 'shares.test.ts'),
      );
    }
    for (const name of ['CONVERSATION_DEFERRED', 'MAIL_OVER_SHARE', 'ALERT_GATHERED'] as const) {
      happened[name] += run.counts.get(name) ?? 0;
    }
  }
  if (asked.seed === null) {
    expect(Math.min(...Object.values(happened)), JSON.stringify(happened)).toBeGreaterThan(0);
  }
}, 600_000);
