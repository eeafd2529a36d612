import { textToHtml } from '#shared/mail/visible/safeHtml.ts';
import type { Settings } from '#shared/settings/settings.ts';
import { bucketOf } from './buckets.ts';
import type { Triage } from './triage.ts';

/**
 * The internal note that gives agents the reasons of a triage. Model output is text here: no links, no images,
 * nothing but escaped lines.
 *
 * @param remarks - further lines, such as a step that was skipped because a FreeScout module is absent.
 */
export function reasoningNote(
  triage: Triage,
  thresholds: Settings['thresholds'],
  remarks: readonly string[],
): string {
  const lines = [
    `Type: ${triage.type}`,
    `Importance: ${triage.importance} of 10 (${bucketOf(triage.importance, thresholds)})`,
  ];
  if (triage.importance >= thresholds.highPriority) {
    lines.push('Marked as high priority.');
  }
  if (triage.escalationWords.length > 0) {
    lines.push(
      `Raised because the customer wrote: ${triage.escalationWords.map((word) => `"${word}"`).join(', ')}`,
    );
    if (triage.threatens === false) {
      lines.push('The model sees nothing in it that threatens.');
    }
  }
  if (triage.escalationReason) {
    lines.push(`A person should look at once: ${triage.escalationReason}`);
  }
  lines.push(`Customer sounds ${triage.sentiment}; language: ${triage.language || 'unknown'}.`);
  if (!triage.needsReply) {
    lines.push('The newest message asks for no answer.');
  }
  lines.push('', `Why: ${triage.reasoning}`);
  if (triage.facts.length > 0) {
    lines.push('', 'Facts:', ...triage.facts.map((fact) => `• ${fact}`));
  }
  if (triage.uncertainties.length > 0) {
    lines.push('', 'To be checked:', ...triage.uncertainties.map((entry) => `• ${entry}`));
  }
  if (remarks.length > 0) {
    lines.push('', ...remarks);
  }
  return textToHtml(lines.join('\n'));
}
