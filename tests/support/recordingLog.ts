import type { Log, LogCode, LogFields } from '#shared/observability/logCatalogue.ts';
import type { Measure, MetricName } from '#shared/observability/metrics.ts';

interface RecordedLine {
  readonly code: LogCode;
  readonly fields: LogFields;
}

export interface RecordingLog extends Log {
  /** Every line written so far, also those of logs made by `with`. */
  readonly lines: readonly RecordedLine[];
  /** Fields of the lines with that code. */
  of(code: LogCode): readonly LogFields[];
}

/** A log that keeps its lines for a test to look at. */
export function recordingLog(): RecordingLog {
  const lines: RecordedLine[] = [];
  const logWith = (always: LogFields): Log => ({
    write(code, fields = {}) {
      lines.push({ code, fields: { ...always, ...fields } });
    },
    with: (fields) => logWith({ ...always, ...fields }),
  });
  return {
    ...logWith({}),
    lines,
    of: (code) => lines.filter((line) => line.code === code).map((line) => line.fields),
  };
}

export interface RecordingMeasure {
  readonly measure: Measure;
  /** Sum of what was added to a metric; 0 when nothing was. */
  total(name: MetricName): number;
}

/** A measure that keeps its sums for a test to look at. */
export function recordingMeasure(): RecordingMeasure {
  const totals = new Map<MetricName, number>();
  return {
    measure: (name, value = 1) => {
      totals.set(name, (totals.get(name) ?? 0) + value);
    },
    total: (name) => totals.get(name) ?? 0,
  };
}
