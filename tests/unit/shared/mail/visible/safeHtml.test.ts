import { describe, expect, it } from 'vitest';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { safeHtmlForFreeScout, textToHtml, visibleText } from '#shared/mail/visible/safeHtml.ts';
import { base64Part, buildMail, buildMultipart, htmlPart } from '#tests/support/mailBuilder.ts';
import { constructs } from '#tests/support/seenConstructs.ts';

async function safe(html: string): Promise<string> {
  return safeHtmlForFreeScout(
    await parseMail(buildMail({ 'Content-Type': 'text/html; charset=utf-8' }, html)),
  );
}

/** Words of the table: whether they stay. */
const stays = { apple: true, cloud: true, stone: false, ghost: false } as const;
const words = ['apple', 'cloud', 'stone', 'ghost'] as const;
const table = constructs.map(({ name, html }) => [name, html] as const);

/** Constructs that hide all of their words, none of them in an attribute, a script or the like. */
const hidden = table.filter(
  ([, html]) =>
    /^\s*stone\s*$/.test(html.replace(/<style.*?<\/style>|<[^>]*>/g, ' ')) &&
    !/^<(?:!|script|style>s|title|template|noembed|noframes|iframe)/.test(html),
);

describe('visible text', () => {
  it.each(table)('is of %s what a reader sees', (_, html) => {
    const text = visibleText(`${html}<section>after</section>`);
    for (const word of words.filter((one) => html.includes(one))) {
      expect([word, text.includes(word)]).toEqual([word, stays[word]]);
    }
  });

  it('has no letters of no width', () => {
    expect(visibleText('<p>be\u200bfore\u2060</p>')).toBe('before');
  });

  it('says why words stay that nobody sees, and why words go', () => {
    for (const { html, why } of constructs) {
      expect(why !== undefined).toBe(/cloud|ghost/.test(html));
    }
  });

  it.each(hidden)('shows what is hidden by %s when the mail has nothing else', async (_, html) => {
    expect(visibleText(html)).toContain('stone');
    expect(await safe(html)).toContain('stone');
  });

  it.each([
    ['Size: <select><option>small<option>large</select> please', 'Size:\nsmall\nlarge\nplease'],
    ['a<button>Send</button>b', 'a Send b'],
    ['a<input value="x">b', 'a x b'],
    ['<textarea>a\nb</textarea>', 'a\nb'],
    ['a<img src="https://x.example/1.png" alt="Our shop">b', 'a Our shop b'],
  ])('keeps the words of %j apart', (html, text) => {
    expect(visibleText(html)).toBe(text);
  });

  it('does not take a picture that is sent along for nothing', () => {
    expect(visibleText('<img src="cid:a@x"><p style="display:none">secret</p>')).toBe('[image: a]');
  });

  it('shows all lines of a mail that hides all of them', async () => {
    const html =
      '<style>*{opacity:0}</style><table><tr><td>a &amp; b</td></tr><tr><td>c<br>d</td></tr></table>';
    expect(visibleText(html)).toBe('a & b\nc\nd');
    expect(await safe(html)).toMatch(/^a &amp; b<br \/>c<br \/>d/);
  });

  it.each([
    ['<div>a</div><div><br></div><div>b</div>', 'a\n\nb'],
    ['<div>a<br></div><div>b</div>', 'a\nb'],
    ['<p>a</p><p>b</p>', 'a\n\nb'],
    ['<p class="MsoNormal">a</p><p class="MsoNormal">b</p>', 'a\nb'],
    ['a&nbsp;b   c\n d', 'a b c d'],
    ['<ul><li>a<ul><li>b</li></ul></li></ul><ol><li>c</li><li>d</li></ol>', '- a\n\n  - b\n\n1. c\n2. d'],
    ['<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>', 'a b\nc'],
    ['<table><tr><td>a</td><td></td><td><b>b</b></td><th>c</th></tr></table>', 'a b c'],
    ['<table><td>a<td>b</table>', 'a b'],
    ['<dl><dt>a</dt><dd>b</dd></dl><table><caption>c</caption><tr><td>d</td></tr></table>', 'a\nb\n\nc\nd'],
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

  it('keeps them also where HTML names them', async () => {
    const html = '<p>می&zwnj;خواهم 👩&#8205;💻 pay&zwj;ment</p>';
    expect(visibleText(html)).toBe('می\u200cخواهم 👩\u200d💻 payment');
    expect(await safe(html)).toBe('<p>می\u200cخواهم 👩\u200d💻 payment</p>');
  });
});

describe('HTML for FreeScout', () => {
  it.each([
    ['<script>alert(1)</script>a', 'a'],
    ['<img src=x onerror=alert(1)>a', 'a'],
    ['<a href="javascript:alert(1)">a</a>', 'a'],
    [
      '<a href="https://shop.example/?a=1&amp;b=2" onclick="x()">a</a>',
      '<a href="https://shop.example/?a=1&amp;b=2" rel="noopener noreferrer nofollow" target="_blank">a</a>',
    ],
    [
      '<form action="https://evil.example"><input value="x"><button>go</button>a</form>',
      '<div> x   go a</div>',
    ],
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
    ['<table><tr><td colspan="2;x" rowspan="9999">a</td></tr></table>', '<table><tr><td>a</td></tr></table>'],
    ['1 &lt; 2 &amp; 3', '1 &lt; 2 &amp; 3'],
    ['<<b>script>a</b>', '&lt;<b>script&gt;a</b>'],
  ])('makes %j safe', async (html, expected) => {
    expect(await safe(html)).toBe(expected);
  });

  it.each(table)('has of %s what a reader sees', async (_, html) => {
    const written = await safe(`${html}<section>after</section>`);
    for (const word of words.filter((one) => html.includes(one))) {
      expect([word, written.includes(word)]).toEqual([word, stays[word]]);
    }
    expect(written).not.toMatch(
      /<(?:form|input|button|select|option|textarea|object|img|svg|math|style|script)\b/,
    );
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

  it('lets cells span no more than a browser can lay out', async () => {
    const rows = (count: number, cell: string) =>
      `<table>${Array.from({ length: count }, (_, at) => `<tr><td ${cell}>word${at}</td></tr>`).join('')}</table>`;
    const spansIn = (written: string) =>
      [...written.matchAll(/<td([^>]*)>/g)].map(([, attributes = '']) => {
        const [across, down] = ['col', 'row'].map((way) =>
          Number(new RegExp(`${way}span="(\\d+)"`).exec(attributes)?.[1] ?? 1),
        );
        return (across ?? 1) * (down ?? 1) - 1;
      });
    for (const cell of ['colspan="999" rowspan="999"', 'rowspan="40"', 'colspan="40"']) {
      const written = await safe(rows(2_000, cell) + rows(2_000, cell));
      expect(spansIn(written).reduce((sum, spanned) => sum + spanned, 0)).toBeLessThanOrEqual(20_000);
      expect(written.match(/word\d+/g)).toHaveLength(4_000);
    }
    expect(spansIn(await safe(rows(3_000, 'colspan="3"')))).toEqual(Array(3_000).fill(2));
    // To the end of the table, however far that is.
    expect(await safe(rows(1, 'rowspan="0"'))).toBe('<table><tr><td>word0</td></tr></table>');
  });

  it('has no mark of ours even when a mail brings one in pieces', async () => {
    const html = await safe('<!<!-- x -->-- csm:gmail:support:1 --><!--><!-- csm:1 --!><p>a</p>');
    expect(html).not.toMatch(/<!--/);
  });
});

const link = 'rel="noopener noreferrer nofollow" target="_blank"';

describe('links of a mail', () => {
  it.each([
    '/mailbox/1/2',
    'mailbox/1',
    '?x=1',
    '#top',
    '',
    ' ',
    '.',
    'https:conversation/3',
    'HTTPS:conversation/3',
    'https:/conversation/3',
    'https:\\\\evil.example',
    'http:///evil.example',
    'https://',
    'https://?x',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'www.evil.example',
    'evil.example/pay',
    'java&#9;script:alert(1)',
    'java&#10;script:alert(1)',
    '&#1;javascript:alert(1)',
    ' JavaScript:alert(1)',
    'javascript://evil.example/%0aalert(1)',
    'vbscript:x',
    'data:text/html,x',
    'ftp://evil.example/',
    'file:///etc/passwd',
    'blob:https://evil.example/1',
    'view-source:https://evil.example/',
    'ht&#10;tps://evil.example/',
    'https&#58;conversation/3',
    'https://[evil',
    'https://shop.example@evil.example/',
    'https://shop.example:x@evil.example/',
    'https://:x@evil.example/',
    'mailto:',
    'mailto:nobody',
    'tel:',
    'tel:abc',
    'https://bank.example@evil.example/',
    'https://user:password@evil.example/',
  ])('to %j are refused, and their words stay', async (href) => {
    expect(await safe(`<p>before <a href="${href}">the words</a> after</p>`)).toBe(
      '<p>before the words after</p>',
    );
  });

  it.each([
    ['https://shop.example/a?b=1#c', 'https://shop.example/a?b=1#c'],
    [' &#10;HTTPS://Shop.Example/A ', 'https://shop.example/A'],
    ['http://shop.example', 'http://shop.example/'],
    ['https://shop.example/a&#10;b', 'https://shop.example/ab'],
    ['https://shop.example\\@evil.example/', 'https://shop.example/@evil.example/'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
    ['mailto:help@shop.example?subject=A%20b', 'mailto:help@shop.example?subject=A%20b'],
    ['tel:+49 (170) 123-45', 'tel:+49 (170) 123-45'],
  ])('to %j are kept as every program reads them', async (href, kept) => {
    expect(await safe(`<a href="${href}">the words</a>`)).toBe(`<a href="${kept}" ${link}>the words</a>`);
  });

  it('stand in no attribute and no element but <a>', async () => {
    const html =
      '<map><area href="/1" shape="default"></map><img src="/2" srcset="/3 2x"><form action="/4"><input formaction="/5" type="image" src="/6">go</form>' +
      '<blockquote cite="/7">a</blockquote><a ping="/8" href="https://shop.example/">b</a><table background="/9"><tr><td background="/10">c</td></tr></table><video poster="/11" src="/12"></video>';
    expect(await safe(html)).toBe(
      `<div>  go</div><blockquote>a</blockquote><a href="https://shop.example/" ${link}>b</a><table><tr><td>c</td></tr></table>`,
    );
  });

  it.each([
    ['empty', ''],
    ['blank', ' &nbsp;\u3000'],
    ['zero-width', '\u200b&zwnj;\u2060\u2800'],
    ['a remote picture', '<img src="https://evil.example/a.png" alt="">'],
    ['hidden', '<span style="display:none">the words</span>'],
    ['of no size', '<span style="font-size:0">the words</span>'],
    ['of the colour of the page', '<span style="color:#fff">the words</span>'],
    ['a comment', '<!-- the words -->'],
  ])('whose words are %s are dropped', async (_, words) => {
    expect(await safe(`<p>before <a href="https://evil.example/">${words}</a>after</p>`)).not.toContain(
      'evil.example',
    );
  });

  it('to an address longer than any are refused', async () => {
    const address = (length: number) => 'https://shop.example/'.padEnd(length, 'x');
    expect(await safe(`<a href="${address(8_000)}">the words</a>`)).toContain(address(8_000));
    expect(await safe(`<p><a href="${address(20_000)}">the words</a></p>`)).toBe('<p>the words</p>');
  });

  it('that are hidden themselves are dropped', async () => {
    const html = await safe(
      '<style>.x{font-size:1px}</style><p>before <a class="x" href="https://evil.example/">the words</a></p>',
    );
    expect(html).toBe('<p>before </p>');
  });

  it('keep a picture that was sent along as their words', async () => {
    expect(await safe('<a href="https://shop.example/"><img src="cid:logo@x"></a>')).toBe(
      `<a href="https://shop.example/" ${link}> [image: logo] </a>`,
    );
  });

  it('do not lend their words to the link around them', async () => {
    const html = await safe(
      '<a href="https://evil.example/"><a href="https://shop.example/">the words</a> and more</a>',
    );
    expect(html).toBe(`<a href="https://shop.example/" ${link}>the words</a> and more`);
    expect(await safe('<a href="https://a.example/">one<a href="https://b.example/">two</a></a>')).toBe(
      `<a href="https://a.example/" ${link}>one</a><a href="https://b.example/" ${link}>two</a>`,
    );
  });

  it.each([
    ['https://bank.example/pay', 'https://bank.example/pay'],
    ['www.bank.example', 'www.bank.example'],
    ['bank.example/pay', 'bank.example/pay (https://evil.example/)'],
    ['Pay at <b>bank</b>.example now', 'Pay at <b>bank</b>.example now (https://evil.example/)'],
    ['Video.mov', 'Video.mov (https://evil.example/)'],
    ['bank\u200a.\u2009example', 'bank\u200a.\u2009example (https://evil.example/)'],
  ])('whose words name another host are refused: %s', async (words, shown) => {
    expect(await safe(`<p><a href="https://evil.example/">${words}</a> after</p>`)).toBe(
      `<p>${shown} after</p>`,
    );
  });

  const evil = (words: string) => `<a href="https://evil.example/">${words}</a>`;
  it.each([
    [
      `${evil('bank')}${evil('.example/pay')}`,
      'bank (https://evil.example/).example/pay (https://evil.example/)',
    ],
    [`bank${evil('.example')}`, 'bank.example (https://evil.example/)'],
    [`<b>https://bank</b>${evil('.example')}`, '<b>https://bank</b>.example (https://evil.example/)'],
    [`${evil('bank')}<i>.example</i>`, 'bank (https://evil.example/)<i>.example</i>'],
    [`${evil('bank')}<img src="https://x.example/1">.example`, 'bank (https://evil.example/).example'],
    [`bank\u200a${evil('\u2009.example')}`, 'bank\u200a\u2009.example (https://evil.example/)'],
    [`bank${evil('.')}example`, 'bank. (https://evil.example/)example'],
  ])('that name another host with what touches them are refused: %s', async (html, shown) => {
    expect(await safe(`<p>at ${html}</p>`)).toBe(`<p>at ${shown}</p>`);
  });

  const shop = (words: string) => `<a href="https://shop.example/" ${link}>${words}</a>`;
  it.each([
    `bank ${shop('.example')}`,
    `bank<br />${shop('.example')}<br />.example`,
    `www.${shop('shop.example')}/x`,
    `bank.example/${shop('shop.example')}`,
    `${shop('here')}: bank.example`,
    `(${shop('here')}|bank.example)`,
    `info@${shop('shop.example')}.`,
    `${shop('here')}. Then ${shop('there')}.`,
  ])('are kept beside what names no host with them: %s', async (html) => {
    expect(await safe(`<div>${html}</div>`)).toBe(`<div>${html}</div>`);
  });

  it.each([
    ['mailto:a@evil.example', 'pay@bank.example', 'pay@bank.example (mailto:a@evil.example)'],
    [
      'mailto:a@evil.example',
      'bank.example/a@evil.example',
      'bank.example/a@evil.example (mailto:a@evil.example)',
    ],
    [
      'mailto:pay@bank.example,a@evil.example',
      'bank.example',
      'bank.example (mailto:pay@bank.example,a@evil.example)',
    ],
    [
      'mailto:pay%40bank.example@evil.example',
      'bank.example',
      'bank.example (mailto:pay%40bank.example@evil.example)',
    ],
  ])('%s whose words name another host is refused: %s', async (href, words, shown) => {
    expect(await safe(`<p><a href="${href}">${words}</a></p>`)).toBe(`<p>${shown}</p>`);
  });

  it.each([
    ['mailto:help@shop.example', 'help@shop.example'],
    ['mailto:help@Shop.example?subject=evil.example', 'Shop.example'],
    ['mailto:help%40shop.example', 'help@shop.example'],
    ['mailto:help@shop.example', 'write to us'],
    ['mailto:ann.li@shop.example', 'ann.li@shop.example'],
    ['mailto:ann.li@shop.example', 'Ann Li &lt;ann.li@shop.example&gt;, Sales'],
    ['tel:+4930123', 'shop.example'],
  ])('%s is kept under the words %s', async (href, words) => {
    expect(await safe(`<a href="${href}">${words}</a>`)).toBe(`<a href="${href}" ${link}>${words}</a>`);
  });

  it.each([
    'https://shop.example/pay',
    'www.shop.example',
    'Shop.Example',
    'invoice.pdf',
    'the 2.500,00 z.B.',
  ])('are kept under the words %s', async (words) => {
    expect(await safe(`<a href="https://shop.example/x">${words}</a>`)).toBe(
      `<a href="https://shop.example/x" ${link}>${words}</a>`,
    );
  });
});

const gap = 'style="padding:2px 8px"';

describe('tables of a mail', () => {
  it.each([
    ['cells side by side are set apart', '<table><tr><td>Lampe &amp; Schirm</td><td>2</td></tr></table>'],
    ['so they are without a row', '<table><td>Lampe &amp; Schirm</td><td>2</table>'],
    ['and in a body without a row', '<table><tbody><td>Lampe &amp; Schirm<td>2</tbody></table>'],
    [
      'whatever else the author said',
      '<table style="position:fixed;opacity:0.5;z-index:9" cellspacing="9" width="1"><tr style="margin:-9px"><td class="x" id="y" align="left" style="padding:0;position:absolute;background:url(x);width:expression(1)">Lampe &amp; Schirm</td><td style="margin-left:-50px;padding:2000px">2</td></tr></table>',
    ],
  ])('%s', async (_, html) => {
    expect(await safe(html)).toBe(
      `<table><tr><td ${gap}>Lampe &amp; Schirm</td> <td ${gap}>2</td></tr></table>`,
    );
  });

  it('all cells of a table are set apart when one row has two, or one cell spans rows', async () => {
    expect(await safe('<table><tr><th>a</th></tr><tr><td>b</td><td>c</td></tr></table>')).toBe(
      `<table><tr><th ${gap}>a</th></tr><tr> <td ${gap}>b</td> <td ${gap}>c</td></tr></table>`,
    );
    expect(await safe('<table><tr><td rowspan="2">a</td></tr><tr><td>b</td></tr></table>')).toBe(
      `<table><tr><td rowspan="2" ${gap}>a</td></tr><tr> <td ${gap}>b</td></tr></table>`,
    );
  });

  it('the frames of a newsletter stay without padding and lines', async () => {
    const html =
      '<table border="0" cellpadding="0"><tr><td width="20">&nbsp;</td><td><table border=0><tr><td style="border:none">a</td></tr><tr><td style="border-bottom:0 solid #333">b</td></tr></table></td><td></td></tr></table>';
    expect(await safe(html)).not.toContain('style');
  });

  it.each([
    ['a border of the table', '<table border="1"><tr><td>a</td></tr></table>', 'border:1px solid #ccc'],
    ['a border without a width', '<table border><tr><td>a</td></tr></table>', 'border:1px solid #ccc'],
    [
      'a border of the cell',
      '<table><tr><td style="BORDER: windowtext 1.0pt solid">a</td></tr></table>',
      'border:1px solid #ccc',
    ],
    [
      'a border in pieces',
      '<table><tr><td style="border-width:1px;border-style:solid;border-color:rgb(204,204,204)">a</td></tr></table>',
      'border:1px solid #ccc',
    ],
    [
      'a border of the sheet',
      '<style>.t td{border:1px solid #999}</style><table class="t"><tr><td>a</td></tr></table>',
      'border:1px solid #ccc',
    ],
    [
      'a line below',
      '<table><tr><td style="border:1px solid #999;border-width:0 0 2px">a</td></tr></table>',
      'border-bottom:1px solid #ccc',
    ],
    [
      'lines above and below',
      '<table><tr><td style="border:none;border-top:1px dotted;border-bottom:thin dashed red">a</td></tr></table>',
      'border-top:1px solid #ccc;border-bottom:1px solid #ccc',
    ],
  ])('%s is drawn', async (_, html, lines) => {
    const [cell] = /<td[^>]*>a/.exec(await safe(html)) ?? [];
    expect(cell).toBe(`<td style="padding:2px 8px;${lines}">a`);
  });

  it('a frame around a table is drawn around it alone, and a line of a row below the row', async () => {
    const html = await safe(
      '<table style="border:1px solid #333"><tr style="border-bottom:1px solid #eee"><td>a</td></tr></table>',
    );
    expect(html).toBe(
      '<table style="border:1px solid #ccc"><tr style="border-bottom:1px solid #ccc"><td>a</td></tr></table>',
    );
  });

  it.each([
    'border:1px solid transparent',
    'border:1px solid #ffffff',
    'border:5px none red',
    'border:0 solid red',
    'border-style:solid;border-width:0',
    'border-collapse:collapse',
    'border-color:red',
    'border:hidden 1px',
    'border-left:inherit',
  ])('%s is no line that anybody saw', async (style) => {
    expect(await safe(`<table><tr><td style="${style}">a</td></tr></table>`)).toBe(
      '<table><tr><td>a</td></tr></table>',
    );
  });

  it.each([
    ['text beside the rows', '<table>loose<tr><td>a</td></tr></table>'],
    ['text beside the cells', '<table><tr>loose<td>a</td></tr></table>'],
    ['an element beside the cells', '<table><tr><div>loose</div><td>a</td></tr></table>'],
    ['a link beside the rows', '<table><a href="https://x.example">loose</a><tr><td>a</td></tr></table>'],
    ['a caption', '<table><caption>loose</caption><tr><td>a</td></tr></table>'],
    ['a table beside the rows', '<table><table><tr><td>loose</td></tr></table><tr><td>a</td></tr></table>'],
  ])('%s stands in a cell, for nothing else is shown of a table', async (_, html) => {
    expect(await safe(html)).toMatch(/^<table>(<tr>( ?<td[^>]*>.*<\/td>)+<\/tr>)+<\/table>$/);
    expect(await safe(html)).toMatch(/loose.*<td[^>]*>a/);
  });

  it('a link ends where a table begins', async () => {
    const html =
      '<a href="https://shop.example/">x<table><tr><td>a<a href="/">b</a></td><td>c</td></tr></table></a>';
    expect(await safe(html)).toBe(
      `<a href="https://shop.example/" ${link}>x</a><table><tr><td ${gap}>ab</td> <td ${gap}>c</td></tr></table>`,
    );
  });

  it('cells outside every table are lines', async () => {
    expect(await safe('<tr><td>a</td><td>b</td></tr>')).toBe('<div><div>a</div><div>b</div></div>');
  });
});

describe('elements that FreeScout does not know', () => {
  it.each([
    ['<section>a</section><address>b</address>', '<div>a</div><div>b</div>'],
    ['<dl><dt>Order</dt><dd>42</dd></dl>', '<div><div>Order</div><div>42</div></div>'],
    ['a<hr>b', 'a<div>________________________________</div>b'],
    ['<li>a</li><li>b</li>', '<div>a</div><div>b</div>'],
    ['<menu><li>a</li></menu>', '<ul><li>a</li></ul>'],
  ])('keep the words of %s apart', async (html, kept) => {
    expect(await safe(html)).toBe(kept);
  });
});

describe('lists of a mail', () => {
  const list = '<ul><li>a</li></ul>';
  it.each([
    [`${list}<div><br></div><div>b</div>`, `${list}<div></div><div>b</div>`],
    [`<div>${list}</div>\n<br>b`, `<div>${list}</div>\nb`],
    [`${list}<p class="MsoNormal"><o:p>&nbsp;</o:p></p><p>b</p>`, `${list}<p></p><p>b</p>`],
    [`${list}<br><br>b`, `${list}<br />b`],
    [`${list}<div>b</div><br>c`, `${list}<div>b</div><br />c`],
    [`<ul><li>x${list}<br>y</li></ul>`, `<ul><li>x${list}<br />y</li></ul>`],
    [
      `<table><tr><td>${list}</td></tr><tr><td><br>b</td></tr></table>`,
      `<table><tr><td>${list}</td></tr><tr> <td><br />b</td></tr></table>`,
    ],
  ])('have no blank line behind the gap that FreeScout leaves: %s', async (html, kept) => {
    expect(await safe(html)).toBe(kept);
  });
});

describe('text as lines', () => {
  it('keeps blank lines, leading spaces and quotes', () => {
    expect(textToHtml('a\n\n  "b"\n')).toBe(
      '<div>a</div><div><br></div><div>&nbsp;&nbsp;&quot;b&quot;</div>',
    );
  });
  it.each([
    ['letters', 'x'],
    ['ampersands', '&'],
    ['lines', '\n&'],
    ['spaces', '  x'],
    ['blank lines', '\n'],
    ['emoji', '😀'],
  ])('bounds what becomes of %s, and says so', (_, text) => {
    const html = textToHtml(`${text.repeat(3_000_000)}x`);
    expect(html.length).toBeLessThan(2_000_200);
    expect(html).toMatch(/<div>\[The rest of this mail .* in the mailbox\.]<\/div>$/);
    expect(html).not.toMatch(/&[a-z]*</);
  });
});

describe('the length of the HTML for FreeScout', () => {
  it.each([
    ['ampersands', '&'],
    ['lines', 'x<br>'],
    ['links', '<a href="https://x.example">x</a>'],
    ['quotation marks in links', '<a href=\'https://x.example/""""""""\'>x</a>'],
    ['cells', '<td>x'],
    ['text alone', 'x'],
    ['emoji alone', '😀'],
    ['ampersands behind letters', 'xyz&'],
    ['cells in tables', '<table border=1><tr><td>x<td>y</table>'],
    ['cells in one table', '<table border=1>', '<tr><td>x<td>y'],
  ])('is bounded for %s, and the end says so', async (_, first, repeated = first) => {
    const written = await safe(first + repeated.repeat(Math.ceil(2_900_000 / repeated.length)));
    expect(written.length).toBeLessThan(3_100_000);
    expect(written).toMatch(
      /<div>\[The rest of this mail is too long to be shown here\. It is in the mailbox\.]<\/div>$/,
    );
  });

  it('is bounded where hardly any room is left', async () => {
    const written = await safe(`${'x'.repeat(1_999_990)}<table>${'y'.repeat(500_000)}</table>`);
    expect(written.length).toBeLessThan(2_000_300);
  });

  it('leaves an ordinary mail whole', async () => {
    const html = '<p>x &amp; y</p>'.repeat(10_000);
    expect(await safe(html)).toBe(html);
  });
});
