import { describe, expect, it } from 'vitest';
import { alertKinds } from '#shared/alerts/alertKinds.ts';
import { alertText } from '#shared/alerts/alertText.ts';

const now = new Date('2026-11-20T12:00:00Z');
const conversation = {
  id: 12,
  number: 1012,
  subject: 'My secret\nplan <!channel>',
  tags: ['customer', 'p0'],
  customerWroteAt: new Date('2026-11-20T09:00:00Z'),
};
const options = { deskUrl: 'https://desk.example.com/', includeSubject: false, loopLimit: 10, now };

describe('the text of an alert', () => {
  it('names the conversation, why, tags, age and link, and nothing that the customer wrote', () => {
    expect(alertText('p0', conversation, options)).toEqual({
      title: 'Urgent conversation 1012',
      text: [
        'Urgent conversation 1012',
        'Why: It is p0, by its judgement or by words of escalation.',
        'Tags: customer, p0',
        'Customer wrote: 3 h ago',
        'Link: https://desk.example.com/conversation/12',
      ].join('\n'),
    });
  });

  it('carries the subject, on one line, only when the settings allow it', () => {
    const { text } = alertText('p0', conversation, { ...options, includeSubject: true });
    expect(text).toContain('\nSubject: My secret plan <!channel>\n');
  });

  it('is cut between characters, and hides nothing', () => {
    const hostile = { ...conversation, subject: `${'a'.repeat(199)}😀`, tags: ['a\u202eb\u0000\ud800'] };
    const { text } = alertText('p0', hostile, { ...options, includeSubject: true });
    expect(text).toContain(`\nSubject: ${'a'.repeat(199)}\nTags: ab\ufffd\n`);
  });

  it.each(alertKinds)('has a title that a topic takes: %s', (alert) => {
    const { title, text } = alertText(alert, { ...conversation, number: 123_456_789 }, options);
    expect(title).toMatch(/^[\x20-\x7e]{1,100}$/);
    expect(text).not.toContain('undefined');
  });

  it.each([
    [0, '0 min ago'],
    [119, '119 min ago'],
    [120, '2 h ago'],
    [47 * 60 + 59, '47 h ago'],
    [48 * 60, '2 days ago'],
    [-5, '0 min ago'],
  ])('tells the age: %i minutes', (minutes, expected) => {
    const customerWroteAt = new Date(now.getTime() - minutes * 60_000);
    expect(alertText('loop', { ...conversation, customerWroteAt }, options).text).toContain(expected);
  });

  it('says so when there are no tags and no message of the customer', () => {
    const { text } = alertText('p0', { ...conversation, tags: null, customerWroteAt: null }, options);
    expect(text).toContain('Tags: none\nCustomer wrote: never');
  });
});
