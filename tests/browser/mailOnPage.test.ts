import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shapeReply } from '#shared/drafts/shapeReply.ts';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { safeHtmlForFreeScout } from '#shared/mail/visible/safeHtml.ts';
import { launchChromium } from '#tests/support/chromium.ts';
import { buildMail } from '#tests/support/mailBuilder.ts';

/** What FreeScout's style sheets say of the elements of a message (core 1.8.235). */
const freescoutStyle =
  '.thread{color:#253540;font:14px/1.45em Arial,sans-serif} table{border-spacing:0;border-collapse:collapse} td,th{padding:0}' +
  ' p{margin:0 0 10px} ul,ol{margin-top:0;margin-bottom:10px} blockquote{padding:0 13px;margin:0}';
const line = 20;
const address = 'https://desk.example/conversation/3';

let browser: Browser;
let page: Page;
let shown = '';

beforeAll(async () => {
  browser = await launchChromium();
  page = await browser.newPage({ viewport: { width: 1_000, height: 700 } });
  await page.route('**/*', (route) =>
    route.fulfill({ contentType: 'text/html; charset=utf-8', body: shown }),
  );
});

afterAll(() => browser?.close());

async function show(body: string, direction = 'ltr'): Promise<void> {
  shown = `<!doctype html><html dir="${direction}"><style>${freescoutStyle}</style><div class="thread">${body}</div></html>`;
  await page.goto(address);
}

async function safe(html: string): Promise<string> {
  return safeHtmlForFreeScout(
    await parseMail(buildMail({ 'Content-Type': 'text/html; charset=utf-8' }, html)),
  );
}

/** Where the words in a `<span>` stand on the page. */
async function boxOf(words: string) {
  const box = await page.locator('span', { hasText: words }).boundingBox();
  if (box === null) {
    throw new Error(`"${words}" cannot be seen.`);
  }
  return { left: box.x, right: box.x + box.width, top: box.y, bottom: box.y + box.height };
}

async function gapBetween(one: string, other: string): Promise<number> {
  const [first, second] = [await boxOf(one), await boxOf(other)];
  return Math.max(second.left - first.right, first.left - second.right);
}

const tables: readonly (readonly [name: string, html: string])[] = [
  ['without a style', '<table><tr><td><span>Lampe</span></td><td><span>2</span></td></tr></table>'],
  [
    'without padding',
    '<table cellpadding="0"><tr><td style="padding:0"><span>Lampe</span></td><td style="padding:0"><span>2</span></td></tr></table>',
  ],
  ['without rows', '<table><td><span>Lampe</span><td><span>2</span></table>'],
  [
    'with a border',
    '<table border="1" cellpadding="5"><tr><td><span>Lampe</span></td><td align="right"><span>2</span></td></tr></table>',
  ],
  [
    'whose cell spans rows',
    '<table><tr><td rowspan="2"><span>Lampe</span></td></tr><tr><td><span>2</span></td></tr></table>',
  ],
  [
    'in a table',
    '<table><tr><td><table><tr><td><span>Lampe</span></td></tr></table></td><td><table><tr><td><span>2</span></td></tr></table></td></tr></table>',
  ],
  [
    'that pulls its cells over each other',
    '<table><tr><td style="position:absolute;left:8px"><span>Lampe</span></td><td style="position:absolute;left:8px;margin-left:-20px"><span>2</span></td></tr></table>',
  ],
];

describe('a table of a mail on FreeScout’s page', () => {
  it.each(tables)('%s has a gap between its cells', async (_, html) => {
    for (const direction of ['ltr', 'rtl']) {
      await show(await safe(html), direction);
      expect(await gapBetween('Lampe', '2')).toBeGreaterThanOrEqual(8);
    }
  });

  it('would have none without the padding that each cell carries', async () => {
    const html = await safe(
      '<table cellpadding="5"><tr><td><span>Lampe</span></td><td><span>2</span></td></tr></table>',
    );
    await show(html.replace(/ style="[^"]*"/g, ''));
    expect(await gapBetween('Lampe', '2')).toBeLessThan(1);
  });

  it('has the lines that its author drew, and a newsletter’s frames have none', async () => {
    const linesOf = () =>
      page.evaluate<string[]>(
        "[...document.querySelectorAll('td')].map((cell) => getComputedStyle(cell).borderBottomWidth)",
      );
    await show(
      await safe(
        '<table><tr><td style="border-bottom:1px solid #333">a</td><td style="border:solid windowtext 1.0pt">b</td></tr></table>',
      ),
    );
    expect(await linesOf()).toEqual(['1px', '1px']);
    await show(
      await safe(
        '<table border="0"><tr><td><table><tr><td>a</td><td style="border:none">b</td></tr></table></td></tr></table>',
      ),
    );
    expect(await linesOf()).toEqual(['0px', '0px', '0px']);
  });
});

describe('what follows a list on FreeScout’s page', () => {
  const list = '<ul><li>one</li><li><span>two</span></li></ul>';
  const gap = async () => (await boxOf('then')).top - (await boxOf('two')).bottom;

  it.each([
    ['a blank line', `${list}<div><br></div><div><span>then</span></div>`],
    ['a blank paragraph', `${list}<p class="MsoNormal"><o:p>&nbsp;</o:p></p><p><span>then</span></p>`],
    ['a line break', `<div>${list}</div><br><span>then</span>`],
    ['nothing', `${list}<div><span>then</span></div>`],
  ])('in a mail, with %s between, is one gap away', async (_, html) => {
    await show(await safe(html));
    expect(await gap()).toBeGreaterThan(5);
    expect(await gap()).toBeLessThan(line);
  });

  it('in a draft is one gap away', async () => {
    const reply = shapeReply(
      {
        language: 'en',
        blocks: [
          { kind: 'list', items: ['one', 'two'] },
          { kind: 'paragraph', text: 'then' },
        ],
      },
      { expectedLanguage: 'en', allowedHosts: new Set() },
    );
    const html = reply.outcome === 'usable' ? reply.html : reply.reason;
    await show(html.replace(/two|then/g, '<span>$&</span>'));
    expect(await gap()).toBeGreaterThan(5);
    expect(await gap()).toBeLessThan(line);
  });

  it('would be further away behind a blank line', async () => {
    await show(`${list}<div><br></div><div><span>then</span></div>`);
    expect(await gap()).toBeGreaterThan(line);
  });
});

describe('the links of a mail on FreeScout’s page', () => {
  it('lead nowhere in the help desk', async () => {
    const hrefs = [
      ...[
        '/mailbox/1',
        'mailbox/1',
        '?x',
        '#x',
        '',
        'https:conversation/4',
        'https:/conversation/4',
        '//desk.example/4',
      ],
      ...[
        'HTTPS:../4',
        'https:\\\\conversation',
        'ht&#9;tps:conversation/4',
        'javascript:location="/4"',
        '\\\\4',
      ],
      ...['https://shop.example/', 'mailto:help@shop.example', 'tel:+4917012345'],
    ];
    await show(await safe(hrefs.map((href) => `<p><a href="${href}">words</a></p>`).join('')));
    const found = await page.evaluate<string[]>('[...document.links].map(({ href }) => href)');
    expect(found).toEqual(['https://shop.example/', 'mailto:help@shop.example', 'tel:+4917012345']);
    expect(await page.getByText('words').count()).toBe(hrefs.length);
  });
});
