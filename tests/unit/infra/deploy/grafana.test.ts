import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createFigures, metricsBody } from '#functions/status/figures.ts';
import { prometheusText } from '#functions/status/prometheusText.ts';
import { conditions, foundByLooks } from '#shared/observability/conditions.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { createInMemoryStore } from '#tests/support/inMemoryStore.ts';
import { manualClock } from '#tests/support/manualClock.ts';

const folder = join(import.meta.dirname, '../../../../infra/deploy/grafana');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

/** What `/metrics` tells, by name. */
async function familiesTold(): Promise<readonly string[]> {
  const clock = manualClock();
  const store = createInMemoryStore({ clock });
  const deps = {
    settings: parseSettings({}),
    state: store.state,
    ledger: store.ledger,
    queues: async () => ({ waiting: 0, inHand: 0, deadLetters: 0 }),
    deployedAt: clock.now().toISOString(),
    clock,
  };
  const text = prometheusText(metricsBody(await createFigures(deps)(), null, deps));
  return [...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name ?? '');
}

const namesIn = (expressions: readonly string[]) => [
  ...new Set(expressions.flatMap((expression) => expression.match(/\bcsm_\w+/g) ?? [])),
];

describe('the alert rules', () => {
  const rulePattern =
    / {6}- alert: (\w+)\n {8}expr: (.+)\n {8}for: (\d+m)\n {8}labels:\n {10}severity: (\w+)\n {8}annotations:\n {10}summary: (".+")\n {10}runbook: '(.+)'\n/g;
  const text = read('alerts.yaml');
  const rules = [...text.matchAll(rulePattern)].map(
    ([, name = '', expression = '', , severity, summary = '', runbook]) => ({
      ...{ name, expression, severity, runbook },
      summary: z.string().parse(JSON.parse(summary)),
    }),
  );

  it('have no other form', () => {
    const rest = text.replaceAll(rulePattern, '').replaceAll(/^#.*\n/gm, '');
    expect(rest).toBe('groups:\n  - name: customer-service-management\n    rules:\n');
  });

  it('are one for each condition that /metrics tells, in words of the catalogue', () => {
    expect(rules).toEqual([
      ...foundByLooks.map((name) => ({
        name,
        expression: `csm_issue{condition="${name}"} == 1`,
        severity: conditions[name].level === 'not_ready' ? 'critical' : 'warning',
        summary: conditions[name].harm,
        runbook: `RUNBOOK.md, section "Alarm: ${name}"`,
      })),
      {
        name: 'LooksSilent',
        expression:
          'absent(csm_last_look_timestamp_seconds) or time() - csm_last_look_timestamp_seconds > 600',
        severity: 'critical',
        summary: conditions.LooksSilent.harm,
        runbook: 'RUNBOOK.md, section "Alarm: LooksSilent"',
      },
    ]);
  });

  it('name nothing that /metrics does not tell', async () => {
    expect(await familiesTold()).toEqual(
      expect.arrayContaining(namesIn(rules.map(({ expression }) => expression))),
    );
  });
});

describe('the dashboard', () => {
  const datasource = z.strictObject({
    type: z.literal('prometheus'),
    uid: z.string().regex(/^\$\{datasource\}$/),
  });
  const dashboard = z
    .looseObject({
      uid: z.string().min(8).max(40),
      title: z.string().min(1),
      schemaVersion: z.int().min(36),
      templating: z.object({
        list: z.tuple([z.looseObject({ name: z.literal('datasource'), type: z.literal('datasource') })]),
      }),
      panels: z.array(
        z.looseObject({
          id: z.int().positive(),
          type: z.enum(['stat', 'timeseries', 'state-timeline']),
          title: z.string().min(1),
          datasource,
          gridPos: z.object({
            x: z.int().min(0),
            y: z.int().min(0),
            w: z.int().positive(),
            h: z.int().positive(),
          }),
          fieldConfig: z.object({ defaults: z.looseObject({}), overrides: z.array(z.unknown()) }),
          options: z.looseObject({}),
          targets: z.array(z.looseObject({ datasource, expr: z.string().min(1), refId: z.string() })).min(1),
        }),
      ),
    })
    .parse(JSON.parse(read('dashboard.json')));
  const { panels } = dashboard;

  it('shows everything that /metrics tells, and nothing else', async () => {
    const shown = namesIn(panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)));
    expect(shown.toSorted()).toEqual((await familiesTold()).toSorted());
  });

  it('has panels that Grafana can tell apart and that do not overlap', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { targets } of panels) {
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  });
});
