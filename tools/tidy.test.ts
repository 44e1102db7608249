// The rules of the tree as tests: `npm run check` and `npm test` both run them. planted.test.ts shows that each can
// fail.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorCatalogue, guarantees, limitCatalogue, specVectors } from './catalogue-rules.ts';
import { browserSafe, importArrows, packageArrows } from './package-rules.ts';
import { cycles, folderSize, siblingFolders } from './structure-rules.ts';
import { fileLength, leftovers, links, production, textWidth } from './text-rules.ts';
import { openTree } from './tree.ts';

const tree = openTree(join(import.meta.dirname, '..'));

test('the tree has the files that the rules check', () => {
  expect(tree.files).toContain('package.json');
  expect(tree.files.filter((file) => /^packages\/[^/]+\/src\/index\.ts$/.test(file)).length).toBeGreaterThanOrEqual(6);
});

test.each([
  ['packages depend only downward', packageArrows],
  ['sources import only downward, by the entries of a package', importArrows],
  ['schemas, proof and console run in browsers', browserSafe],
  ['no file imports itself, not even by types', cycles],
  ['folders side by side do not import each other', siblingFolders],
  ['no folder has more than 20 source files', folderSize],
  ['source files are short', fileLength],
  ['lines of pages and comments are at most 120 characters wide', textWidth],
  ['nothing focused, unfinished or silenced is left', leftovers],
  ['files speak of the product only', production],
  ['every relative link of a page leads somewhere', links],
  ['docs/errors.md and the error codes are the same list', errorCatalogue],
  ['docs/limits.md and the limits are the same list', limitCatalogue],
  ['each promise of docs/guarantees.md has a mechanism, a test that is there, and a figure', guarantees],
])('%s', async (_name, rule) => {
  expect(await rule(tree)).toEqual([]);
});

test('every page of docs/spec has its vectors in schemas/vectors', (context) => {
  const { expected, present, violations } = specVectors(tree);
  if (present.length === 0) context.skip(`no vectors yet; expected: ${expected.join(', ') || 'none named'}`);
  expect(violations).toEqual([]);
});
