import { composeMail } from '#infra/standins/gmail/composeMail.ts';
import type { GmailStandIn } from '#infra/standins/gmail/standIn.ts';
import { sampleMails } from './sampleMails.ts';

/**
 * Lets the sample mails arrive one after another over the first minute.
 *
 * @returns a function that stops those that have not arrived yet.
 */
export function startSamples(
  insert: GmailStandIn['insert'],
  account: string,
  report: (sentence: string) => void,
): () => void {
  const timers = sampleMails.map(({ afterSeconds, ...mail }) =>
    setTimeout(() => {
      const raw = composeMail({ ...mail, to: [{ email: account }], date: new Date() });
      insert({ raw, account }).catch((error: unknown) =>
        report(`A sample mail did not arrive: ${String(error)}`),
      );
    }, afterSeconds * 1000),
  );
  return () => {
    for (const timer of timers) {
      clearTimeout(timer);
    }
  };
}
