// Which package may import which, and which must run in a browser.
import { posix } from 'node:path';
import { importsOf, isSource, withoutComments, type Tree, type Violation } from './tree.ts';

/** The shipped embedding model: a package of files. */
const MODEL = 'bge-small-en-v1.5';

/**
 * `schemas <- proof <- store, client <- relay <- cli, console, bench, simulation`; Node processes use `runtime`, and
 * the relay serves the console's page.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  schemas: [],
  'packages/runtime': ['schemas'],
  'packages/proof': ['schemas'],
  'packages/screen': [],
  'packages/store': ['schemas', 'proof', 'runtime', 'screen'],
  'packages/client': ['schemas', 'proof', 'runtime'],
  'packages/mcp': ['schemas', 'proof', 'client', 'screen'],
  'packages/console': ['schemas', 'proof', 'client'],
  'packages/relay': ['schemas', 'proof', 'runtime', 'store', 'client', 'console', 'mcp', 'screen'],
  'packages/cli': ['schemas', 'proof', 'runtime', 'store', 'client', 'mcp', 'relay', 'console', MODEL],
  bench: ['schemas', 'proof', 'runtime', 'store', 'client', 'relay', 'console', 'mcp', 'screen', 'cli'],
  simulation: ['schemas', 'proof', 'runtime', 'store', 'client', 'relay'],
};

/** Besides tests, only these may use a package's `testing` entry, which has its parts below files and sockets. */
const TESTERS = ['simulation', 'bench'];

const SCOPE = '@tributary/';

/** package.json lists only what the arrow allows, and every package is on the arrow. */
export function packageArrows(tree: Tree): Violation[] {
  const manifests = tree.files.filter((file) => /^(?:schemas|bench|simulation|packages\/[^/]+)\/package\.json$/.test(file));
  return manifests.flatMap((file) => {
    const folder = posix.dirname(file);
    const allowed = ALLOWED[folder];
    if (allowed === undefined) return [`${file}: package without a place in tools/package-rules.ts`];
    const manifest = tree.json(file) as Record<string, Record<string, string> | undefined>;
    const names = Object.keys({ ...manifest['dependencies'], ...manifest['devDependencies'], ...manifest['peerDependencies'] });
    return names
      .filter((name) => name.startsWith(SCOPE) && !allowed.includes(name.slice(SCOPE.length)))
      .map((name) => `${file}: may not depend on ${name}`);
  });
}

/**
 * Sources import other packages only by the entries of their package.json, along the arrow, and never by a path out of
 * the package.
 */
export function importArrows(tree: Tree): Violation[] {
  return sourcesByPackage(tree).flatMap(({ folder, file, imports }) => {
    const own = posix.basename(folder);
    const tests = TESTERS.includes(folder) || /\.(?:test|suite)\.ts$|\/test\//.test(file);
    return imports.flatMap((specifier) => {
      if (specifier.startsWith('.')) {
        const target = posix.join(posix.dirname(file), specifier);
        return target.startsWith(`${folder}/`) ? [] : [`${file}: imports ${specifier}, a path out of its package`];
      }
      if (!specifier.startsWith(SCOPE)) return [];
      const [name = '', ...path] = specifier.slice(SCOPE.length).split('/');
      const entry = ['.', ...path].join('/');
      if (!entriesOf(tree, name).includes(entry)) return [`${file}: imports ${specifier}, not an entry of the package`];
      if (entry === './testing' && !tests) return [`${file}: imports ${specifier}, which is for tests`];
      return name === own || ALLOWED[folder]?.includes(name) ? [] : [`${file}: imports ${specifier} against the arrow`];
    });
  });
}

function entriesOf(tree: Tree, name: string): string[] {
  const file = [`packages/${name}/package.json`, `${name}/package.json`].find((path) => tree.files.includes(path));
  return file === undefined ? [] : Object.keys((tree.json(file) as { exports?: object }).exports ?? {});
}

const NODE_ONLY_FILE = 'packages/proof/src/crypto/node.ts';

/**
 * schemas, proof and console run in browsers: no node: module and no Node global, except in the one file that is for
 * Node.
 */
export function browserSafe(tree: Tree): Violation[] {
  const pure = sourcesByPackage(tree).filter(
    ({ folder, file }) =>
      ['schemas', 'packages/proof', 'packages/console'].includes(folder) &&
      file.startsWith(`${folder}/src/`) &&
      !file.endsWith('.test.ts') &&
      file !== NODE_ONLY_FILE,
  );
  return pure.flatMap(({ file, imports }) => {
    const modules = imports.filter((specifier) => specifier.startsWith('node:') || specifier.endsWith('/crypto/node.ts'));
    const globals =
      withoutComments(tree.text(file)).match(/(?<![.\w'"`])(?:Buffer\.|process\.(?:env|argv|cwd|exit)|__dirname)/g) ?? [];
    return [
      ...modules.map((name) => `${file}: imports ${name}, and this package runs in browsers`),
      ...[...new Set(globals)].map((name) => `${file}: uses Node's ${name}, and this package runs in browsers`),
    ];
  });
}

function sourcesByPackage(tree: Tree): { folder: string; file: string; imports: string[] }[] {
  return Object.keys(ALLOWED).flatMap((folder) =>
    tree.files
      .filter((file) => file.startsWith(`${folder}/`) && isSource(file) && /\.(?:ts|tsx|mjs|js)$/.test(file))
      .map((file) => ({ folder, file, imports: importsOf(tree.text(file)) })),
  );
}
