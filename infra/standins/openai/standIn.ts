import { LLMock } from '@copilotkit/aimock';
import * as z from 'zod';
import { type FaultProxyContext, openFaultProxy, type RecordedCall } from '#infra/standins/faultProxy.ts';
import type { Faults } from '#infra/standins/faults.ts';
import { completeResponse, openaiError, spoiled } from './openaiAnswers.ts';
import { ruleModelAnswer } from './ruleModel.ts';

export interface OpenaiStandIn {
  /** Address without `/v1`. */
  readonly url: string;
  readonly baseUrl: string;
  readonly faults: Faults;
  readonly calls: readonly RecordedCall[];
  readonly close: () => Promise<void>;
}

/**
 * Starts the stand-in for OpenAI: a mock of its API that answers from the rule model, behind a fault proxy that adds what the
 * mock leaves out: usage details, refusals, cut-off answers.
 *
 * @throws the error of `listen`, for example EADDRINUSE.
 */
export async function startOpenaiStandIn({ port }: { readonly port: number }): Promise<OpenaiStandIn> {
  const mock = new LLMock({ port: 0, host: '127.0.0.1', logLevel: 'silent', journalMaxEntries: 10 });
  mock.on({ predicate: () => true }, ({ messages }) => {
    const textOf = (role: string) =>
      messages
        .filter((message) => message.role === role)
        .map(({ content }) => (typeof content === 'string' ? content : ''))
        .join('\n');
    const { content, inputTokens, outputTokens } = ruleModelAnswer(textOf('system'), textOf('user'));
    return { content, usage: { prompt_tokens: inputTokens, completion_tokens: outputTokens } };
  });
  await mock.start();
  const seenInstructions = new Set<string>();

  const handle = async (
    context: FaultProxyContext,
    fault: { readonly answer?: 'refusal' | 'incomplete' | 'malformed' | undefined } | undefined,
  ): Promise<Response> => {
    const { method, path } = context.req;
    if (!/^Bearer \S+/.test(context.req.header('authorization') ?? '')) {
      return openaiError(401);
    }
    const body = method === 'POST' ? await context.req.text() : undefined;
    const answer = await fetch(`${mock.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    });
    if (path !== '/v1/responses' || !answer.ok) {
      return answer;
    }
    const { instructions } = z
      .object({ instructions: z.string().default('') })
      .parse(JSON.parse(body ?? '{}'));
    const cached = seenInstructions.has(instructions);
    seenInstructions.add(instructions);
    const complete = completeResponse(await answer.json(), cached ? instructions : '');
    return Response.json(fault?.answer === undefined ? complete : spoiled(complete, fault.answer));
  };

  const proxy = await openFaultProxy({ port, handle, errorAnswer: openaiError }).catch(
    async (error: unknown) => {
      await mock.stop();
      throw error;
    },
  );
  return {
    url: proxy.url,
    baseUrl: `${proxy.url}/v1`,
    faults: proxy.faults,
    calls: proxy.calls,
    close: async () => {
      await proxy.close();
      await mock.stop();
    },
  };
}
