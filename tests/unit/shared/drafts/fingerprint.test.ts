import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asBrowserWrites } from '#infra/standins/freescout/browserHtml.ts';
import { fingerprintOf, visibleTextOf } from '#shared/drafts/fingerprint.ts';
import { escapeText } from '#shared/text/escapedText.ts';

const draft =
  '<div>Hi Nina,</div><div><br></div><div>we&#39;re checking error 403 &mdash; it takes 2 hours.</div>' +
  '<div>Steps:</div><ul><li>Sign out</li><li>Open <a href="https://example.com/login?a=1&amp;b=2" target="_blank">the page</a></li></ul>' +
  '<div>Thanks <b>a lot</b></div><!-- csm:draft:1:2 -->';

describe('opening a draft in the editor keeps its fingerprint', () => {
  const rewrites: readonly (readonly [string, string, string])[] = [
    ['entities decoded', draft, draft.replace('&mdash;', '—').replace('&#39;', "'")],
    [
      'entities written in another way',
      '<div>a &amp; b &lt; c &quot;d&quot;</div>',
      '<div>a &#38; b &#x3C; c "d"</div>',
    ],
    [
      'another order and quoting of attributes',
      '<div><a href="https://x.y/z" target="_blank">k</a></div>',
      "<div><a target=_blank href='https://x.y/z'>k</a></div>",
    ],
    [
      'an entity after a link decoded',
      '<div><a href="https://x.test/">x</a> &#39;</div>',
      '<div><a href="https://x.test/">x</a> \'</div>',
    ],
    ['upper-case tags', '<div>a<br>b</div>', '<DIV>a<BR/>b</DIV>'],
    ['no-break spaces', '<div>a b c</div>', '<div>a&nbsp;b\u00a0c</div>'],
    ['runs of white space', '<div>a  b\n c</div>', '<div>a b &nbsp;c</div>'],
    ['line breaks between tags', '<div>a</div><div>b</div>', '<div>a</div>\n  <div>b</div>\n'],
    ['implied closing tags', '<ul><li>a</li><li>b</li></ul><p>c</p><p>d</p>', '<ul><li>a<li>b</ul><p>c<p>d'],
    [
      'an implied table body',
      '<table><tr><td>1</td><td>2</td></tr></table>',
      '<table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>',
    ],
    ['comments gone', draft, draft.replace(/<!--.*-->/, '')],
    ['another comment', '<div>a</div><!-- csm:draft:1:2 -->', '<!-- x --><div>a</div>'],
    ['<p> for <div>', '<div>a</div><div>b</div>', '<p>a</p><p>b</p>'],
    [
      '<div> for <p> with blank lines',
      '<p>a</p><p><br></p><p>b</p>',
      '<div>a</div><div><br></div><div>b</div>',
    ],
    ['a text line without its block', '<div>a</div><div>b</div>', 'a<div>b</div>'],
    ['line breaks for blocks', '<div>a</div><div>b</div>', '<div>a<br>b</div>'],
    ['a placeholder break at the end of a line', '<div>a</div><div>b</div>', '<div>a<br></div><div>b</div>'],
    ['blank lines at the ends', '<div>a</div>', '<div><br></div><div>a</div><div><br></div>'],
    ['strong for b, em for i', '<div><b>a</b> <i>b</i></div>', '<div><strong>a</strong> <em>b</em></div>'],
    ['emphasis in pieces and empty pieces', '<div><b>ab</b></div>', '<div><b>a</b><b>b</b><i></i></div>'],
    ['invisible characters of the editor', '<div>ab</div>', '<div>a\u200bb\ufeff</div>'],
    ['another composition of accents', '<div>Grüße</div>', '<div>Gru\u0308ße</div>'],
    ['a block inside an item', '<ul><li>a</li></ul>', '<ul><li><div>a</div></li></ul>'],
    ['a list inside a block', '<div>a</div><ul><li>b</li></ul>', '<div>a<ul><li>b</li></ul></div>'],
    [
      'an added target and rel',
      '<a href="https://x.y">a</a>',
      '<a href="https://x.y" rel="noopener" target="_blank">a</a>',
    ],
    ['class names and ids', '<div>a</div>', '<div class="x" id="y" dir="auto">a</div>'],
  ];
  it.each(rewrites)('%s', (_, before, after) => {
    expect(fingerprintOf(after)).toBe(fingerprintOf(before));
  });

  it('saved by the editor, also twice', () => {
    const once = asBrowserWrites(draft);
    expect(once).not.toBe(draft);
    expect(fingerprintOf(once)).toBe(fingerprintOf(draft));
    expect(fingerprintOf(asBrowserWrites(once))).toBe(fingerprintOf(draft));
  });
});

describe('a draft of release 0.1.0, which also escaped apostrophes', () => {
  it('has the fingerprint of the same draft as it is written now, and looks the same', () => {
    const text = fc
      .array(fc.constantFrom("'", "'", '&', '<', '"', '#39;', '&#39;', 'n', 't', ' '))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, (words, inBold) => {
        const now = `<div>${escapeText(words)} <b>${escapeText(inBold)}</b></div>`;
        const then = now.replaceAll("'", '&#39;');
        expect(fingerprintOf(then)).toBe(fingerprintOf(now));
        expect(visibleTextOf(then)).toBe(visibleTextOf(now));
        expect(asBrowserWrites(then)).toBe(asBrowserWrites(now));
      }),
      { numRuns: 1_000 },
    );
  });

  it('has it in the address of a link, too', () => {
    const now = '<a href="https://shop.example/o\'brien">x</a>';
    expect(fingerprintOf(now.replaceAll("'", '&#39;'))).toBe(fingerprintOf(now));
  });
});

describe('a change that a reader sees changes the fingerprint', () => {
  const edits: readonly (readonly [string, string, string])[] = [
    ['a word', 'checking', 'solving'],
    ['a letter', 'Nina', 'Nena'],
    ['upper case', 'Steps', 'steps'],
    ['a number', '403', '404'],
    ['a mark', 'hours.', 'hours!'],
    ['the target of a link', 'login?a=1', 'logout?a=1'],
    ['a link that only its words remain of', /<a [^>]*>the page<\/a>/.exec(draft)?.[0] ?? '', 'the page'],
    ['another list item', '<li>Sign out</li>', '<li>Sign out</li><li>Wait</li>'],
    ['a removed list item', '<li>Sign out</li>', ''],
    ['a list turned into lines', '<ul><li>Sign out</li>', '<div>Sign out</div><ul>'],
    ['a deeper list item', '<li>Sign out</li>', '<ul><li>Sign out</li></ul>'],
    ['a new line', '<div>Steps:', '<div>Please note:</div><div>Steps:'],
    ['a new blank line', '<div>Steps:', '<div><br></div><div>Steps:'],
    ['a removed blank line', '<div><br></div>', ''],
    ['two words made one', '2 hours', '2hours'],
    ['bold', 'error 403', '<b>error 403</b>'],
    ['bold taken away', '<b>a lot</b>', 'a lot'],
    ['colour', 'error 403', '<span style="color: red">error 403</span>'],
    ['a picture', '2 hours', '2 hours<img src="https://x.y/a.png">'],
  ];
  it.each(edits)('%s', (_, before, after) => {
    const edited = draft.replace(before, after);
    expect(edited).not.toBe(draft);
    expect(fingerprintOf(edited)).not.toBe(fingerprintOf(draft));
  });

  it('numbered and bulleted lists', () => {
    expect(fingerprintOf('<ol><li>a</li></ol>')).not.toBe(fingerprintOf('<ul><li>a</li></ul>'));
  });

  it('no text can pass for emphasis or a link', () => {
    const marked = fingerprintOf('<div><b>a</b></div>');
    for (const text of ['\u0001b\u0002a', '&#1;b&#2;a', '<b>a</b>'.replace('<', '&lt;')]) {
      expect(fingerprintOf(`<div>${text}</div>`)).not.toBe(marked);
    }
  });
});

describe('visible text', () => {
  it('has one line per block, list marks and no blank lines', () => {
    expect(visibleTextOf(draft)).toBe(
      "Hi Nina,\nwe're checking error 403 — it takes 2 hours.\nSteps:\n- Sign out\n- Open the page\nThanks a lot",
    );
    expect(visibleTextOf('<ol><li>a</li><li>b</li></ol>')).toBe('1. a\n2. b');
    expect(visibleTextOf('<style>p{}</style><script>x</script><p>a</p>')).toBe('a');
    expect(visibleTextOf('')).toBe('');
  });
});
