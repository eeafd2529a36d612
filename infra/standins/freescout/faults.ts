import type { Clock } from './clock.ts';

/**
 * - a number: that HTTP status, nothing written
 * - `timeout`: no answer, nothing written
 * - `html`: 200 with an HTML page instead of JSON, nothing written (a proxy's or maintenance page)
 * - `reset`: the connection breaks, nothing written
 * - `noResourceId`: written, but answered 200 with an empty body and no `Resource-ID`
 * - `afterWrite5xx`: written, but answered 500
 * - `afterWriteTimeout`: written, but never answered
 * - `halfWritten`: the request dies between a customer's message and all that follows from it (see `createThread`)
 */
export type FaultKind =
  | number
  | 'timeout'
  | 'html'
  | 'reset'
  | 'noResourceId'
  | 'afterWrite5xx'
  | 'afterWriteTimeout'
  | 'halfWritten';

type Fault = {
  /** Upper-case HTTP method; any when absent. */
  method?: string;
  /** Tested against the path without query, e.g. `/api/conversations/5/threads`; any when absent. */
  pathPattern?: RegExp;
  kind: FaultKind;
  /** How many matching requests fail; 1 when absent. */
  times?: number;
};

export type FaultInjection = {
  /** The next matching request(s) fail in this way. Faults queue up in order. */
  failNext(fault: Fault): void;
  /** Milliseconds that every API answer takes. */
  setLatency(milliseconds: number): void;
  clear(): void;
  /** The fault for a request, used up by asking. */
  take(method: string, path: string): FaultKind | null;
  /** Waits as long as `setLatency` says; null when no wait is set. */
  pause(): Promise<void> | null;
};

export function createFaults(clock: Clock): FaultInjection {
  const queued: { fault: Fault; left: number }[] = [];
  let latency = 0;
  return {
    failNext: (fault) => {
      queued.push({ fault, left: fault.times ?? 1 });
    },
    setLatency: (milliseconds) => {
      latency = milliseconds;
    },
    clear: () => {
      queued.length = 0;
      latency = 0;
    },
    take: (method, path) => {
      const index = queued.findIndex(
        ({ fault }) =>
          (fault.method === undefined || fault.method === method) &&
          (fault.pathPattern === undefined || fault.pathPattern.test(path)),
      );
      const found = queued[index];
      if (found === undefined) {
        return null;
      }
      found.left -= 1;
      if (found.left <= 0) {
        queued.splice(index, 1);
      }
      return found.fault.kind;
    },
    pause: () =>
      latency === 0 ? null : new Promise((resolve) => void clock.setTimer(latency, () => resolve())),
  };
}
