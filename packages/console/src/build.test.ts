import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { buildPage } from './build.ts';

/** What a reader's browser loads, compressed, in bytes. Pages of this kind load in about a second over a slow line. */
const PAGE_BYTES_MAX = 300_000;

test('the page is one document, one module and one style sheet, and light', async () => {
  const page = await buildPage();
  expect(page.html).toContain('<script type="module" src="/assets/page.js">');
  // Booleans, because a failure would print the whole page.
  expect(/(?:^|[;}])import\s*["'{*]/.test(page.js)).toBe(false);
  expect(page.css.includes('@import')).toBe(false);
  const bytes = Object.values(page).reduce((sum: number, text: string) => sum + gzipSync(text).length, 0);
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(PAGE_BYTES_MAX);
  expect(await buildPage()).toBe(page);
}, 30_000);
