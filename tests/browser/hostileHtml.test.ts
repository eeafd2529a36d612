import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { shapeReply } from '#shared/drafts/shapeReply.ts';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { safeHtmlForFreeScout } from '#shared/mail/visible/safeHtml.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { reasoningNote } from '#shared/triage/reasoningNote.ts';
import { launchChromium } from '#tests/support/chromium.ts';
import { hostileHtml } from '#tests/support/hostileHtml.ts';
import { buildMail } from '#tests/support/mailBuilder.ts';
import { seededRandom } from '#tests/support/simulation/seededRandom.ts';

/** A page of the help desk, which has a session that a script could use. */
const address = 'https://desk.example/conversation/3';
const outputsOfOnePage = 250;

/** What stands in a page for the outputs of one kind. */
interface Findings {
  readonly ran: number;
  readonly elements: readonly string[];
  readonly attributes: readonly string[];
  readonly links: readonly string[];
}

const elementsOfMails =
  'A ABBR B BLOCKQUOTE BR CAPTION CODE COL COLGROUP DD DEL DIV DL DT EM H1 H2 H3 H4 H5 H6 HR I INS LI OL P PRE Q S SMALL SPAN STRIKE STRONG SUB SUP TABLE TBODY TD TFOOT TH THEAD TR U UL'.split(
    ' ',
  );
const attributesOfMails = ['href', 'rel', 'target', 'colspan', 'rowspan', 'style'];
const safeSchemes = new Set(['http:', 'https:', 'mailto:', 'tel:']);

let browser: Browser;
let page: Page;
let shown = '';
let requests: string[] = [];

beforeAll(async () => {
  browser = await launchChromium();
  page = await browser.newPage();
  await page.route('**/*', (route) => {
    const url = route.request().url();
    if (url === address) {
      return route.fulfill({ contentType: 'text/html; charset=utf-8', body: shown });
    }
    requests.push(url);
    return route.abort();
  });
});

beforeEach(() => {
  requests = [];
});

afterAll(() => browser?.close());

/** Shows fragments as FreeScout does, each in a box of its own, moves over all of them and says what came of it. */
async function findingsIn(fragments: readonly string[]): Promise<Findings> {
  shown = `<!doctype html><body><script>window.times=0;function ran(){window.times+=1}</script>${fragments.map((html) => `<div class=box>${html}</div>`).join('')}`;
  await page.goto(address, { waitUntil: 'load' });
  return page.evaluate<Findings>(`(async () => {
    const all = [...document.querySelectorAll('.box *')];
    for (const element of all) {
      for (const kind of ['pointerover', 'mouseover', 'mouseenter', 'focus', 'toggle', 'animationstart']) {
        element.dispatchEvent(new Event(kind));
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    return {
      ran: window.times,
      elements: [...new Set(all.map(({ tagName }) => tagName))],
      attributes: [...new Set(all.flatMap((element) => element.getAttributeNames()))],
      links: [...document.links].map(({ protocol }) => protocol),
    };
  })()`);
}

async function expectHarmless(
  outputs: readonly string[],
  allowed: { readonly elements: readonly string[]; readonly attributes: readonly string[] },
): Promise<void> {
  for (let from = 0; from < outputs.length; from += outputsOfOnePage) {
    const fragments = outputs.slice(from, from + outputsOfOnePage);
    const { ran, elements, attributes, links } = await findingsIn(fragments);
    expect(ran, `a script ran among outputs ${from} to ${from + fragments.length}`).toBe(0);
    expect(elements.filter((name) => !allowed.elements.includes(name))).toEqual([]);
    expect(attributes.filter((name) => !allowed.attributes.includes(name))).toEqual([]);
    expect(links.filter((protocol) => !safeSchemes.has(protocol))).toEqual([]);
  }
  expect(requests).toEqual([]);
  expect(new URL(page.url()).href).toBe(address);
}

describe('hostile HTML', () => {
  const corpus = hostileHtml(seededRandom(13));

  it('runs scripts when nobody makes it safe', async () => {
    let ran = 0;
    for (const html of corpus.slice(0, 60)) {
      ran += (await findingsIn([html])).ran;
    }
    expect(ran).toBeGreaterThan(10);
  });

  it('in a mail shows words alone to the agent', async () => {
    const mail = await parseMail(buildMail({ 'Content-Type': 'text/html; charset=utf-8' }, '<p>x</p>'));
    const outputs = corpus.map((html) => safeHtmlForFreeScout({ ...mail, html }));
    await expectHarmless(outputs, { elements: elementsOfMails, attributes: attributesOfMails });
  });

  it('in a plain text stays text', async () => {
    const mail = await parseMail(buildMail());
    const outputs = corpus.map((text) => safeHtmlForFreeScout({ ...mail, html: null, text }));
    await expectHarmless(outputs, { elements: ['DIV', 'BR'], attributes: [] });
  });

  it('of the model stays text in a draft', async () => {
    const outputs = corpus.flatMap((text) => {
      const shaped = shapeReply(
        {
          language: 'en',
          blocks: [
            { kind: 'paragraph', text: `${text} and [words](javascript:ran())` },
            { kind: 'list', items: [text, `[${text}](https://shop.example/)`] },
          ],
        },
        { expectedLanguage: '', allowedHosts: new Set(['shop.example']) },
      );
      return shaped.outcome === 'usable' ? [shaped.html] : [];
    });
    expect(outputs.length).toBeGreaterThan(corpus.length / 2);
    await expectHarmless(outputs, {
      elements: ['DIV', 'P', 'BR', 'UL', 'OL', 'LI', 'A', 'B', 'I', 'STRONG', 'EM'],
      attributes: ['href', 'rel', 'target'],
    });
  });

  it('of the model stays text in a note', async () => {
    const { thresholds } = parseSettings({});
    const outputs = corpus.map((text) =>
      reasoningNote(
        {
          ...{ type: 'customer', importance: 9, sentiment: 'angry', language: text, needsReply: true },
          ...{ reasoning: text, facts: [text], uncertainties: [text], escalationReason: text },
          escalationWords: [text],
          promptVersion: 'triage-2',
        },
        thresholds,
        [text],
      ),
    );
    await expectHarmless(outputs, { elements: ['DIV', 'BR'], attributes: [] });
  });
});
