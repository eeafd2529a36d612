import { describe, expect, it } from 'vitest';
import { isForWorker, ticketDecision } from '#shared/channels/gmail/ticketedLabels.ts';

const plain = { excludedLabels: [], requiredLabels: [] };

describe('whether a mail becomes a ticket', () => {
  it.each([
    ['a new mail', ['INBOX', 'UNREAD']],
    ['a mail somebody read', ['INBOX']],
    ['a mail a filter archived', ['CATEGORY_UPDATES']],
    ['a starred mail with a label of its own', ['INBOX', 'STARRED', 'Label_7']],
    ['a mail without labels', []],
    ['sent by the account to itself, as forms do', ['INBOX', 'SENT', 'UNREAD']],
    ['labels that only resemble the others', ['sent', 'Drafts', 'SPAMMY']],
  ])('%s does', (_, labels) => {
    expect(ticketDecision(labels, plain, [])).toEqual({ ticket: true });
  });

  it.each([
    ['sent from the account', ['SENT'], 'label:SENT'],
    ['sent and thrown away', ['SENT', 'TRASH'], 'label:SENT'],
    ['sent by the account to itself and thrown away', ['INBOX', 'SENT', 'TRASH'], 'label:TRASH'],
    ['a draft', ['DRAFT'], 'label:DRAFT'],
    ['spam', ['UNREAD', 'SPAM'], 'label:SPAM'],
    ['thrown away', ['INBOX', 'TRASH'], 'label:TRASH'],
    ['a chat', ['CHAT'], 'label:CHAT'],
  ])('%s does not', (_, labels, reason) => {
    expect(ticketDecision(labels, plain, [])).toEqual({ ticket: false, reason });
  });

  it('leaves out the labels of the settings too', () => {
    const settings = { ...plain, excludedLabels: ['CATEGORY_PROMOTIONS'] };
    expect(ticketDecision(['INBOX', 'CATEGORY_PROMOTIONS'], settings, [])).toEqual({
      ticket: false,
      reason: 'label:CATEGORY_PROMOTIONS',
    });
    expect(ticketDecision(['INBOX'], settings, [])).toEqual({ ticket: true });
    expect(ticketDecision(['SPAM'], settings, [])).toEqual({ ticket: false, reason: 'label:SPAM' });
  });

  it('asks for one of the required labels when there are any', () => {
    const settings = { ...plain, requiredLabels: ['Label_1', 'Label_2'] };
    expect(ticketDecision(['INBOX', 'Label_2'], settings, [])).toEqual({ ticket: true });
    expect(ticketDecision(['INBOX'], settings, [])).toEqual({ ticket: false, reason: 'label-missing' });
    expect(ticketDecision(['Label_1', 'TRASH'], settings, [])).toEqual({
      ticket: false,
      reason: 'label:TRASH',
    });
  });

  it('knows the labels of the settings by the names that they have in the account', () => {
    const settings = { excludedLabels: ['Private'], requiredLabels: ['Tickets', 'No such'] };
    const named = [
      { name: 'Private', id: 'Label_1' },
      { name: 'Tickets', id: 'Label_2' },
      { name: 'No such', id: null },
    ];
    expect(ticketDecision(['INBOX', 'Label_2'], settings, named)).toEqual({ ticket: true });
    expect(ticketDecision(['Label_1', 'Label_2'], settings, named)).toEqual({
      ticket: false,
      reason: 'label:Private',
    });
    expect(ticketDecision(['INBOX'], settings, named)).toEqual({ ticket: false, reason: 'label-missing' });
    expect(ticketDecision(['Tickets'], settings, named)).toEqual({ ticket: false, reason: 'label-missing' });
  });
});

describe('whether the worker reads a mail', () => {
  const decisionOn = (labelIds: readonly string[]) => ticketDecision(labelIds, plain, []);

  it('that becomes a ticket, or was sent in a thread that another mail began', () => {
    const first = { messageId: 'm1', gmailThreadId: 'm1' };
    const answer = { messageId: 'm2', gmailThreadId: 'm1' };
    expect(isForWorker(first, decisionOn(['INBOX']))).toBe(true);
    expect(isForWorker(first, decisionOn(['SENT']))).toBe(false);
    expect(isForWorker(answer, decisionOn(['SENT']))).toBe(true);
    expect(isForWorker(answer, decisionOn(['SENT', 'TRASH']))).toBe(true);
    expect(isForWorker(answer, decisionOn(['DRAFT']))).toBe(false);
    expect(isForWorker(answer, decisionOn(['SPAM']))).toBe(false);
  });
});
