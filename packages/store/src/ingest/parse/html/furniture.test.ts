import { describe, expect, it } from 'vitest';

import { readHtml } from './html.ts';

const textOf = (html: string): string => readHtml(`<!doctype html><title>T</title>${html}<p>Kept.</p>`).text;

describe('the parts around the text of a page', () => {
  it.each([
    [
      'navigation',
      '<nav>Home</nav><div role="navigation">Home</div><ul class="breadcrumb other"><li>Home</li></ul><div id="toc">1</div>',
    ],
    [
      'the header and footer of the page',
      '<header><a>Site</a></header><footer>Imprint</footer><div role=contentinfo>Imprint</div>',
    ],
    [
      'hidden elements',
      '<p hidden>x</p><p aria-hidden="true">x</p><p style="color:red; display: none">x</p><div id="catlinks">Categories</div>',
    ],
    ['hidden categories of MediaWiki', '<div class="mw-hidden-catlinks mw-hidden-cats-hidden">Hidden categories: x</div>'],
    [
      'consent banners',
      '<div id="cookie-banner">We use cookies</div><section class="x gdpr-consent-popup">OK?</section><div role=dialog>OK?</div>',
    ],
    ['skip links', '<a class="skip-link" href="#main">Skip to content</a>'],
  ])('%s are left out', (_, html) => {
    expect(textOf(html)).toBe('Kept.');
  });

  it('edit and anchor links are not part of a heading', () => {
    const heading = '<h2>Floods<a class="headerlink">¶</a><span class="mw-editsection plain">[edit]</span></h2>';
    expect(readHtml(heading).blocks[0]?.heading).toBe('Floods');
  });

  it.each([
    [
      'of an article',
      '<article><header>By Ann</header><p>Text</p><footer>Sources</footer></article>',
      'By Ann\n\nText\n\nSources',
    ],
    ['that has the only first-level heading', '<header><h1>Floods</h1></header>', 'Floods'],
  ])('a header or footer %s stays', (_, html, text) => {
    expect(textOf(html)).toBe(`${text}\n\nKept.`);
  });

  it('words about cookies stay', () => {
    expect(textOf('<p class="cookie-recipes">Bake cookies.</p><p id=consent>Consent in law.</p>')).toContain(
      'Bake cookies.\n\nConsent in law.',
    );
  });
});
