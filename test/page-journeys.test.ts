// What readers do with the page, in a real browser, over a real network: one provider of two indexes, one gateway. Each
// state is checked by axe, in light and dark, and its pictures go to tmp/page.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { verifyBundle } from '@tributary/proof';
import { askNode } from '@tributary/relay/local';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { complaintsOf, hasBrowser, launchBrowser } from './page/browser.ts';
import { rewordedReply } from '../packages/proof/test/_whole.ts';
import { grant } from './_network.ts';
import { startPageNetwork, type PageNetwork } from './page/network.ts';

const PICTURES = join(import.meta.dirname, '../tmp/page');
/** All four with TRIBUTARY_PICTURES=all. */
const LOOKS = (
  [
    [1_600, 'light'],
    [390, 'dark'],
    [1_600, 'dark'],
    [390, 'light'],
  ] as const
).slice(0, process.env['TRIBUTARY_PICTURES'] === 'all' ? 4 : 2);
const FLOOD = 'when does the spring flood begin';

describe.skipIf(!hasBrowser)('journeys over the page', () => {
  let network: PageNetwork;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];
  let axe: string;
  const figures: Record<string, number> = {};

  beforeAll(async () => {
    [network, browser] = await Promise.all([startPageNetwork(), launchBrowser()]);
    await mkdir(PICTURES, { recursive: true });
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    context = await browser.newContext({ viewport: { width: 1_600, height: 1_000 }, reducedMotion: 'reduce' });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
    complaints = complaintsOf(page, network.node.url);
  });
  beforeEach(() => void (complaints.length = 0));
  afterAll(async () => {
    await writeFile(join(PICTURES, 'figures.json'), `${JSON.stringify(figures, null, 2)}\n`);
    await browser.close();
    await network.close();
  });

  /** Makes the pictures of a state and checks them: it fits each width, and axe finds nothing, in light and dark. */
  async function picture(name: string): Promise<void> {
    const found: string[] = [];
    for (const [width, colorScheme] of LOOKS) {
      await page.setViewportSize({ width, height: width < 600 ? 844 : 1_000 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.screenshot({ path: join(PICTURES, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
      if (wide > width) found.push(`${name} needs ${wide} pixels of ${width}`);
      await page.evaluate(axe);
      const { violations } = await page.evaluate<AxeResults>("axe.run(document, { resultTypes: ['violations'] })");
      for (const { id, nodes } of violations)
        found.push(`${name} ${width} ${colorScheme}: ${id} at ${nodes[0]!.target.join(' ')}`);
    }
    await page.setViewportSize({ width: 1_600, height: 1_000 });
    expect(found).toEqual([]);
  }

  const ask = async (query: string, index: string) => {
    await page.goto(`${network.node.url}/?q=${encodeURIComponent(query)}&index=${encodeURIComponent(index)}`);
    await page.waitForSelector('text=Press Ask');
    await page.click('#ask button');
  };
  const waiting = async (url: string, act: () => Promise<void>): Promise<Route> => {
    const { promise, resolve } = Promise.withResolvers<Route>();
    await page.route(url, resolve);
    await act();
    return promise;
  };

  test('begins with questions and indexes to choose from', async () => {
    await page.goto(network.node.url);
    await page.waitForSelector('.wallet');
    expect(await page.locator('.card h3').allTextContents()).toEqual(
      expect.arrayContaining(['River handbook: floods, ferries and gauges', 'Birds of the delta']),
    );
    expect(await page.textContent('.cards')).toContain('2 credit a question + 1 a passage');
    expect(await page.locator('.example').count()).toBe(4);
    expect(await page.textContent('.wallet > summary')).toBe('0 credit');
    await picture('start');
  });

  test('without credit it says what is missing, and who can give it', async () => {
    await page.click('text=when does the spring flood begin');
    await page.waitForSelector('.state.credit');
    expect(await page.textContent('#terms')).toContain('Costs at most 7 of your 0 credit.');
    await picture('no-credit');
    await page.click('.snippet .copy');
    const command = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(command).toBe(`tributary credit grant ${network.node.payer} 1000`);
    await grant(network, network.node.payer);
    await page.click('button:text("Try again")');
    await page.waitForSelector('.answer.verified');
    await page.waitForSelector('text=/of your 9,99\\d credit/');
  });

  test('shows that it waits, then a verified answer with its chain, by keyboard', async () => {
    const held = await waiting('**/v1/relay', async () => {
      await page.goto(`${network.node.url}/?q=${encodeURIComponent('how do I read a gauge')}&index=rivers`);
      await page.waitForSelector('text=Press Ask');
      await page.focus('#question');
      await page.keyboard.press('Enter');
    });
    await page.waitForSelector('.loading');
    await picture('loading');
    const began = performance.now();
    await held.continue();
    await page.waitForSelector('.answer.verified');
    figures['answerMs'] = Math.round(performance.now() - began);
    await page.unroute('**/v1/relay');
    expect(await page.evaluate('document.activeElement.id')).toBe('answers');
    await page.keyboard.press('Tab');
    const first = page.locator('.result').first();
    expect(await first.locator('pre code').textContent()).toContain("{\n  throw new Error('the gauge is silent');\n}");
    expect(await first.locator('table td').allTextContents()).toContain('move the boats');
    expect((await first.locator('mark').allTextContents()).map((word) => word.toLowerCase())).toEqual(
      expect.arrayContaining(['gauge', 'read']),
    );
    expect(await first.locator('.text b').count()).toBe(0);
    await picture('answer');
    await first.locator('.chain > summary').focus();
    await page.keyboard.press('Enter');
    const chain = await first.locator('.links').textContent();
    for (const check of [
      'TEXT_COMMITMENT',
      'WRITE_SIGNATURE',
      'ITEM_INCLUSION',
      'CHECKPOINT_SIGNATURE',
      'SCORE',
      'VOUCHER_SIGNATURE',
    ])
      expect(chain).toContain(check);
    expect(chain).toContain(network.provider.keys.owner.did);
    await first.getByRole('button', { name: 'Copy: Signer' }).click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(network.provider.keys.owner.did);
    await page.click('.keys > summary');
    await page.click('.programs > summary');
    await picture('chain');
    expect(complaints).toEqual([]);
  });

  test('keys that the reader has compared can be pinned, and forgotten', async () => {
    await page.click('text=Pin these keys');
    await page.waitForSelector('text=Forget pinned keys');
    await picture('pinned');
    await page.click('text=Forget pinned keys');
    await page.waitForSelector('text=Pin these keys');
  });

  test('a link of a passage says where it leads before it goes there', async () => {
    const first = page.locator('.result').first();
    await first.getByRole('button', { name: 'list of gauges' }).click();
    expect(await first.locator('.address:visible').textContent()).toBe('https://gauges.example/list Open');
    expect(await first.getByRole('link', { name: 'Open', exact: true }).getAttribute('rel')).toBe('noopener noreferrer');
    expect(await first.getByRole('button', { name: 'map' }).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('a passage can be cited, read as it was signed, and asked for by a program', async () => {
    const first = page.locator('.result').first();
    await first.getByRole('button', { name: 'Copy citation' }).click();
    const citation = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(citation).toMatch(
      /handbook\.md, bytes \d+ to \d+\. Index rivers@.* Licence: CC-BY-4\.0\. Signed by did:key:.* Receipt [0-9a-f]{64}\.$/,
    );
    await first.getByRole('button', { name: 'Show as signed' }).click();
    expect(await first.locator('pre.signed').textContent()).toContain('| 4.0 m | warning | move the boats |');
    const curl = (await page.locator('.snippet pre').first().textContent())!;
    const reply = await fetch(`${network.node.url}/v1/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: /-d '(.*)'$/s.exec(curl)![1]!,
    });
    const { proof } = (await reply.json()) as { proof: unknown };
    expect(verifyBundle(proof)).toMatchObject({ ok: true, facts: { query: 'how do I read a gauge' } });
  });

  test('a long passage is folded until somebody wants it', async () => {
    await ask('in which order are the gates closed', 'rivers');
    const text = page.locator('.text.folded').first();
    await text.waitFor();
    await page.locator('.more').first().click();
    expect(await page.locator('.more').first().getAttribute('aria-expanded')).toBe('true');
  });

  test('a proxy that changes an answer turns it red, and nothing of it is shown', async () => {
    await page.route('**/v1/relay', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: rewordedReply(await response.json(), 'April', 'June') });
    });
    await ask(FLOOD, 'rivers');
    await page.waitForSelector('.answer.refused');
    expect(await page.textContent('.verdict h2')).toBe('Refused: RECORD_HASH');
    expect(await page.textContent('main')).not.toContain('June');
    await picture('refused');
    await page.unroute('**/v1/relay');
    await page.click('button:text("Ask again")');
    await page.waitForSelector('.answer.verified');
    expect(await page.textContent('.results')).toContain('April');
  });

  test('several indexes are asked together, and their totals shown', async () => {
    const spent = async () => (await network.node.client.wallet.totals()).spent;
    const before = await spent();
    await ask('the spring flood of the river', '*');
    await page.waitForSelector('.totals');
    expect(await page.textContent('.totals h2')).toBe('2 of 2 indexes answered');
    const cells = await page.locator('.totals tbody td:last-child').allTextContents();
    const charges = cells.map((cell) => Number(/^(\d+) credit$/.exec(cell)![1]));
    const total = charges.reduce((sum, charge) => sum + charge, 0);
    expect(charges).toHaveLength(2);
    expect(charges.every((charge) => charge >= 3)).toBe(true);
    expect(await spent()).toBe(before + BigInt(total));
    expect(await page.textContent('.totals tfoot td:last-child')).toBe(`${total} credit`);
    expect(await page.textContent('#status')).toContain(`paid ${total} credit in all.`);
    expect(await page.locator('.answer.verified').count()).toBe(2);
    await picture('totals');
  });

  test('an index without an answer says so', async () => {
    await ask('lattice gauge theory of quarks', 'birds');
    await page.waitForSelector('.answer .state');
    expect(await page.textContent('.answer .state h3')).toBe('Nothing on this in the index');
    await picture('empty');
    expect(complaints).toEqual([]);
  });

  test('offline it says so, and goes on when it is asked again', async () => {
    await page.goto(`${network.node.url}/?q=${encodeURIComponent(FLOOD)}&index=rivers`);
    await page.waitForSelector('text=Press Ask');
    await context.setOffline(true);
    await page.click('#ask button');
    await page.waitForSelector('.state.offline');
    expect(await page.textContent('#answers .state h2')).toBe('You are offline');
    await picture('offline');
    await context.setOffline(false);
    await page.click('button:text("Try again")');
    await page.waitForSelector('.answer.verified');
  });

  test('a failure has words, a code and a second try', async () => {
    await page.route('**/v1/relay', (route) =>
      route.fulfill({
        status: 503,
        json: { error: { code: 'OVERLOADED', message: 'the provider has no room now', requestId: 'r', retry: true } },
      }),
    );
    await ask(FLOOD, 'rivers');
    await page.waitForSelector('.state.error');
    expect(await page.textContent('#answers .code')).toBe('OVERLOADED');
    await picture('error');
    await page.unroute('**/v1/relay');
    await page.click('button:text("Try again")');
    await page.waitForSelector('.answer.verified');
  });

  test('without an index it says how to serve one; where a key is needed, it asks for it', async () => {
    const dataDirectory = join(network.folder, 'empty');
    const { url } = await network.gateway({ dataDirectory, bootstrap: [] });
    await page.goto(url);
    await page.waitForSelector('#start .state');
    expect(await page.textContent('#start h2')).toBe('No index on offer yet');
    await picture('no-index');
    const terms = { permissions: ['read'], indexes: ['*'], budget: { total: null, perDay: null } };
    await askNode(dataDirectory, 'keyCreate', { name: 'reader', ...terms, rate: null, writer: null, expiresAt: null });
    await page.reload();
    await page.waitForSelector('#key:not([hidden])');
    await picture('key');
  });

  test('is light, and answers as it opens when the page itself leads there', async () => {
    const sizes = await Promise.all(
      ['/', '/assets/page.js', '/assets/page.css'].map(async (path) => {
        const plain = await fetch(network.node.url + path, { headers: { 'accept-encoding': 'gzip' } });
        return Number(plain.headers.get('content-length'));
      }),
    );
    figures['bytes'] = sizes.reduce((sum, size) => sum + size, 0);
    expect(figures['bytes']).toBeLessThan(300_000);
    // From opening the page to a verified answer on it.
    await page.goto(network.node.url);
    const began = performance.now();
    await page.evaluate(`location.assign('/?q=${FLOOD.replaceAll(' ', '+')}&index=rivers')`);
    await page.waitForSelector('.answer.verified');
    figures['firstAnswerMs'] = Math.round(performance.now() - began);
  });
});
