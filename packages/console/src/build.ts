import { build, stop } from 'esbuild';

/** The page as three texts, ready to be served. */
export interface Page {
  html: string;
  /** One module, for `/assets/page.js`. */
  js: string;
  /** For `/assets/page.css`. */
  css: string;
}

let built: Promise<Page> | undefined;

/** Bundles the page in memory, once per process. */
export function buildPage(): Promise<Page> {
  built ??= bundle();
  return built;
}

async function bundle(): Promise<Page> {
  const entry = (name: string) => `${import.meta.dirname}/${name}`;
  try {
    const [script, style, markup] = await Promise.all([
      build({
        entryPoints: [entry('page/main.ts')],
        bundle: true,
        write: false,
        format: 'esm',
        platform: 'browser',
        target: 'es2022',
        minify: true,
        legalComments: 'none',
        // zod would compile functions from text, which the page's content security policy forbids.
        banner: { js: 'globalThis.__zod_globalConfig={jitless:true};' },
      }),
      build({ entryPoints: [entry('page/page.css')], bundle: true, write: false, minify: true, target: 'es2022' }),
      build({ entryPoints: [entry('page/page.html')], write: false, loader: { '.html': 'copy' }, outdir: '/' }),
    ]);
    const [js, css, html] = [script, style, markup].map(({ outputFiles }) => outputFiles[0]!.text) as [string, string, string];
    return { html, js, css };
  } finally {
    // The bundler runs in a process of its own, which is not needed any more.
    await stop();
  }
}
