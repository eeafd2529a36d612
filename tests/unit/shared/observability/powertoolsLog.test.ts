import { Writable } from 'node:stream';
import { Logger } from '@aws-lambda-powertools/logger';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LogCode, logCatalogue } from '#shared/observability/logCatalogue.ts';
import { createPowertoolsLog } from '#shared/observability/powertoolsLog.ts';

let written: string;

beforeEach(() => {
  written = '';
  vi.stubEnv('POWERTOOLS_DEV', 'false');
  const stream = new Writable({
    write(chunk, _, done) {
      written += String(chunk);
      done();
    },
  });
  // The logger's own console writes to the process's streams.
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => stream.write(chunk));
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => stream.write(chunk));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const lines = (): Record<string, unknown>[] =>
  written
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('a line', () => {
  it('carries level, sentence and code of the catalogue, and its fields', () => {
    const log = createPowertoolsLog(new Logger({ logLevel: 'DEBUG', serviceName: 'test' }));
    log.with({ requestId: 'r1', attempt: 1 }).with({ attempt: 2 }).write('JOB_FAILED', {
      code: 'freescout-error',
      errorName: 'FreeScoutFailure',
      retryable: true,
    });
    expect(lines()).toMatchObject([
      {
        level: 'WARN',
        message: 'Job failed and will be tried again',
        service: 'test',
        code: 'JOB_FAILED',
        failureCode: 'freescout-error',
        errorName: 'FreeScoutFailure',
        retryable: true,
        requestId: 'r1',
        attempt: 2,
      },
    ]);
  });

  it('is written for every code at its level', () => {
    const log = createPowertoolsLog(new Logger({ logLevel: 'DEBUG' }));
    const codes = Object.keys(logCatalogue).filter((code): code is LogCode => code in logCatalogue);
    for (const code of codes) {
      log.write(code);
    }
    expect(lines().map(({ code, level }) => [code, level])).toEqual(
      codes.map((code) => [code, logCatalogue[code][0]]),
    );
  });

  it('is left out below the level of the logger', () => {
    createPowertoolsLog(new Logger({ logLevel: 'INFO' })).write('GMAIL_CALL');
    expect(lines()).toEqual([]);
  });

  it('carries nothing under a name that is not allowed, and no long text', () => {
    const log = createPowertoolsLog(new Logger());
    const smuggled: object = {
      subject: 'Re: my invoice',
      from: 'lee@example.org',
      constructor: 'x',
      reason: 'x'.repeat(900),
    };
    log.write('JOB_DONE', smuggled);
    expect(written).not.toContain('invoice');
    expect(written).not.toContain('lee@example.org');
    expect(lines()).toMatchObject([{ code: 'JOB_DONE', reason: 'x'.repeat(300) }]);
  });

  it('leaves nothing behind for the next one', () => {
    const log = createPowertoolsLog(new Logger());
    log.with({ conversationId: 7 }).write('JOB_STARTED', { messageId: 'm' });
    log.write('JOB_DONE');
    expect(lines()[1]).not.toHaveProperty('conversationId');
    expect(lines()[1]).not.toHaveProperty('messageId');
  });
});
