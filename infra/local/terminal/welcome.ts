import { mailPart } from '../localDescription.ts';
import type { LocalSystem } from '../localSystem.ts';

/** What stands on the terminal once the system is ready. */
export function welcome(system: LocalSystem): string {
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
  return [
    '',
    'Customer Service Management is ready.',
    '',
    ...rows.map(([name, address, remark]) => `  ${name.padEnd(7)} ${address.padEnd(width)}  ${remark}`),
    '',
    ...(system.samplesArrive ? ['  Sample mails arrive over the next minute.'] : []),
    '  Ctrl-C stops.',
    '',
  ].join('\n');
}
