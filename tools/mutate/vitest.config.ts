import { join, relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { forgetful, instrument, isSource } from './instrument.ts';

const root = join(import.meta.dirname, '../..');
const scopes = process.env['MUTATE_SCOPES']!.split(',').map((scope) => join(root, scope));
const tests = process.env['MUTATE_TESTS']!.split(',');

/** Too slow to run for each mutant, or about other engines. */
const SKIPPED = ['every-byte', 'every-member', 'scifact', 'browser', 'fold', 'stem', 'spelling'];

export default defineConfig({
  root,
  plugins: [
    {
      name: 'mutate',
      enforce: 'pre',
      transform(source: string, id: string) {
        const [path = ''] = id.split('?');
        if (!isSource(path) || path.includes('node_modules')) return null;
        if (scopes.some((scope) => path.startsWith(scope))) return instrument(source, relative(root, path)).code;
        return path.endsWith('/lru.ts') ? forgetful(source) : null;
      },
    },
  ],
  test: {
    include: tests,
    exclude: [...SKIPPED.map((name) => `**/${name}.test.ts`), '**/node_modules/**'],
    runner: join(import.meta.dirname, 'runner.ts'),
    setupFiles: [join(import.meta.dirname, 'state.ts')],
    testTimeout: 600_000,
    // The compiled code depends on the scope.
    fsModuleCache: false,
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
  },
});
