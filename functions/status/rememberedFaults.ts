import { conversationLink } from '#shared/freescout/conversationLink.ts';
import type { Issue } from '#shared/observability/conditions.ts';
import { adviceOn, lastingTroubles } from '#shared/openai/modelTrouble.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { RememberedFault, RememberedFaults } from '#shared/store/rememberedFaults.ts';
import type { Clock } from '#shared/time/clock.ts';
import { dayMilliseconds } from '#shared/time/durations.ts';

/** A trouble of OpenAI's that may pass by itself is told from so many failed calls on. */
const manyFailures = 3;

/** What the worker and the sweep met and left for operators to be told of. */
export async function rememberedIssues({
  settings,
  state,
  clock,
}: {
  readonly settings: Pick<Settings, 'freescout'>;
  readonly state: Pick<RememberedFaults, 'rememberedFaults'>;
  readonly clock: Pick<Clock, 'now'>;
}): Promise<readonly Issue[]> {
  const now = clock.now();
  return (await state.rememberedFaults()).flatMap((fault) => {
    const says = sentenceOf(fault, settings, now);
    return says === null ? [] : [{ condition: fault.condition, says }];
  });
}

/** null: it does not stand, or not any more. */
function sentenceOf(
  { condition, code, since, at, count, conversationId }: RememberedFault,
  { freescout }: Pick<Settings, 'freescout'>,
  now: Date,
): string | null {
  switch (condition) {
    case 'OpenAIFailing':
      return lastingTroubles.has(code) || count >= manyFailures
        ? `OpenAI: ${adviceOn(code)}; ${count} call(s) failed since ${since.slice(0, 16)}Z and none was answered, conversations wait and are tried again; doctor makes a call now`
        : null;
    case 'DoubleFetching':
      // What FreeScout fetched twice always has a conversation.
      return conversationId !== null && now.getTime() - Date.parse(at) < dayMilliseconds
        ? `FreeScout fetches mail that we bring in: conversation ${conversationId} (${conversationLink(freescout.url, conversationId)}) came twice; switch fetching off: Mailbox → Connection settings → Fetching`
        : null;
  }
}
