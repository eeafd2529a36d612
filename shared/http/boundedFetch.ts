/** An answer is larger than its reader takes; reading was stopped there, whatever the answer said about its length. */
export class AnswerTooLarge extends Error {
  constructor(mostBytes: number) {
    super(`The answer has more than ${mostBytes} bytes.`);
    this.name = 'AnswerTooLarge';
  }
}

/** Far more than any answer has that is neither a mail nor a list of conversations. */
export const mostBytesOfAnswer = 5_000_000;

/** Of HTTP, and the highest that a `Response` can be made with. */
const highestStatus = 599;

/**
 * A `fetch` for calls to others: what we send reaches no address but the one that was set, and what comes back cannot fill the memory.
 *
 * A redirect is handed on as it came, without its body. A body is counted while it is read and after decompression: one with more than
 * `mostBytes` fails with {@link AnswerTooLarge}. The body of an error is cut there instead, for its status says what matters. A status
 * that HTTP does not know counts as no answer: `TypeError`, as `fetch` itself throws.
 *
 * @param through - what carries the call; omitted: Node's own.
 */
export function boundedFetch(mostBytes: number, through: typeof fetch = fetch): typeof fetch {
  return async (input, init) => {
    const { status, headers, ok, body } = await through(input, { ...init, redirect: 'manual' });
    if (status > highestStatus) {
      await body?.cancel();
      throw new TypeError(`The answer has the status ${status}, which HTTP does not know.`);
    }
    if (body === null || isRedirect(status)) {
      await body?.cancel();
      return new Response(null, { status, headers });
    }
    return new Response(body.pipeThrough(bound(mostBytes, ok ? 'fail' : 'cut')), { status, headers });
  };
}

export function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

/** Says for the operator that an answer is a redirect. Of the address it leads to only the host is named; the rest may hold a secret. */
export function redirectNotFollowed(headers: Pick<Headers, 'get'>): string {
  const location = headers.get('Location') ?? '';
  const host = URL.canParse(location) ? new URL(location).host : '';
  return `a redirect${host === '' ? '' : ` to ${host}`}, which is not followed`;
}

function bound(
  mostBytes: number,
  beyond: 'fail' | 'cut',
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes <= mostBytes) {
        controller.enqueue(chunk);
      } else if (beyond === 'fail') {
        controller.error(new AnswerTooLarge(mostBytes));
      } else {
        controller.terminate();
      }
    },
  });
}
