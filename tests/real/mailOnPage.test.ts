import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isCustomerMessage } from '#shared/freescout/model.ts';
import { type FreeScoutTrial, startTrial } from './freescoutTrial.ts';

let trial: FreeScoutTrial;

beforeAll(async () => {
  trial = await startTrial();
});

afterAll(() => trial.end());

/** The mail as the agent sees it. */
async function opened(thread: string) {
  const { id } = await trial.conversation(thread);
  await trial.open(id);
  return trial.page.locator('.thread-type-customer .thread-body');
}

describe('a mail on FreeScout’s page', () => {
  it('shows the cells of a table apart', async () => {
    await trial.customerWrites({
      thread: 'table',
      html: '<table><tr><td>Lampe &amp; Schirm</td><td>2</td></tr><tr><td>Birne</td><td>10</td></tr></table>',
    });
    const cells = (await opened('table')).locator('td');
    expect(await cells.allInnerTexts()).toEqual(['Lampe & Schirm', '2', 'Birne', '10']);
    const words = await trial.page.evaluate<readonly { left: number; right: number }[]>(
      `[...document.querySelectorAll('.thread-type-customer .thread-body td')].map((cell) => {
        const range = document.createRange();
        range.selectNodeContents(cell);
        const { left, right } = range.getBoundingClientRect();
        return { left, right };
      })`,
    );
    const gap = (words[1]?.left ?? 0) - (words[0]?.right ?? 0);
    expect(gap).toBeGreaterThanOrEqual(8);
  });

  it('has a list with one gap behind it', async () => {
    await trial.customerWrites({
      thread: 'list',
      html: '<p>Two things:</p><ul><li>One</li><li>Two</li></ul><br><div>Thanks</div>',
    });
    const body = await opened('list');
    const list = await body.locator('ul').boundingBox();
    const behind = await body.locator('div', { hasText: 'Thanks' }).last().boundingBox();
    const gap = (behind?.y ?? 0) - ((list?.y ?? 0) + (list?.height ?? 0));
    expect(gap).toBeGreaterThan(0);
    expect(gap).toBeLessThan(behind?.height ?? 0);
  });

  it('has no link into the help desk, none without words, none under the name of another host', async () => {
    await trial.customerWrites({
      thread: 'links',
      html: `
        <p><a href="/mailbox/1/settings">one</a> <a href="https:conversation/3">two</a> <a href="//desk.test/x">three</a>
        <a href="https://customer.test/a">four</a> <a href="mailto:nina@customer.test">five</a> <a href="tel:+4930123">six</a>
        <a href="https://evil.test/pay"></a> <a href="https://evil.test/pay">customer.test/pay</a>
        <a href="jav&#9;ascript:alert(1)">seven</a> <a href="conversation/3">eight</a></p>`,
    });
    const body = await opened('links');
    const page = new URL(trial.variables.CSM_TRIAL_FREESCOUT_URL);
    const targets = await trial.page.evaluate<readonly { words: string; href: string }[]>(
      `[...document.querySelectorAll('.thread-type-customer .thread-body a')].map((link) => ({
        words: link.textContent.trim(),
        href: link.href,
      }))`,
    );
    expect(targets.filter(({ href }) => new URL(href).host === page.host)).toEqual([]);
    expect(targets.filter(({ words }) => words === '' || words.startsWith('customer.test'))).toEqual([]);
    expect(targets).toEqual(
      expect.arrayContaining([
        { words: 'four', href: 'https://customer.test/a' },
        { words: 'five', href: 'mailto:nina@customer.test' },
        { words: 'six', href: 'tel:+4930123' },
      ]),
    );
    const shown = await body.innerText();
    for (const words of ['one', 'two', 'three', 'seven', 'eight', 'customer.test/pay']) {
      expect(shown).toContain(words);
    }
  });

  it('has fifty attachments, and names the others', async () => {
    await trial.customerWrites({ thread: 'files', text: 'Here they are.', attachments: 52 });
    // FreeScout stores the message before its files.
    const { threads } = await trial.conversation('files', (read) =>
      read.threads.some(({ attachmentNames }) => attachmentNames.length >= 50),
    );
    const message = threads.find(isCustomerMessage);
    expect(message?.attachmentNames).toHaveLength(50);
    const shown = await (await opened('files')).innerText();
    expect(shown.match(/left in the mailbox, more than 50: file-\d+/g)).toEqual([
      'left in the mailbox, more than 50: file-51',
      'left in the mailbox, more than 50: file-52',
    ]);
  });
});
