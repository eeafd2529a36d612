import { headerValue, headerValues } from '#shared/mail/parsing/mailHeaders.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';

/** Headers whose "yes" means that a provider judged the mail to be spam. */
export const spamHeaders = [
  'x-spam',
  'x-spam-flag',
  'x-spam-flag2',
  'x-barracuda-spam-flag',
  'x-barracuda-spam-status',
  'x-spam-status',
  'x-ham-report-spam',
  'x-bogosity',
  'x-dspam-result',
  'x-spamexperts-class',
  'x-spampal',
  'x-spambayes-classification',
  'x-rspamd-spam',
  'x-vr-spamstate',
  'x-spamdetected',
  'x-cloudmark-sp-result',
  'x-mailcleaner-spam',
  'x-cyren-spam',
];

/** Exchange counts spam from 0 to 9; 5 and more goes to the junk folder. */
const junkLevel = 5;

/**
 * Whether a mail system on the way marked the mail as spam. Anybody can write such headers, and the systems are often wrong: what our own
 * provider's label says counts more.
 */
export function isMarkedAsSpam(mail: ParsedMail): boolean {
  return (
    spamHeaders.some((name) =>
      headerValues(mail, name).some((value) => /^\s*(?:yes|true|spam|blocked)\b/i.test(value)),
    ) ||
    /^\s*(?:reject|add header|rewrite subject)\b/i.test(headerValue(mail, 'x-rspamd-action')) ||
    spamLevels(mail).some((level) => level >= junkLevel)
  );
}

function spamLevels(mail: ParsedMail): number[] {
  const own = [...headerValues(mail, 'x-ms-exchange-organization-scl'), ...headerValues(mail, 'x-scl')].map(
    Number.parseFloat,
  );
  const reports = [
    ...headerValues(mail, 'x-forefront-antispam-report'),
    ...headerValues(mail, 'x-forefront-antispam-report-untrusted'),
    ...headerValues(mail, 'x-microsoft-antispam'),
  ];
  const reported = reports.map((value) => Number(/(?:^|;)\s*SCL:\s*(-?\d)/i.exec(value)?.[1] ?? -1));
  return [...own, ...reported];
}
