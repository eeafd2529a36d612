import { setTimeout as sleep } from 'node:timers/promises';

/** How long the others take to answer, milliseconds. */
export interface Latencies {
  readonly freescout: number;
  readonly gmail: number;
  readonly triage: number;
  readonly draft: number;
}

/** As the real ones answer. */
export const realLatencies: Latencies = { freescout: 150, gmail: 80, triage: 800, draft: 2500 };

/**
 * Lets every call to one of the addresses take its latency, in the caller, so that the stand-ins do not have to know.
 *
 * @returns gives the usual `fetch` back.
 */
export function slowDown(
  addresses: Readonly<Record<'freescout' | 'gmail' | 'openai', string>>,
  latencies: Latencies | null,
): () => void {
  const usual = globalThis.fetch;
  const isAt = (url: string, address: string) => new URL(url).origin === new URL(address).origin;
  const latencyOf = (url: string, init: RequestInit | undefined): number => {
    if (latencies === null) {
      return 0;
    }
    if (isAt(url, addresses.openai)) {
      return String(init?.body).includes('"name":"triage"') ? latencies.triage : latencies.draft;
    }
    if (isAt(url, addresses.gmail)) {
      return latencies.gmail;
    }
    return isAt(url, addresses.freescout) ? latencies.freescout : 0;
  };
  globalThis.fetch = async (input, init) => {
    const latency = latencyOf(input instanceof Request ? input.url : String(input), init);
    if (latency > 0) {
      await sleep(latency);
    }
    return usual(input, init);
  };
  return () => {
    globalThis.fetch = usual;
  };
}
