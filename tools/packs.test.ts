// What `npm run packs` writes into tarballs.
import { expect, test } from 'vitest';
import { publishedManifest } from './packs/manifest.ts';
import { withCompiledNames } from './packs/stage.ts';

const shared = { version: '1.2.3', description: 'A package', license: 'Apache-2.0', private: true };
const versions = new Map([['@tributary/schemas', '1.2.3']]);

test('a published manifest names compiled files and versions, and nothing for tests', () => {
  const published = publishedManifest(
    {
      ...shared,
      name: '@tributary/proof',
      sideEffects: ['./src/loud.ts'],
      bin: { prove: './src/main.ts' },
      imports: { '#crypto': { node: './src/node.ts', default: './src/browser.ts' } },
      exports: { '.': './src/index.ts', './testing': './src/testing.ts' },
      dependencies: { '@tributary/schemas': 'workspace:*', zod: '4.0.0' },
    },
    versions,
  );
  expect(published).toEqual({
    ...shared,
    private: undefined,
    name: '@tributary/proof',
    engines: { node: expect.any(String) },
    sideEffects: ['./dist/loud.js'],
    bin: { prove: './dist/main.js' },
    imports: { '#crypto': { node: './dist/node.js', default: './dist/browser.js' } },
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
    files: ['dist'],
    dependencies: { '@tributary/schemas': '1.2.3', zod: '4.0.0' },
  });
});

test('a public package cannot depend on one that is not', () => {
  const bench = { ...shared, name: '@tributary/cli', dependencies: { '@tributary/bench': 'workspace:*' } };
  expect(() => publishedManifest(bench, versions)).toThrow('@tributary/bench is no public package');
});

test('texts that name a module of the package name the compiled one; others stay', () => {
  const there = new Set(['./worker.js', '../main.js', 'page/main.js']);
  const renamed = (text: string) => withCompiledNames(text, (path) => there.has(path));
  expect(renamed("new URL('./worker.ts', import.meta.url)")).toBe("new URL('./worker.js', import.meta.url)");
  expect(renamed("import { a } from '../main.ts';")).toBe("import { a } from '../main.js';");
  expect(renamed("entry('page/main.ts')")).toBe("entry('page/main.js')");
  expect(renamed("['.ts', './other.ts', 'notes.ts.md']")).toBe("['.ts', './other.ts', 'notes.ts.md']");
});
