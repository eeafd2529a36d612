import { describe, expect, it } from 'vitest';
import { parseSettings } from '#shared/settings/settings.ts';
import { escalationWordsIn } from '#shared/triage/escalationWords.ts';

const { escalation } = parseSettings({});

describe('escalationWordsIn', () => {
  it.each([
    ['I will call my lawyer.', ['lawyer']],
    ['You will hear from my LAWYER!', ['lawyer']],
    ['I want to speak  to a\nhuman', ['speak to a human']],
    ['Mein Anwalt meldet sich. Datenleck!', ['anwalt', 'datenleck']],
    ['Je demande une mise en demeure', ['mise en demeure']],
    ['A human, please!', ['human please']],
    ["C'est l'avocat", ['avocat']],
    ['Our lawyers will sue you; two chargebacks', ['lawyers', 'sue you', 'chargebacks']],
    ['Eröffnung der Rückbuchung', ['rückbuchung']],
  ])('%s', (text, words) => {
    expect(escalationWordsIn(text, escalation)).toEqual(words);
  });

  it.each(['lawyerly', 'Rechtsanwaltskanzlei', 'nothing to see', ''])(
    'finds no part of a longer word: %s',
    (text) => {
      expect(escalationWordsIn(text, escalation)).toEqual([]);
    },
  );

  it.each([
    ['我的律师会联系你', '律师'],
    ['弁護士に相談します', '弁護士'],
    ['จะปรึกษาทนายความ', 'ทนายความ'],
  ])('finds words of scripts without spaces: %s', (text, word) => {
    expect(escalationWordsIn(text, { ...escalation, words: { own: [word] } })).toEqual([word]);
  });

  it('reads composed and decomposed letters alike', () => {
    expect(escalationWordsIn('Ru\u0308ckbuchung', escalation)).toEqual(['rückbuchung']);
  });
});
