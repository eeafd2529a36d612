import { describe, expect, it } from 'vitest';
import { detectLanguage, languages } from '#infra/standins/openai/languages.ts';
import { readPrompt } from '#infra/standins/openai/readPrompt.ts';
import { writeReply } from '#infra/standins/openai/reply.ts';
import { triageByRules } from '#infra/standins/openai/triageByRules.ts';

const prompt = (subject: string, message: string, task: 'triage' | 'draft' = 'triage') =>
  readPrompt(
    `Task: ${task}\nmore`,
    `<<<SUBJECT ${subject} SUBJECT>>>\n\n<<<MESSAGE author="customer" at="x"\n${message}\nMESSAGE>>>`,
  ) ?? expect.fail('not read');

const samples: readonly (readonly [string, string, string, Partial<ReturnType<typeof triageByRules>>])[] = [
  [
    'de',
    'Angebot für 120 Lizenzen',
    'Guten Tag, wir interessieren uns für Ihr Produkt und möchten ein Angebot für 120 Lizenzen.',
    { type: 'lead', importance: 7 },
  ],
  [
    'en',
    'Login',
    'Hello, I cannot log in to my account, error 4012 appears. What can I do?',
    { type: 'customer', importance: 4 },
  ],
  [
    'en',
    'Lawyer',
    'This is unacceptable. My lawyer will contact you about order 99812!',
    {
      importance: 9,
      sentiment: 'angry',
      escalationReason: 'The customer mentions legal steps.',
      threatens: true,
    },
  ],
  [
    'en',
    'Ten lamps',
    'Hello, our lawyer is happy with your lamp, we order ten.',
    { sentiment: 'happy', escalationReason: null, threatens: false },
  ],
  [
    'en',
    'Re: Login',
    'Thanks a lot, it works now!',
    { needsReply: false, importance: 1, sentiment: 'happy' },
  ],
  [
    'fr',
    'Commande',
    'Bonjour, ma commande 55127 n’est toujours pas arrivée. Où est le colis ? Merci pour votre aide.',
    { type: 'customer', sentiment: 'unhappy' },
  ],
  [
    'es',
    'Pedido',
    'Hola, tengo un problema con mi pedido 88121, no lo he recibido. ¿Qué puedo hacer? Gracias.',
    { type: 'customer' },
  ],
  [
    'it',
    'Preventivo',
    'Buongiorno, vorrei un preventivo per 20 licenze per il nostro ufficio. Grazie.',
    { type: 'lead' },
  ],
  [
    'nl',
    'Kapot',
    'Hallo, de lamp die ik van jullie heb is kapot. Wat moet ik met mijn bestelling 4711 doen?',
    { type: 'customer' },
  ],
  [
    'pt',
    'Encomenda',
    'Olá, a minha encomenda 30211 ainda não chegou. Vocês podem verificar? Obrigado.',
    { type: 'customer' },
  ],
  [
    'en',
    'SEO',
    'Dear sir, we offer backlinks to increase your traffic. Interested?',
    { type: 'other', needsReply: false },
  ],
];

describe('rule model', () => {
  it.each(samples)('%s: %s', (language, subject, message, expected) => {
    expect(triageByRules(prompt(subject, message))).toMatchObject({ language, ...expected });
  });

  it('answers in each of its languages without losing the subject', () => {
    for (const language of languages) {
      const reply = writeReply({ ...prompt('Re: Order 4711', 'x', 'draft'), language });
      expect(reply.language).toBe(language);
      expect(JSON.stringify(reply.blocks)).toContain('Order 4711');
    }
  });

  it('takes English when nothing tells the language', () => expect(detectLanguage('4711 !!')).toBe('en'));
});
