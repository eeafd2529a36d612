import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type DraftAnswer, draftAnswerSchema } from '#shared/drafts/draftAnswer.ts';
import { shapeReply, type UnusableReason } from '#shared/drafts/shapeReply.ts';

const allowedHosts = new Set(['example.com']);

function answerOf(blocks: readonly (string | readonly string[])[], language = 'en'): DraftAnswer {
  return {
    language,
    blocks: blocks.map((block) =>
      typeof block === 'string' ? { kind: 'paragraph', text: block } : { kind: 'list', items: [...block] },
    ),
  };
}

function shaped(
  blocks: readonly (string | readonly string[])[],
  language = 'en',
  expectedLanguage = language,
) {
  return shapeReply(answerOf(blocks, language), { expectedLanguage, allowedHosts });
}

function htmlOf(...blocks: readonly (string | readonly string[])[]): string {
  const reply = shaped(blocks);
  return reply.outcome === 'usable' ? reply.html : `unusable: ${reply.reason}`;
}

describe('schema of the answer', () => {
  it('is one that strict structured output takes: all fields required, nothing else allowed', () => {
    const schema = JSON.stringify(z.toJSONSchema(draftAnswerSchema));
    expect(schema.match(/"additionalProperties":false/g)).toHaveLength(3);
    expect(schema).toContain('"required":["language","blocks"]');
    expect(schema).toContain('"required":["kind","text"]');
    expect(schema).toContain('"required":["kind","items"]');
  });
});

describe('an answer that no person would write', () => {
  it.each([
    ['blank lines', '\n', 'usable'],
    ['lines', 'a\n', 'too-long'],
    ['numbered lines', '1. a\n', 'too-long'],
    ['bullets', '- a\n', 'too-long'],
    ['dashes', '- \n', 'too-long'],
  ])('of endless %s is judged like every other', (_, line, outcome) => {
    const reply = shaped([`Hi Nina,\nyour parcel is on its way.\n${line.repeat(600_000)}`]);
    expect(reply.outcome === 'usable' ? 'usable' : reply.reason).toBe(outcome);
  });

  it('of endless blocks is judged like every other', () => {
    expect(shaped(Array(300_000).fill('a')).outcome).toBe('unusable');
    expect(shaped(Array(300_000).fill(['a', 'b'])).outcome).toBe('unusable');
  });
});

describe('blocks as the editor writes them', () => {
  it('lines, blank lines and lists, with nothing between the tags', () => {
    expect(htmlOf('Hi Nina,', 'first\nsecond', ['one', 'two'], 'Bye.')).toBe(
      '<div>Hi Nina,</div><div><br></div><div>first</div><div>second</div><div><br></div>' +
        '<ul><li>one</li><li>two</li></ul><div>Bye.</div>',
    );
  });

  it('makes a list out of lines that are one', () => {
    expect(htmlOf('Do this:\n1. Open\n2. Close\n\nThen wait.')).toBe(
      '<div>Do this:</div><ol><li>Open</li><li>Close</li></ol><div>Then wait.</div>',
    );
    expect(htmlOf('- a\n\n- b')).toBe('<ul><li>a</li><li>b</li></ul>');
    expect(htmlOf(['1. a', '2. b'])).toBe('<ol><li>a</li><li>b</li></ol>');
    expect(htmlOf(['- a', '• b', '  '])).toBe('<ul><li>a</li><li>b</li></ul>');
  });

  it('leaves dates and single numbers alone', () => {
    expect(htmlOf('3. Oktober passt.')).toBe('<div>3. Oktober passt.</div>');
    expect(htmlOf('1. Oktober passt.')).toBe('<div>1. Oktober passt.</div>');
  });

  it('keeps at most one blank line and none at the ends', () => {
    expect(htmlOf('', '\n\na\n\n\n\nb\n\n', '')).toBe('<div>a</div><div><br></div><div>b</div>');
  });
});

describe('everything from the model is text', () => {
  it('is escaped', () => {
    expect(htmlOf(`<script>alert("1")</script> & 'x'`)).toBe(
      "<div>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; 'x'</div>",
    );
    expect(htmlOf('Done <!-- csm:draft:1:2 -->')).not.toContain('<!--');
    expect(htmlOf(['<img src=x onerror=alert(1)>'])).not.toContain('<img');
  });

  it('invisible characters go', () => {
    expect(htmlOf('It i\u200bs\u202e done\u0000')).toBe('<div>It is done</div>');
  });

  it('half characters become whole ones, and what spells words and emoji stays', () => {
    expect(htmlOf('\ud800 It is done 😀')).toBe('<div>\ufffd It is done 😀</div>');
    const spelled =
      'می\u200cخواهم അവന്\u200d 👨\u200d👩\u200d👧 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}';
    const shapedReply = shaped([spelled], '');
    expect(shapedReply).toEqual({ outcome: 'usable', html: `<div>${spelled}</div>` });
  });

  it('Markdown becomes what it means, without headings, code and pictures', () => {
    expect(htmlOf('## Title\n**bold** and *slanted*, `code`, 2 * 3 * 4, a_b_c')).toBe(
      '<div>Title</div><div><b>bold</b> and <i>slanted</i>, code, 2 * 3 * 4, a_b_c</div>',
    );
    expect(htmlOf('```\nplain\n```')).toBe('<div>plain</div>');
    expect(htmlOf('See ![our logo](https://example.com/a.png) there')).toBe('<div>See our logo there</div>');
  });
});

describe('links', () => {
  it('only to known hosts', () => {
    expect(htmlOf('Go to https://example.com/a?b=1&c=2.')).toBe(
      '<div>Go to <a href="https://example.com/a?b=1&amp;c=2">https://example.com/a?b=1&amp;c=2</a>.</div>',
    );
    expect(htmlOf('Go to [the page](https://www.example.com/a).')).toBe(
      '<div>Go to <a href="https://www.example.com/a">the page</a>.</div>',
    );
    expect(htmlOf('Go to <https://example.com/a>')).toContain('<a href="https://example.com/a">');
  });

  it.each([
    ['[the page](https://evil.test/a)', 'the page'],
    ['https://evil.test/a', 'https://evil.test/a'],
    ['[x](javascript:alert(1))', '[x](javascript:alert(1))'],
    ['[x](https://example.com@evil.test/)', 'x'],
    ['[x](https://example.com.evil.test/)', 'x'],
    ['[https://example.com/](https://evil.test/)', 'https://example.com/'],
  ])('%s stays text', (markdown, text) => {
    const html = htmlOf(`Go to ${markdown}`);
    expect(html).not.toContain('<a ');
    expect(html).toBe(`<div>Go to ${text}</div>`);
  });

  it('no words that show another address than the link has', () => {
    expect(htmlOf('[https://bank.test](https://example.com/x)')).toBe('<div>https://bank.test</div>');
  });

  it.each([
    'evil.test',
    'evil.test/pay',
    'EVIL.TEST/pay',
    'www.evil.test',
    'Www.Evil.Test.',
    'evil.test.',
    'evil.test:8443/pay',
    'example.com:8443',
    'https://example.com:8443/',
    'http://evil.test',
    'HTTPS://EVIL.TEST/',
    'https:/evil.test/pay',
    'https:evil.test',
    'ftp://evil.test',
    'https://intranet/',
    'pay at evil.test/pay now',
    '(evil.test)',
    '"evil.test/pay"',
    '»evil.test«',
    '/evil.test/pay',
    'docs/evil.test/pay',
    'example.com or evil.test',
    'example.com,evil.test',
    'example.com|evil.test',
    'example.com@evil.test/pay',
    'https://example.com@evil.test/',
    'https://example.com:x@evil.test/',
    'evil.test@example.com',
    'help@evil.test',
    'example.com.evil.test',
    'evil.test-page',
    'evil.test\\pay',
    'evil．test／pay',
    'ｅｖｉｌ．ｔｅｓｔ',
    'evil。test/pay',
    'evil｡test',
    'evil․test',
    'ev\u200bil.te\u00adst',
    'evil\u2060.\u200dtest',
    'bücher.example',
    'xn--bcher-kva.example',
    'example.xn--p1ai',
    'exаmple.com', // its third letter is Cyrillic
    'президент.рф/оплата',
    '127.0.0.1',
    '10.0.0.1:8080/pay',
    '１２７.0.0.1',
  ])('no words that look like another host: %s', (words) => {
    expect(htmlOf(`Go to [${words}](https://example.com/x)`)).not.toContain('<a ');
  });

  it.each([
    'example.com',
    'Example.COM/pay',
    'www.example.com',
    'https://www.example.com/a/b.html?c=d.ef#g.hi',
    'example.com/downloads/setup.php',
    'example.com.',
    'example.com:443',
    '»example.com«',
    'the example.com-page',
    'ｅｘａｍｐｌｅ．ｃｏｍ',
    'help@example.com',
    'invoice.pdf',
    'Node.js guide',
    'video.mp4',
    'version 1.2.3',
    'z.B. hier, d.h. e.g. there',
    'costs 2.500,00 or 1.5kg',
    'and...so on',
    'and/or',
    '3.10.2026',
  ])('words that do not: %s', (words) => {
    expect(htmlOf(`Go to [${words}](https://example.com/x)`)).toContain('<a href="https://example.com/x">');
  });

  it('cannot break out of the attribute', () => {
    expect(htmlOf('[x](https://example.com/"onclick="alert(1))')).not.toMatch(/<a [^>]*onclick="/);
    expect(htmlOf(`https://example.com/'"><b>x`)).not.toContain('<b>');
  });
});

describe('what FreeScout or the agent adds is taken out', () => {
  it.each<readonly [string, readonly string[]]>([
    ['a name below the formula', ['Done.', 'Best regards,\nAnna']],
    ['a placeholder below the formula', ['Done.', 'Best regards,', '[Your name]']],
    ['formula, name, role and company', ['Done.', 'Kind regards,\nAnna Meier\nSupport Team\nExample Ltd']],
    ['formula and name on one line', ['Done.', 'Best regards, Anna Meier']],
    ['formula, role and company on one line', ['Done.', 'Kind regards, Anna from the Example support team']],
    ['a formula and a gap on one line', ['Done.', 'Best regards, [Your name]']],
    ['a formula alone', ['Done.', 'Best regards']],
    ['thanks as a formula', ['Done.', 'Thanks,\nAnna']],
    ['the team', ['Done.', 'Your Example Support Team']],
    ['German', ['Done.', 'Mit freundlichen Grüßen\nIhr Support-Team']],
    ['German, informal', ['Done.', 'Viele Grüße\nAnna']],
    ['French', ['Done.', 'Bien cordialement,\nAnne']],
    ['Spanish', ['Done.', 'Un cordial saludo,\nAna']],
    ['Italian', ['Done.', 'Cordiali saluti\nAnna']],
    ['Polish', ['Done.', 'Z poważaniem,\nAnna']],
    ['Russian', ['Done.', 'С уважением,\nАнна']],
    ['a signature after dashes', ['Done.', '--\nAnna\nhttps://example.com']],
    ['a subject', ['Subject: Re: your order', 'Done.']],
    ['a bold subject', ['**Subject:** Re: your order', 'Done.']],
    ['an announcement', ['Draft reply:', 'Done.']],
    ['a chatty announcement', ['Sure! Here is a draft reply for the customer:', 'Done.']],
  ])('%s', (_, blocks) => {
    expect(htmlOf(...blocks)).toBe('<div>Done.</div>');
  });

  it.each([
    'Thank you for your patience!',
    'Thanks again for the report, it helps us a lot.',
    'Best regards to your colleague who reported it, please let us know what she says.',
    'Our support team looks into it.',
    'The subject is closed.',
    'Thank you for the update, we are looking into it now',
    'Thank you Nina, we are looking into it now',
    'Thanks, Anna will call you tomorrow',
    'Vielen Dank für die Nachricht, wir prüfen das',
    'Vielen Dank Nina, wir prüfen das gerade',
    'All the best, we will be in touch',
    'Merci, nous vérifions cela maintenant',
    'Please contact our support team',
  ])('%s stays', (sentence) => {
    expect(shaped(['Done.', sentence], '')).toEqual({
      outcome: 'usable',
      html: `<div>Done.</div><div><br></div><div>${sentence}</div>`,
    });
  });

  it.each(['we received the form and will look at it today.', 'we will call you tomorrow', 'wir prüfen das'])(
    'text after thanks stays: %s',
    (text) => {
      expect(htmlOf(`Thanks,\n${text}`)).toContain(text);
    },
  );
});

describe('what makes an answer unusable', () => {
  it.each<readonly [UnusableReason, readonly string[]]>([
    ['empty', []],
    ['empty', ['', '   ', '\n']],
    ['empty', ['**', '...']],
    ['empty', ['Best regards,\nAnna']],
    ['empty', ['Subject: x']],
    ['empty', ['Hello Nina,']],
    ['empty', ['Hello Nina,', 'Best regards,\nAnna']],
    ['empty', ['Dear sir or madam', 'Thank you.']],
    ['empty', ['Sehr geehrte Damen und Herren!']],
    ['empty', ['Bonjour Mme Dupont,']],
    ['empty', ['ニーナ様、']],
    ['empty', ['![](https://example.com/a.png)']],
    ['placeholder', ['Hello [Name],', 'Done.']],
    ['placeholder', ['Hello [Customer Name], Done.']],
    ['placeholder', ['Hello {{name}}']],
    ['placeholder', ['Hello {name}']],
    ['placeholder', ['Hallo [Ihr Name]']],
    ['placeholder', ['It costs XX EUR.']],
    ['placeholder', ['Am XX.XX.XXXX.']],
    ['placeholder', ['Call us at xxx-xxx-xxxx.']],
    ['placeholder', ['Your order [ORDER NUMBER] is on its way.']],
    ['placeholder', ['See <insert link here>.']],
    ['placeholder', ['The date is ______.']],
    ['placeholder', ['The date is TBD.']],
    ['reasoning', ['<think>The customer</think>', 'Hello']],
    ['reasoning', ['Reasoning: the customer is angry.', 'Hello']],
    ['reasoning', ['The customer is asking for a refund, so I should apologise first.', 'Hello']],
    ['reasoning', ['As an AI language model I have no access.']],
    ['reasoning', ['Hello', 'Note to the team: check the order first.']],
    ['refusal', ["I'm sorry, but I can't help with that."]],
    ['refusal', ['I cannot assist with that request.']],
    ['refusal', ['Es tut mir leid, aber dabei kann ich nicht helfen.']],
    ['too-long', ['word '.repeat(4_000)]],
  ])('%s: %j', (reason, blocks) => {
    expect(shaped(blocks)).toEqual({ outcome: 'unusable', reason });
  });

  it.each([
    'Click [Save] and wait.',
    'Size XXL is back.',
    'The page https://example.com/?id=XX&name={name} works.',
    'The method returns [] or [1].',
    'We cannot refund this order, because it was opened; I am sorry about that.',
    'Please name the file report.txt.',
    'Hi Nina, done',
    'Hello, it works again',
    'Dear Nina\nIt works again',
  ])('%s is usable', (text) => {
    expect(shaped([text]).outcome).toBe('usable');
  });

  it('the language differs from what was expected', () => {
    expect(shaped(['Hello, we are checking this.'], 'en', 'de')).toEqual({
      outcome: 'unusable',
      reason: 'wrong-language',
    });
    expect(shaped(['Hello, we are checking this for you.'], 'ru', 'ru')).toEqual({
      outcome: 'unusable',
      reason: 'wrong-language',
    });
    expect(shaped(['Здравствуйте, мы проверяем вашу проблему.'], 'de', 'de')).toEqual({
      outcome: 'unusable',
      reason: 'wrong-language',
    });
  });

  it.each([
    ['de-AT', 'de', 'Hallo, wir prüfen das.'],
    ['DE', 'de', 'Hallo, wir prüfen das.'],
    ['en', '', 'Hello, we are checking this.'],
    ['en', 'und', 'Hello, we are checking this.'],
    ['nb', 'no', 'Hei, vi undersøker dette for deg.'],
    ['ja', 'ja', 'お問い合わせありがとうございます。現在確認しております。少々お待ちください。'],
    ['ru', 'ru', 'Здравствуйте, мы проверяем Example Cloud Sync Pro.'],
    ['sr', 'sr', 'Zdravo, proveravamo ovaj problem.'],
  ])('%s for %s is right', (told, expected, text) => {
    expect(shaped([text], told, expected).outcome).toBe('usable');
  });
});
