import * as z from 'zod';
import { openaiAddress } from '#shared/openai/openaiAddress.ts';
import { type AddCommand, print } from '../command.ts';
import { commandFetch } from '../commandFetch.ts';
import { CommandFailed } from '../terminal.ts';
import { settingsForConnecting, storeCredentials } from './connectCredentials.ts';

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })) });

export const addConnectOpenai: AddCommand = (connect, run) => {
  connect
    .command('openai')
    .description('check and keep the OpenAI key: taken from OPENAI_API_KEY, or asked for')
    .action(
      run(async (cli) => {
        const { openai } = await settingsForConnecting(cli);
        const apiKey = cli.terminal.environment.OPENAI_API_KEY || (await asked(cli.terminal));
        const models = await modelsFor(openai.baseUrl ?? openaiAddress, apiKey);
        const absent = [...new Set([openai.triageModel, openai.draftModel])].filter(
          (model) => !models.includes(model),
        );
        const kept = await storeCredentials(
          cli,
          { name: 'OpenAI', values: { apiKey } },
          { OPENAI_API_KEY: apiKey },
        );
        print(cli, { connected: true, absentModels: absent, kept }, () =>
          [
            'OpenAI takes the key.\n',
            ...absent.map(
              (model) =>
                `It does not list the model ${model}: check openai.triageModel and openai.draftModel.\n`,
            ),
            `${kept}\n`,
          ].join(''),
        );
      }),
    );
};

async function asked(terminal: {
  readonly isInteractive: boolean;
  readonly askSecret: (question: string) => Promise<string>;
}): Promise<string> {
  if (!terminal.isInteractive) {
    throw new CommandFailed('Set OPENAI_API_KEY to the key. Nothing was stored.');
  }
  return terminal.askSecret('OpenAI key (is not shown): ');
}

async function modelsFor(baseUrl: string, apiKey: string): Promise<readonly string[]> {
  const { status, json } = await commandFetch(`${baseUrl.replace(/\/+$/, '')}/models`, {
    headers: { authorization: `Bearer ${apiKey}` },
  }).catch((error: unknown) => {
    const why = error instanceof CommandFailed ? error.message : `${baseUrl} does not answer.`;
    throw new CommandFailed(`${why} Nothing was stored.`);
  });
  if (status !== 200) {
    throw new CommandFailed(
      status === 401
        ? 'OpenAI refuses this key. Nothing was stored.'
        : `OpenAI answered ${status}. Nothing was stored; try again.`,
    );
  }
  if (json === undefined) {
    throw new CommandFailed(`${baseUrl} is no API of OpenAI's: its answer is no JSON. Nothing was stored.`);
  }
  const parsed = modelsSchema.safeParse(json);
  return parsed.success ? parsed.data.data.map(({ id }) => id) : [];
}
