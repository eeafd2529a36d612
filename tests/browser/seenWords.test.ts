import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '#tests/support/chromium.ts';
import { constructs } from '#tests/support/seenConstructs.ts';
import { MailWindow } from '#tests/support/seenInChromium.ts';

let browser: Browser;
let window: MailWindow;

beforeAll(async () => {
  browser = await launchChromium();
  window = await MailWindow.open(browser);
});

afterAll(() => browser?.close());

const isSeen = { apple: true, ghost: true, stone: false, cloud: false } as const;
const words = ['apple', 'ghost', 'stone', 'cloud'] as const;

describe('what the table of constructs says of a mail is what Chromium shows', () => {
  it.each(constructs.map(({ name, html }) => [name, html] as const))('%s', async (_, html) => {
    for (const word of words.filter((one) => html.includes(one))) {
      expect([word, await window.sees(html, word)]).toEqual([word, isSeen[word]]);
    }
  });
});
