import * as z from 'zod';
import { parseJson } from '#shared/http/parseJson.ts';

/** CloudWatch's embedded metric format, as Powertools writes it. */
const embeddedSchema = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.array(z.object({ Metrics: z.array(z.object({ Name: z.string() })) })),
  }),
  service: z.string(),
});
const valueSchema = z.union([z.number(), z.array(z.number())]);

interface Sample {
  readonly at: number;
  readonly value: number;
}

/** The metrics that the functions wrote into their logs lately. */
export interface MetricWindow {
  /** Takes in a line of a function; lines without metrics are left alone. */
  observe(line: string): void;
  /**
   * Values written later than `after`, in epoch milliseconds.
   *
   * @param metric - its name, and the `service` of the function that writes it.
   */
  values(metric: { readonly name: string; readonly by: string }, after: number): readonly number[];
}

/** @param keptMilliseconds - how far back anybody asks. */
export function createMetricWindow(now: () => number, keptMilliseconds: number): MetricWindow {
  const samples = new Map<string, Sample[]>();
  const keyOf = (service: string, metricName: string) => `${service} ${metricName}`;

  function keep(key: string, added: readonly Sample[]): void {
    const oldest = now() - keptMilliseconds;
    samples.set(key, [...(samples.get(key) ?? []).filter(({ at }) => at >= oldest), ...added]);
  }

  return {
    observe(line) {
      if (!line.startsWith('{') || !line.includes('"_aws"')) {
        return;
      }
      const embedded = embeddedSchema.safeParse(parseJson(line));
      if (!embedded.success) {
        return;
      }
      const { _aws, service } = embedded.data;
      const at = now();
      for (const { Name } of _aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics)) {
        const value = valueSchema.safeParse(embedded.data[Name]);
        if (value.success) {
          keep(
            keyOf(service, Name),
            [value.data].flat().map((each) => ({ at, value: each })),
          );
        }
      }
    },
    values: ({ name, by }, after) =>
      (samples.get(keyOf(by, name)) ?? []).filter(({ at }) => at > after).map(({ value }) => value),
  };
}
