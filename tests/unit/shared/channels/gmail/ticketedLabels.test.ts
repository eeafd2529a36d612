import { describe, expect, it } from 'vitest';
import { ticketDecision } from '#shared/channels/gmail/ticketedLabels.ts';

const plain = { excludedLabels: [], requiredLabels: [] };

describe('whether a mail becomes a ticket', () => {
  it.each([
    ['a new mail', ['INBOX', 'UNREAD']],
    ['a mail somebody read', ['INBOX']],
    ['a mail a filter archived', ['CATEGORY_UPDATES']],
    ['a starred mail with a label of its own', ['INBOX', 'STARRED', 'Label_7']],
    ['a mail without labels', []],
    ['labels that only resemble the others', ['sent', 'Drafts', 'SPAMMY']],
  ])('%s does', (_, labels) => {
    expect(ticketDecision(labels, plain)).toEqual({ ticket: true });
  });

  it.each([
    ['sent from the account', ['SENT'], 'label:SENT'],
    ['sent by the account to itself', ['INBOX', 'SENT', 'UNREAD'], 'label:SENT'],
    ['a draft', ['DRAFT'], 'label:DRAFT'],
    ['spam', ['UNREAD', 'SPAM'], 'label:SPAM'],
    ['thrown away', ['INBOX', 'TRASH'], 'label:TRASH'],
    ['a chat', ['CHAT'], 'label:CHAT'],
  ])('%s does not', (_, labels, reason) => {
    expect(ticketDecision(labels, plain)).toEqual({ ticket: false, reason });
  });

  it('leaves out the labels of the settings too', () => {
    const settings = { ...plain, excludedLabels: ['CATEGORY_PROMOTIONS'] };
    expect(ticketDecision(['INBOX', 'CATEGORY_PROMOTIONS'], settings)).toEqual({
      ticket: false,
      reason: 'label:CATEGORY_PROMOTIONS',
    });
    expect(ticketDecision(['INBOX'], settings)).toEqual({ ticket: true });
    expect(ticketDecision(['SPAM'], settings)).toEqual({ ticket: false, reason: 'label:SPAM' });
  });

  it('asks for one of the required labels when there are any', () => {
    const settings = { ...plain, requiredLabels: ['Label_1', 'Label_2'] };
    expect(ticketDecision(['INBOX', 'Label_2'], settings)).toEqual({ ticket: true });
    expect(ticketDecision(['INBOX'], settings)).toEqual({ ticket: false, reason: 'label-missing' });
    expect(ticketDecision(['Label_1', 'TRASH'], settings)).toEqual({ ticket: false, reason: 'label:TRASH' });
  });
});
