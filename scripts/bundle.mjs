// The program as a few files instead of a thousand modules: a start takes half the processor time and half the memory.
// A bundle is named by the hash of everything that it is made of, so an old one is never taken for the present sources.
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Git ignores it, and an installation leaves it alone. */
const HOME = join(ROOT, 'node_modules', '.cache', 'tributary');
/** Running nodes load parts of theirs when they need them, so those of the last few versions stay. */
const kept = 8;
const MAIN = 'packages/cli/src/main.ts';
const PAGE = 'packages/console/src/build.ts';
/** Packages with native parts, or that look for files beside their own. */
const APART = /^(@aws-sdk\/|@electric-sql\/|@huggingface\/|esbuild$|onnxruntime|pdfjs-dist|secp256k1|wabt)/;
const WORKER = /new URL\(\s*'\.\/(?:[\w-]+\/)*([\w-]+)\.ts',\s*import\.meta\.url,?\s*\)/g;
const UP = /new URL\(\s*'(?:\.\.\/)+main\.ts',\s*import\.meta\.url,?\s*\)/g;

/** File to run for the present sources; null when it has not been made. */
export function bundledMain() {
  const main = join(folderOf(sources()), 'main.mjs');
  return existsSync(main) ? main : null;
}

/** Makes the bundle of the present sources where there is none. Returns the file to run. The Node must read types. */
export async function makeBundle() {
  const files = sources();
  const folder = folderOf(files);
  const main = join(folder, 'main.mjs');
  if (existsSync(main)) return main;
  // Several processes may make it at once; the first one to be ready counts.
  const draft = `${folder}.${process.pid}`;
  try {
    await build(files, draft);
    writeFileSync(join(draft, 'page.json'), JSON.stringify(await page()));
    sync(draft);
    if (!existsSync(folder)) renameSync(draft, folder);
  } catch (error) {
    if (!existsSync(main)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  removeOld();
  return main;
}

/** Everything that a bundle is made of, but for the packages from npm, which the lock file pins by their hashes. */
function sources() {
  const folders = ['schemas', ...readdirSync(join(ROOT, 'packages')).map((name) => `packages/${name}`)];
  return ['pnpm-lock.yaml', 'scripts/bundle.mjs', ...folders.flatMap(filesOf)].toSorted(byName);
}

const byName = (a, b) => (a < b ? -1 : 1);

function filesOf(folder) {
  const inside = join(ROOT, folder, 'src');
  const found = existsSync(inside) ? readdirSync(inside, { recursive: true, withFileTypes: true }) : [];
  const files = found.filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'));
  const names = files.map(({ parentPath, name }) => join(parentPath, name).slice(ROOT.length + 1));
  return [`${folder}/package.json`, ...names].filter((name) => existsSync(join(ROOT, name)));
}

/** The place of the checkout counts, because a bundle names files in it. */
function folderOf(files) {
  const hash = createHash('sha256').update(ROOT);
  for (const file of files) {
    const bytes = readFileSync(join(ROOT, file));
    hash.update(`\0${file}\0${bytes.length}\0`).update(bytes);
  }
  return join(HOME, hash.digest('hex').slice(0, 32));
}

async function build(files, outdir) {
  const bundler = createRequire(join(ROOT, 'packages/console/package.json')).resolve('esbuild');
  const { default: esbuild } = await import(pathToFileURL(bundler).href);
  const entries = [MAIN, ...files.filter((file) => file.endsWith('-worker.ts'))];
  const names = new Set(entries.map((file) => basename(file, '.ts')));
  mkdirSync(HOME, { recursive: true });
  try {
    await esbuild.build({
      absWorkingDir: ROOT,
      entryPoints: Object.fromEntries(entries.map((file) => [basename(file, '.ts'), file])),
      outdir,
      bundle: true,
      splitting: true,
      format: 'esm',
      outExtension: { '.js': '.mjs' },
      platform: 'node',
      target: 'node22',
      legalComments: 'none',
      logLevel: 'silent',
      // For CommonJS packages.
      banner: {
        js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
      },
      plugins: [{ name: 'places', setup: (steps) => keepPlaces(steps, names) }],
    });
  } finally {
    await esbuild.stop();
  }
}

/** Every module knows its own place in the checkout; workers and the program itself are the bundled ones. */
function keepPlaces(steps, entries) {
  steps.onResolve({ filter: APART }, async ({ path, pluginData, ...from }) => {
    if (pluginData === 'asked') return undefined;
    const found = await steps.resolve(path, { ...from, pluginData: 'asked' });
    return found.errors.length > 0 ? found : { path: pathToFileURL(found.path).href, external: true };
  });
  steps.onLoad({ filter: /\.ts$/ }, ({ path }) => {
    if (!path.startsWith(ROOT) || path.includes('node_modules')) return undefined;
    if (path === join(ROOT, PAGE)) return { contents: PAGE_FROM_FILE, loader: 'ts' };
    const text = readFileSync(path, 'utf8');
    return text.includes('import.meta') ? { contents: inPlace(path, text, entries), loader: 'ts' } : undefined;
  });
}

function inPlace(path, text, entries) {
  const bundled = (name) => {
    if (!entries.has(name)) throw new Error(`${path} starts ${name}.ts, which is no entry of the bundle`);
    return `new URL('./${name}.mjs', import.meta['url'])`;
  };
  const placed = text
    .replaceAll(WORKER, (_, name) => bundled(name))
    .replaceAll(UP, () => bundled('main'))
    .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
    .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)));
  if (/import\.meta\.\w/.test(placed)) throw new Error(`${path} asks import.meta for something that no bundle has`);
  return placed;
}

const PAGE_FROM_FILE = `
import { readFile } from 'node:fs/promises';
let read;
export const buildPage = () => (read ??= readFile(new URL('./page.json', import.meta['url']), 'utf8').then(JSON.parse));
`;

/** A power cut must not leave a half-written bundle under the name of a whole one. */
function sync(folder) {
  for (const path of [...readdirSync(folder).map((name) => join(folder, name)), folder]) {
    const file = openSync(path, 'r');
    fsyncSync(file);
    closeSync(file);
  }
}

async function page() {
  const { buildPage } = await import(pathToFileURL(join(ROOT, PAGE)).href);
  return buildPage();
}

function removeOld() {
  const made = readdirSync(HOME).map((name) => ({ path: join(HOME, name), ms: statSync(join(HOME, name)).mtimeMs }));
  for (const { path } of made.toSorted((a, b) => b.ms - a.ms).slice(kept)) rmSync(path, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await makeBundle());
