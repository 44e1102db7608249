import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { publishedManifest, type Manifest } from './manifest.ts';

/** The public packages; `bench` and `simulation` are for the checkout. */
const PUBLIC = ['schemas', 'packages/*', 'models/*'];

/** A folder that `npm pack` makes a tarball of. */
export interface Staged {
  name: string;
  folder: string;
  /** Whether it has modules and types. */
  code: boolean;
}

/** Lays out every public package below `out`, from its compiled files below `built`. */
export function stageAll(root: string, built: string, out: string): Staged[] {
  const manifestOf = (folder: string) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
  const folders = globSync(PUBLIC, { cwd: root }).toSorted();
  const versions = new Map(folders.map(manifestOf).map(({ name, version }) => [name, version]));
  return folders.map((folder) => {
    const manifest = manifestOf(folder);
    const code = existsSync(join(root, folder, 'src'));
    const to = join(out, manifest.name.replace('@tributary/', ''));
    rmSync(to, { recursive: true, force: true });
    mkdirSync(to, { recursive: true });
    if (code) copyCode(root, folder, built, to);
    else cpSync(join(root, folder), to, { recursive: true });
    const published = code ? publishedManifest(manifest, versions) : { ...manifest, private: undefined };
    writeFileSync(join(to, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
    return { name: manifest.name, folder: to, code };
  });
}

function copyCode(root: string, folder: string, built: string, to: string): void {
  const [sources, compiled, dist] = [join(root, folder, 'src'), join(built, folder, 'src'), join(to, 'dist')];
  cpSync(join(root, 'LICENSE'), join(to, 'LICENSE'));
  cpSync(join(root, folder, 'README.md'), join(to, 'README.md'));
  for (const file of globSync('**/*.{js,d.ts}', { cwd: compiled })) copyModule(compiled, file, dist);
  for (const file of globSync('**/*.{css,html}', { cwd: sources })) cpSync(join(sources, file), join(dist, file));
}

function copyModule(from: string, file: string, to: string): void {
  const text = readFileSync(join(from, file), 'utf8');
  mkdirSync(dirname(join(to, file)), { recursive: true });
  writeFileSync(
    join(to, file),
    withCompiledNames(text, (path) => existsSync(join(from, dirname(file), path))),
  );
}

const NAMED_SOURCE = /(['"])(\.{0,2}\/?[\w./-]*\w)\.ts\1/g;

/**
 * The compiler renames `.ts` in imports only. This does it for the other texts that name a module: files of workers and
 * processes, the entry of the page, and imports in declarations.
 *
 * @internal exported for its test
 */
export function withCompiledNames(text: string, exists: (path: string) => boolean): string {
  return text.replaceAll(NAMED_SOURCE, (whole, quote: string, path: string) =>
    exists(`${path}.js`) ? `${quote}${path}.js${quote}` : whole,
  );
}
