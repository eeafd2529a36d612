import { describe, expect, it } from 'vitest';
import { readableLine } from '#infra/local/terminal/readableLine.ts';

const now = new Date(2026, 10, 20, 9, 5, 3);
const plain = { colours: false, everything: false };
const line = (fields: Record<string, unknown>) =>
  readableLine(
    'Worker',
    JSON.stringify({ level: 'INFO', message: 'Draft was created', service: 'w', ...fields }),
    now,
    plain,
  );

describe('readable log lines', () => {
  it('shows time, level, sentence and what is special about it', () => {
    expect(line({ code: 'DRAFT_CREATED', conversationId: '4', cold_start: true, function_name: 'x' })).toBe(
      '09:05:03  INFO   Draft was created                         conversationId=4',
    );
  });

  it('leaves out metrics, bookkeeping, rounds that found nothing and what Node.js says of itself', () => {
    expect(line({ _aws: {} })).toBeUndefined();
    expect(line({ code: 'JOB_DONE' })).toBeUndefined();
    expect(line({ code: 'POLL_DONE', queued: 0, found: 0 })).toBeUndefined();
    expect(readableLine('Worker', '(node:1) Warning: x', now, plain)).toBeUndefined();
    expect(readableLine('Worker', '', now, plain)).toBeUndefined();
  });

  it('keeps what matters: warnings of any kind, rounds that found something, text that is no log line', () => {
    expect(line({ code: 'POLL_DONE', queued: 2 })).toContain('queued=2');
    expect(line({ code: 'JOB_DONE', level: 'WARN' })).toContain('WARN');
    expect(readableLine('Worker', 'TypeError: x', now, plain)).toBe('09:05:03  WARN   Worker: TypeError: x');
    expect(
      readableLine('Worker', '{"level":"INFO","message":"m","code":"JOB_DONE"}', now, {
        ...plain,
        everything: true,
      }),
    ).toContain('m');
  });

  it('uses colours only when told', () => {
    const coloured = readableLine('Worker', '{"level":"ERROR","message":"m"}', now, {
      ...plain,
      colours: true,
    });
    expect(coloured).toContain('\u001b[31mERROR');
  });
});
