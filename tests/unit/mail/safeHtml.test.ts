import { describe, expect, it } from 'vitest';
import { parseMail } from '#shared/mail/parseMail.ts';
import { safeHtmlForFreeScout, textToHtml, visibleText } from '#shared/mail/safeHtml.ts';
import { base64Part, buildMail, buildMultipart, htmlPart } from '#tests/support/mailBuilder.ts';

async function safe(html: string): Promise<string> {
  return safeHtmlForFreeScout(
    await parseMail(buildMail({ 'Content-Type': 'text/html; charset=utf-8' }, html)),
  );
}

/** Ways to hide text from the reader, each around the word "secret". */
const HIDDEN: readonly (readonly [name: string, html: string])[] = [
  ['a comment', '<!-- secret -->'],
  ['a conditional comment', '<!--[if mso]>secret<![endif]-->'],
  ['display', '<div style="display:none">secret</div>'],
  ['display, important, upper case', '<DIV STYLE="DISPLAY : NONE !IMPORTANT">secret</DIV>'],
  ['a child of the hidden', '<div style="display:none"><p style="display:block">secret</p></div>'],
  ['visibility', '<span style="visibility:hidden">secret</span>'],
  ['opacity', '<span style="opacity:0">secret</span>'],
  ['font size 0', '<span style="font-size:0">secret</span>'],
  ['font size 1px', '<span style="font-size:1px">secret</span>'],
  ['font size 0.1em', '<span style="font-size:0.05em">secret</span>'],
  ['no height', '<div style="max-height:0;overflow:hidden">secret</div>'],
  ['height 0 cut off', '<div style="height:0;overflow:hidden">secret</div>'],
  ['off-screen left', '<div style="position:absolute;left:-9999px">secret</div>'],
  ['off-screen indent', '<div style="text-indent:-9999px">secret</div>'],
  ['off-screen em', '<div style="position:absolute;top:-100em">secret</div>'],
  ['clip', '<div style="position:absolute;clip:rect(0 0 0 0)">secret</div>'],
  ['scale', '<div style="transform:scale(0)">secret</div>'],
  ['Outlook', '<div style="mso-hide:all">secret</div>'],
  ['the hidden attribute', '<div hidden>secret</div>'],
  ['white on white', '<span style="color:#fff">secret</span>'],
  ['nearly white on white', '<span style="color:#fefefe">secret</span>'],
  ['white by name', '<font color="white">secret</font>'],
  ['white by rgb', '<span style="color:rgb(255, 255, 255)">secret</span>'],
  ['black on black', '<div style="background:#000"><span style="color:#000000">secret</span></div>'],
  [
    'the colour of the table',
    '<table bgcolor="#336699"><tr><td><font color="#336699">secret</font></td></tr></table>',
  ],
  ['transparent', '<span style="color:transparent">secret</span>'],
  ['transparent by alpha', '<span style="color:rgba(0,0,0,0)">secret</span>'],
  ['a class', '<style>.x{display:none}</style><p class="x">secret</p>'],
  ['an id', '<style>b, #x { color: white }</style><div id="x">secret</div>'],
  ['script', '<script>secret</script>'],
  ['style', '<style>secret{}</style>'],
  ['title', '<title>secret</title>'],
  ['template', '<template>secret</template>'],
  ['textarea', '<textarea>secret</textarea>'],
  ['zero-width letters', 'se\u200bcr\u2060et'.replace(/[a-z]/g, '')],
];

/** Ordinary mail that a careless rule would lose. */
const SHOWN: readonly (readonly [name: string, html: string])[] = [
  [
    'text in a cell without font size',
    '<td style="font-size:0"><div style="font-size:14px">shown</div></td>',
  ],
  ['white on a dark ground', '<td style="background-color:#222"><span style="color:#fff">shown</span></td>'],
  ['white on bgcolor', '<table bgcolor="black"><tr><td style="color:white">shown</td></tr></table>'],
  ['white on a picture', '<div style="background:url(x.png)"><span style="color:#fff">shown</span></div>'],
  [
    'white on a ground from the sheet',
    '<style>.h{background:#123}</style><div class="h" style="color:#fff">shown</div>',
  ],
  ['visible again', '<div style="visibility:hidden"><span style="visibility:visible">shown</span></div>'],
  [
    'a rule for small screens',
    '<style>@media (max-width:600px){.x{display:none}}</style><p class="x">shown</p>',
  ],
  ['a small negative margin', '<p style="margin-left:-8px">shown</p>'],
  ['a hidden neighbour', '<span style="display:none">x</span>shown'],
  ['grey on white', '<span style="color:#999">shown</span>'],
  ['unclosed elements', '<div><p>shown'],
];

describe('visible text', () => {
  it.each(HIDDEN)('leaves out what is hidden by %s', (_, html) => {
    expect(visibleText(`<p>before</p>${html}<p>after</p>`).replace(/\s+/g, ' ')).toBe('before after');
  });

  it.each(SHOWN)('keeps %s', (_, html) => {
    expect(visibleText(html)).toBe('shown');
  });

  it.each([
    ['<div>a</div><div><br></div><div>b</div>', 'a\n\nb'],
    ['<div>a<br></div><div>b</div>', 'a\nb'],
    ['<p>a</p><p>b</p>', 'a\n\nb'],
    ['<p class="MsoNormal">a</p><p class="MsoNormal">b</p>', 'a\nb'],
    ['a&nbsp;b   c\n d', 'a b c d'],
    ['<ul><li>a<ul><li>b</li></ul></li></ul><ol><li>c</li><li>d</li></ol>', '- a\n\n  - b\n\n1. c\n2. d'],
    ['<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>', 'a b\nc'],
    [
      '<div>x</div><blockquote>a<br>b<blockquote>c</blockquote></blockquote>y',
      'x\n\n> a\n> b\n>\n> > c\n\ny',
    ],
    ['<pre>a\n  b</pre>', 'a\n  b'],
    ['a<hr>b', 'a\n\n________________________________\nb'],
    ['fish &amp; chips &lt;3 &#128512;', 'fish & chips <3 😀'],
    ['<b>a</b>b <i>c</i>', 'ab c'],
    ['', ''],
  ])('turns %j into %j', (html, text) => {
    expect(visibleText(html)).toBe(text);
  });

  it('keeps the joiners of Persian and of emoji', () => {
    expect(visibleText('می\u200cخواهم 👩\u200d💻 pay\u200dment')).toBe('می\u200cخواهم 👩\u200d💻 payment');
  });
});

describe('HTML for FreeScout', () => {
  it.each([
    ['<script>alert(1)</script>a', 'a'],
    ['<img src=x onerror=alert(1)>a', 'a'],
    ['<a href="javascript:alert(1)">a</a>', '<a rel="noopener noreferrer nofollow" target="_blank">a</a>'],
    [
      '<a href="java&#10;script:alert(1)">a</a>',
      '<a rel="noopener noreferrer nofollow" target="_blank">a</a>',
    ],
    ['<a href="data:text/html,x">a</a>', '<a rel="noopener noreferrer nofollow" target="_blank">a</a>'],
    ['<a href="//evil.example">a</a>', '<a rel="noopener noreferrer nofollow" target="_blank">a</a>'],
    [
      '<a href="https://shop.example/?a=1&amp;b=2" onclick="x()">a</a>',
      '<a href="https://shop.example/?a=1&amp;b=2" rel="noopener noreferrer nofollow" target="_blank">a</a>',
    ],
    ['<form action="https://evil.example"><input value="x"><button>go</button>a</form>', 'a'],
    ['<iframe src="https://evil.example">x</iframe>a', 'a'],
    ['<svg><script>x</script><a xlink:href="javascript:x">y</a></svg>a', 'a'],
    ['<math><mtext></mtext><style><img src=x onerror=x></style></math>a', 'a'],
    ['<p style="background:url(https://t.example)" class="x" id="y" onmouseover="z">a</p>', '<p>a</p>'],
    ['<img src="https://t.example/pixel.gif" width="1">a', 'a'],
    ['<!-- csm:gmail:support:1 -->a<!---->b', 'ab'],
    ['<base href="https://evil.example"><meta http-equiv="refresh" content="0"><link rel="x">a', 'a'],
    ['a<br>b<b>c</b>', 'a<br />b<b>c</b>'],
    [
      '<table><tr><td colspan="2" width="9">a</td></tr></table>',
      '<table><tr><td colspan="2">a</td></tr></table>',
    ],
    ['1 &lt; 2 &amp; 3', '1 &lt; 2 &amp; 3'],
    ['<<b>script>a</b>', '&lt;<b>script&gt;a</b>'],
  ])('makes %j safe', async (html, expected) => {
    expect(await safe(html)).toBe(expected);
  });

  it.each(HIDDEN)('does not reveal what is hidden by %s', async (_, html) => {
    expect(await safe(`<p>before</p>${html}<p>after</p>`)).not.toContain('secret');
  });

  it.each(SHOWN)('keeps %s', async (_, html) => {
    expect(await safe(html)).toContain('shown');
  });

  it('puts a mark where a picture of the mail was', async () => {
    const picture = base64Part(
      { 'Content-Type': 'image/png; name="my logo.png"', 'Content-ID': '<a%b@x>' },
      'x',
    );
    const { type, body } = buildMultipart('related', [htmlPart('<p>a<img src="cid:a%b@x">b</p>'), picture]);
    const mail = await parseMail(buildMail({ 'Content-Type': type }, body));
    expect(safeHtmlForFreeScout(mail)).toBe('<p>a [image: my logo.png] b</p>');
  });

  it('writes a mail without HTML, or without anything in it, as lines', async () => {
    const plain = await parseMail(buildMail({}, 'Hi <b>\r\n\r\n  you & me\r\n'));
    expect(safeHtmlForFreeScout(plain)).toBe(
      '<div>Hi &lt;b&gt;</div><div><br></div><div>&nbsp;&nbsp;you &amp; me</div>',
    );
    expect(await safe('<p> </p><!-- x -->')).toBe('<div><br></div>');
  });

  it('has no mark of ours even when a mail brings one in pieces', async () => {
    const html = await safe('<!<!-- x -->-- csm:gmail:support:1 --><!--><!-- csm:1 --!><p>a</p>');
    expect(html).not.toMatch(/<!--/);
  });
});

describe('text as lines', () => {
  it('keeps blank lines, leading spaces and quotes', () => {
    expect(textToHtml('a\n\n  "b"\n')).toBe(
      '<div>a</div><div><br></div><div>&nbsp;&nbsp;&quot;b&quot;</div>',
    );
  });
  it('ends a text that no database column holds', () => {
    expect(textToHtml('x'.repeat(1_200_000)).length).toBeLessThan(1_010_000);
  });
});
