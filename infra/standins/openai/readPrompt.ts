const tasks = ['triage', 'draft', 'follow-up', 'reminder'] as const;
type Task = (typeof tasks)[number];

/** What a prompt of ours contains, as far as the rule model needs it. */
export interface ReadPrompt {
  readonly task: Task;
  readonly subject: string;
  /** What the customer newly wrote in the newest message. */
  readonly message: string;
  /** What the customer wrote before. */
  readonly earlier: string;
  readonly attachments: readonly string[];
  /** Language the judgement named, in a draft's prompt. */
  readonly language: string | undefined;
  /** True when an agent wrote before. */
  readonly answeredBefore: boolean;
}

const block = /<<<MESSAGE\s+([^\n]*)\n([\s\S]*?)\n?MESSAGE>>>/g;

/** Reads the instructions and the input of a call; undefined when they are none of ours. */
export function readPrompt(instructions: string, input: string): ReadPrompt | undefined {
  const named = /^Task: (\S+)\s*$/m.exec(instructions)?.[1];
  const task = tasks.find((each) => each === named);
  if (task === undefined) {
    return undefined;
  }
  const blocks = [...input.matchAll(block)].map(([, attributes = '', body = '']) => ({
    author: /author="(\w+)"/.exec(attributes)?.[1] ?? 'customer',
    body,
  }));
  const customerBlocks = blocks.filter((block) => block.author === 'customer');
  const newest = customerBlocks.at(-1)?.body ?? '';
  const attachments = /^\[attachments: (.*)\]$/m.exec(newest)?.[1];
  return {
    task,
    subject: /<<<SUBJECT ([\s\S]*?) SUBJECT>>>/.exec(input)?.[1]?.trim() ?? '',
    message: newlyWritten(newest),
    earlier: customerBlocks
      .slice(0, -1)
      .map((block) => newlyWritten(block.body))
      .join('\n'),
    attachments: attachments === undefined ? [] : attachments.split(', '),
    language: /^Customer's language: ([a-z]{2})/m.exec(input)?.[1],
    answeredBefore: blocks.some((block) => block.author === 'agent'),
  };
}

function newlyWritten(body: string): string {
  const [written = ''] = body.split(/^\[quoted, signature or disclaimer\]$/m);
  return written.replace(/^\[attachments: .*\]$/m, '').trim();
}
