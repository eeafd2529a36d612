import * as z from 'zod';
import { parseJson } from '#shared/http/parseJson.ts';

/** A log line of a function, as far as its form is known. */
const lineSchema = z.looseObject({
  level: z.string(),
  message: z.string(),
  timestamp: z.string().optional(),
  code: z.string().optional(),
});

/** What stands in every line, or only matters when lines of several functions are searched. */
const hiddenFields: ReadonlySet<string> = new Set([
  'level',
  'message',
  'timestamp',
  'code',
  'service',
  'cold_start',
  'function_arn',
  'function_memory_size',
  'function_name',
  'function_request_id',
  'xray_trace_id',
  'sampling_rate',
  'correlation_id',
  'requestId',
  'jobId',
  'messageId',
  'rowKey',
  'digest',
]);

/** Bookkeeping that would drown what a person wants to follow. */
const quietCodes: ReadonlySet<string> = new Set([
  'JOB_STARTED',
  'JOB_DONE',
  'WEBHOOK_ANSWERED',
  'MODEL_CALL',
  'FREESCOUT_CALL',
  'MAIL_REQUEUED',
  'CURSOR_MOVED_BY_OTHER',
]);

/** Rounds that are only worth a line when they found something. */
const roundCodes: ReadonlySet<string> = new Set(['POLL_DONE', 'SWEEP_DONE', 'GAP_CHECK_DONE']);
const roundFigures = ['queued', 'missing', 'failed', 'woken'] as const;

export interface LineStyle {
  readonly colours: boolean;
  /** Show bookkeeping too. */
  readonly everything: boolean;
}

/**
 * A function's line as a person reads it: `time  level  message  key=value …`; undefined when it is not for people (metrics,
 * bookkeeping, rounds that found nothing).
 */
export function readableLine(
  functionId: string,
  line: string,
  now: Date,
  style: LineStyle,
): string | undefined {
  const parsed = parse(line);
  if (parsed === undefined) {
    return line.trim() === '' || isRuntimeChatter(line)
      ? undefined
      : render(style, now, 'WARN', `${functionId}: ${line}`, []);
  }
  if ('_aws' in parsed) {
    return undefined;
  }
  const known = lineSchema.safeParse(parsed);
  if (!known.success) {
    return render(style, now, 'INFO', `${functionId}: ${line}`, []);
  }
  const { level, message, code = '', timestamp } = known.data;
  const nothingFound = roundCodes.has(code) && roundFigures.every((figure) => !Number(parsed[figure] ?? 0));
  if (!style.everything && level !== 'WARN' && level !== 'ERROR' && (quietCodes.has(code) || nothingFound)) {
    return undefined;
  }
  const fields = Object.entries(parsed)
    .filter(([name, value]) => !hiddenFields.has(name) && value !== null && value !== '')
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`);
  const time = timestamp === undefined ? now : new Date(timestamp);
  return render(style, Number.isNaN(time.getTime()) ? now : time, level, message, fields);
}

/** The platform's own word about a function. */
export function platformLine(functionId: string, sentence: string, now: Date, style: LineStyle): string {
  return render(style, now, 'WARN', `${functionId}: ${sentence}`, []);
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  const value = line.startsWith('{') ? parseJson(line) : undefined;
  return typeof value === 'object' && value !== null ? { ...value } : undefined;
}

/** What Node.js and the metrics library say about themselves. */
function isRuntimeChatter(line: string): boolean {
  return /^\(node:\d+\)|^\(Use `node |^No application metrics to publish/.test(line);
}

const levelColours: Readonly<Record<string, number>> = { WARN: 33, ERROR: 31, CRITICAL: 31 };

function render(
  { colours }: LineStyle,
  time: Date,
  level: string,
  message: string,
  fields: readonly string[],
): string {
  const paint = (code: number | undefined, text: string) =>
    colours && code !== undefined ? `\u001b[${code}m${text}\u001b[0m` : text;
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  return [
    paint(2, clock),
    paint(levelColours[level], level.padEnd(5)),
    fields.length > 0 ? message.padEnd(40) : message,
    ...(fields.length > 0 ? [paint(2, fields.join(' '))] : []),
  ].join('  ');
}
