import { mailPart } from '../localDescription.ts';
import type { LocalSystem } from '../localSystem.ts';
import type { LocalReadiness } from '../readiness.ts';

/** What stands on the terminal once the system has started: whether it is ready, what is wrong, and where its parts are. */
export function welcome(
  system: Pick<LocalSystem, 'description' | 'dataDirectory' | 'settings' | 'samplesArrive'>,
  readiness: LocalReadiness,
): string {
  const { description, dataDirectory, settings } = system;
  const part = (external: boolean) => (external ? 'real' : 'stand-in');
  const rows: readonly (readonly [string, string, string])[] = [
    ['Desk', description.desk.url, description.desk.external ? 'your FreeScout' : 'open it in a browser'],
    ['API', description.api, `FreeScout's webhook: ${description.api}/freescout`],
    mailPart(description),
    [
      'OpenAI',
      description.openai.url,
      `${part(description.openai.external)}, ${settings.openai.triageModel}`,
    ],
    ...(description.alerts.slack === null
      ? []
      : [['Slack', description.alerts.slack, 'stand-in, alerts are at /control/messages'] as const]),
    ['Data', dataDirectory, description.desk.external ? 'kept' : 'begins empty at every start'],
  ];
  const width = Math.max(...rows.map(([, address]) => address.length));
  const help = whatHelps(readiness);
  return [
    '',
    headlines[readiness.status],
    '',
    ...readiness.issues.map((issue) => `  - ${issue}`),
    ...(help === null ? [] : [`  ${help}`]),
    ...(readiness.issues.length === 0 ? [] : ['']),
    ...rows.map(([name, address, remark]) => `  ${name.padEnd(7)} ${address.padEnd(width)}  ${remark}`),
    '',
    ...(system.samplesArrive ? ['  Sample mails arrive over the next minute.'] : []),
    '  Ctrl-C stops.',
    '',
  ].join('\n');
}

/** The same in one line. */
export function readinessLine(readiness: LocalReadiness): string {
  const help = whatHelps(readiness);
  return [
    headlines[readiness.status],
    ...(readiness.issues.length === 0 ? [] : [`${readiness.issues.join('; ')}.`]),
    ...(help === null ? [] : [help]),
  ].join(' ');
}

const headlines: Readonly<Record<LocalReadiness['status'], string>> = {
  ready: 'Customer Service Management is ready.',
  degraded: 'Customer Service Management works, but something is wrong:',
  not_ready: 'Customer Service Management is not ready:',
};

function whatHelps({ conditions }: LocalReadiness): string | null {
  const sections = conditions.map((name) => `"Alarm: ${name}"`).join(', ');
  return conditions.length === 0 ? null : `What to do: RUNBOOK.md, ${sections}.`;
}
