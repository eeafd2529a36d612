import type { Browser, Page } from 'playwright-core';

/** The window of an agent's screen, about. What lies to the right of it is not seen. */
const viewport = { width: 1_000, height: 700 };
const address = 'https://mail.example/';

/** The picture `x.png` of every mail; others cannot be loaded. */
const blackPixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
  'base64',
);

/** What differs less than this on all of its points is not read; see `isNear` in cssColours.ts. */
const readableContrast = 12;
/** Pixels across and down that the smallest readable letters take. */
const readableSize = 3;

/** Shows mails in Chromium, without scripts, as every mail program does, and tells which of their words can be seen. */
export class MailWindow {
  readonly #page: Page;
  /** Has scripts: compares pictures. */
  readonly #bench: Page;
  #shown = '';

  private constructor(page: Page, bench: Page) {
    this.#page = page;
    this.#bench = bench;
  }

  static async open(browser: Browser): Promise<MailWindow> {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport });
    const window = new MailWindow(await context.newPage(), await browser.newPage());
    await context.route('**/*', (route) =>
      route.request().url() === address
        ? route.fulfill({ contentType: 'text/html; charset=utf-8', body: window.#shown })
        : route.request().url() === `${address}x.png`
          ? route.fulfill({ contentType: 'image/png', body: blackPixel })
          : route.abort(),
    );
    return window;
  }

  /**
   * Whether a reader of the mail sees the word: the picture of the page changes with the letters of the word.
   *
   * @param word of different letters
   */
  async sees(html: string, word: string): Promise<boolean> {
    const backwards = [...word].reverse().join('');
    const [forwards, other] = [
      await this.#picture(html),
      await this.#picture(html.replaceAll(word, backwards)),
    ];
    if (forwards === other) {
      return false;
    }
    const given = JSON.stringify([forwards, other, readableContrast, readableSize]);
    return this.#bench.evaluate<boolean>(`(${differ})(${given})`);
  }

  /** A picture of the page from its top to its end, as base64. */
  async #picture(html: string): Promise<string> {
    // Letters of one word take the same room in any order.
    this.#shown = `<!doctype html><style>:where(*){font-kerning:none}</style>${html}`;
    await this.#page.goto(address);
    return (await this.#page.screenshot({ fullPage: true })).toString('base64');
  }
}

/** Runs in the browser, so it is text: TypeScript's checks of this project know no browser. */
const differ = `async ([one, other, contrast, size]) => {
  const pixels = async (png) => {
    const picture = await createImageBitmap(await (await fetch('data:image/png;base64,' + png)).blob());
    const width = Math.min(${viewport.width}, picture.width);
    const context = new OffscreenCanvas(width, picture.height).getContext('2d');
    context.drawImage(picture, 0, 0);
    return { width, height: picture.height, data: context.getImageData(0, 0, width, picture.height).data };
  };
  const [a, b] = [await pixels(one), await pixels(other)];
  const height = Math.min(a.height, b.height);
  let [left, right, top, bottom] = [a.width, -1, height, -1];
  for (let at = 0; at < a.width * height; at++) {
    const isOther = [0, 1, 2].some((channel) => Math.abs(a.data[4 * at + channel] - b.data[4 * at + channel]) > contrast);
    if (isOther) {
      const [x, y] = [at % a.width, Math.floor(at / a.width)];
      [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
    }
  }
  return right - left >= size && bottom - top >= size;
}`;
