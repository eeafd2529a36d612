import type { RememberedFaults } from '#shared/store/rememberedFaults.ts';
import type { Clock } from '#shared/time/clock.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';
import type { ModelTrouble } from './modelTrouble.ts';

interface Troubles {
  /** A call failed, its repetitions too. null: for a reason that is nothing of OpenAI's. */
  tellFailed(trouble: ModelTrouble | null): Promise<void>;
  /** A call was answered. */
  tellAnswered(): Promise<void>;
}

/**
 * Keeps how the calls of the model end, for `/ready`. It writes when that changes, and otherwise once a minute at most: another worker
 * may have kept the opposite meanwhile. It never throws, because the call matters more than the light.
 */
export function rememberTroubles({
  state,
  clock,
}: {
  readonly state: Pick<RememberedFaults, 'rememberFault' | 'forgetFault'>;
  readonly clock: Pick<Clock, 'now'>;
}): Troubles {
  let kept: { readonly trouble: ModelTrouble | null; readonly at: number } | null = null;
  /** Failures that are not kept yet. */
  let failures = 0;

  async function keep(trouble: ModelTrouble | null, write: (at: Date) => Promise<void>): Promise<void> {
    const at = clock.now();
    const isKept = kept !== null && kept.trouble === trouble && at.getTime() - kept.at < minuteMilliseconds;
    if (isKept) {
      return;
    }
    try {
      await write(at);
      kept = { trouble, at: at.getTime() };
      failures = 0;
    } catch {
      // The next call tries again; the table that takes no writes has a light of its own.
    }
  }

  return {
    async tellFailed(trouble) {
      if (trouble === null) {
        return;
      }
      failures = kept !== null && kept.trouble !== trouble ? 1 : failures + 1;
      await keep(trouble, (at) =>
        state.rememberFault('OpenAIFailing', { code: trouble, at, count: failures, conversationId: null }),
      );
    },
    tellAnswered: () => keep(null, () => state.forgetFault('OpenAIFailing')),
  };
}
