import { describe, expect, it } from 'vitest';
import { readPrompt } from '#infra/standins/openai/readPrompt.ts';
import { conversationPrompt } from '#shared/triage/conversationPrompt.ts';

describe('reading a prompt', () => {
  it('finds the newest customer message in the prompt the project really builds', () => {
    const thread = (type: 'customer' | 'message', body: string, id: number) => ({
      id,
      type,
      body,
      state: 'published',
      status: 'active',
      createdAt: '2026-11-20T10:00:00Z',
      attachmentNames: ['a.pdf'],
    });
    // Only the fields the prompt looks at.
    const conversation = {
      subject: 'Broken lamp',
      threads: [
        thread('customer', '<div>The lamp is broken.</div>', 1),
        thread('message', '<div>Which lamp?</div>', 2),
        thread('customer', '<div>The blue one, order 4711.</div>', 3),
      ],
    } as unknown as Parameters<typeof conversationPrompt>[0];
    const read = readPrompt(
      'Task: triage',
      conversationPrompt(conversation, { contextMessages: 10, contextCharacters: 5000 }),
    );
    expect(read).toEqual({
      task: 'triage',
      subject: 'Broken lamp',
      message: 'The blue one, order 4711.',
      earlier: 'The lamp is broken.',
      attachments: ['a.pdf'],
      language: undefined,
      answeredBefore: true,
    });
  });
});
