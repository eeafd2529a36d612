import { runCsm } from '#infra/cli/program.ts';

/** What one command did. */
export interface CommandRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The answer of `--json`. */
  readonly json: () => unknown;
}

export interface CommandOptions {
  readonly dataDirectory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Answers of the person at the terminal, in order; without them nobody sits there. */
  readonly answers?: readonly string[];
  /** Is handed the address that a browser would open. */
  readonly onBrowser?: (url: string) => void;
}

/** Runs the operator's command as `npm run csm -- …` would, on a terminal of the test's own. */
export async function csm(args: readonly string[], options: CommandOptions = {}): Promise<CommandRun> {
  const answers = [...(options.answers ?? [])];
  let out = '';
  let err = '';
  const ask = async (question: string) => {
    err += question;
    const answer = answers.shift();
    if (answer === undefined) {
      throw new Error(`Nobody answers "${question}"`);
    }
    return answer;
  };
  const code = await runCsm(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    isInteractive: options.answers !== undefined,
    ask,
    askSecret: ask,
    openBrowser: (url) => options.onBrowser?.(url),
    environment: {
      ...(options.dataDirectory === undefined ? {} : { CSM_DATA_DIR: options.dataDirectory }),
      ...options.environment,
    },
  });
  return { code, out, err, json: (): unknown => JSON.parse(out) };
}
