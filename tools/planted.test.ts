// Tests the tests: each tool and each rule must refuse its planted violation, and nothing sound.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { errorCatalogue, guarantees, limitCatalogue, specVectors } from './catalogue-rules.ts';
import { browserSafe, importArrows, packageArrows } from './package-rules.ts';
import { plant } from './planted.ts';
import { cycles, folderSize, siblingFolders } from './structure-rules.ts';
import { fileLength, leftovers, links, production, textWidth } from './text-rules.ts';
import { openTree } from './tree.ts';

const root = join(import.meta.dirname, '..');
const { folder, remove } = plant(root);
const tree = openTree(folder);
afterAll(remove);

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

async function tool(name: string, ...args: string[]): Promise<Outcome> {
  const child = spawn(join(root, 'node_modules', '.bin', name), args, {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  let output = '';
  child.stdout.on('data', (part: Buffer) => (output += part.toString()));
  child.stderr.on('data', (part: Buffer) => (output += part.toString()));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return { code, output };
}

test('oxfmt refuses unformatted source', async () => {
  const { code, output } = await tool('oxfmt', '--check', '.');
  expect(code).not.toBe(0);
  expect(output).toContain('packages/proof/src/unformatted.ts');
  expect(output).not.toContain('sound.ts');
});

test('oxlint refuses each planted mistake by its rule, and leaves sound steps alone', async () => {
  const { code, output } = await tool('oxlint', '--type-aware', '--deny-warnings', '--format=unix', '.');
  expect(code).not.toBe(0);
  for (const [file, rule] of [
    ['packages/proof/src/floating.ts', 'no-floating-promises'],
    ['packages/proof/src/misused.ts', 'no-misused-promises'],
    ['packages/proof/src/circle-a.ts', 'no-cycle'],
    ['packages/proof/src/default.ts', 'no-default-export'],
    ['packages/proof/src/long.ts', 'max-lines-per-function'],
    ['packages/proof/src/any.ts', 'no-explicit-any'],
    ['packages/proof/src/prints.ts', 'no-console'],
    ['packages/store/src/ingest/embed.ts', 'no-restricted-imports'],
    ['packages/store/src/search/load.ts', 'no-restricted-imports'],
  ]) {
    expect(output).toMatch(new RegExp(`^${file}:.*${rule}`, 'm'));
  }
  expect(output).not.toMatch(
    /^(?:packages\/proof\/src\/sound|packages\/store\/src\/ingest\/(?:split|ingest)|vitest\.config)\.ts:/m,
  );
});

test('tsc refuses a wrong type', async () => {
  const { code, output } = await tool('tsc', '-p', '.');
  expect(code).not.toBe(0);
  expect(output).toMatch(/^packages\/proof\/src\/types\.ts.*TS2322/m);
  expect(output).not.toMatch(/^packages\/proof\/src\/sound\.ts/m);
});

test('knip refuses a file that nobody uses', async () => {
  const { code, output } = await tool('knip', '--no-progress');
  expect(code).not.toBe(0);
  expect(output).toContain('packages/client/src/dead.ts');
  expect(output).not.toMatch(/sound\.ts|tested\.ts/);
});

test('knip refuses a file that only tests use', async () => {
  const { code, output } = await tool('knip', '--no-progress', '--production', '--include', 'files,exports,types');
  expect(code).not.toBe(0);
  expect(output).toContain('packages/client/src/tested.ts');
  expect(output).not.toContain('sound.ts');
});

test('packages may not depend upward', () => {
  expect(packageArrows(tree)).toEqual(['packages/store/package.json: may not depend on @tributary/client']);
});

test('sources may not import upward, nor past the entries of a package', () => {
  expect(importArrows(tree)).toEqual([
    'packages/store/src/deep.ts: imports @tributary/proof/src/sound.ts, not an entry of the package',
    'packages/store/src/deep.ts: imports ../../proof/src/types.ts, a path out of its package',
    'packages/store/src/index.ts: imports @tributary/client against the arrow',
  ]);
});

test('browser packages may not use Node, except in the one file for it', () => {
  expect(browserSafe(tree).map((violation) => violation.split(':')[0])).toEqual([
    'packages/proof/src/node-global.ts',
    'packages/proof/src/node-module.ts',
  ]);
});

test('cycles, of types too, are refused, and folders that import each other or hold too much', () => {
  const src = 'packages/proof/src';
  expect(cycles(tree)).toEqual([
    `${src}/circle-a.ts: imports itself by way of ${src}/circle-b.ts`,
    `${src}/types-a.ts: imports itself by way of ${src}/types-b.ts`,
  ]);
  expect(siblingFolders(tree)).toEqual([
    `${src}/rooms/left and ${src}/rooms/right import each other: ${src}/rooms/left/a.ts and ${src}/rooms/right/c.ts`,
  ]);
  expect(folderSize(tree)).toEqual(['packages/client/src/crowd: 21 files, more than 20; make rooms']);
});

test('long files, focused tests, unfinished work, silenced checks are refused', () => {
  expect(fileLength(tree)).toEqual([expect.stringContaining('packages/proof/src/lengthy.ts: 301 lines')]);
  expect(leftovers(tree).map((violation) => violation.split(':')[0])).toEqual([
    'packages/proof/src/focused.test.ts',
    'packages/proof/src/silenced.ts',
    'packages/proof/src/unfinished.ts',
  ]);
});

test('wide lines of pages and comments are refused; tables, code and links are not', () => {
  expect(textWidth(tree).map((violation) => violation.split(': ')[0])).toEqual([
    'docs/wide.md:1',
    'docs/wide.md:13',
    'packages/proof/src/wide.ts:1',
    'packages/proof/src/wide.ts:3',
  ]);
});

test('pages about their own making and broken links are refused', () => {
  expect(production(tree)).toEqual([expect.stringContaining('docs/maker.md:1'), expect.stringContaining('docs/merge.md:1')]);
  expect(links(tree)).toEqual(['docs/links.md: link nowhere.md leads nowhere', 'docs/links.md: link #missing leads nowhere']);
});

test('an error code without its row, a row without its code, a row under the wrong package are refused', async () => {
  const found = await errorCatalogue(tree);
  expect(found).toHaveLength(3);
  for (const code of ['UNDOCUMENTED', 'MOVED', 'STRANGER']) expect(found).toContainEqual(expect.stringContaining(code));
});

test('a limit without its row, a row without its limit, a row with another value are refused', async () => {
  const found = await limitCatalogue(tree);
  expect(found).toHaveLength(3);
  for (const name of ['undocumentedMs', 'driftedBytes', 'strangerMax'])
    expect(found).toContainEqual(expect.stringContaining(name));
});

test('a format page without vectors, a missing vector file, a stray one are refused', () => {
  const { violations } = specVectors(tree);
  expect(violations).toHaveLength(3);
  for (const name of ['d.md', 'vectors/b.json', 'vectors/stray.json'])
    expect(violations).toContainEqual(expect.stringContaining(name));
});

test('the rule of guarantees refuses a promise without a test, and one whose test is not there', () => {
  expect(guarantees(tree)).toEqual([
    'docs/guarantees.md: "bare" has no test',
    'docs/guarantees.md: "bare" names no test file',
    'docs/guarantees.md: there is no packages/proof/src/gone.test.ts',
  ]);
});
