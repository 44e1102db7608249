import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Entry points set these flags themselves (`packages/runtime/src/node-gc.ts` says why). Test workers get them here, so
// that tests run under the same collector as the product, and no abort of V8 ends one.
const execArgv = ['--scavenger-max-new-space-capacity-mb=8', '--wasm-wrapper-tiering-budget=2147483647'];

// A test that hangs ends some day; none is about time, and on a machine in use each may take ten times as long as on a
// quiet one.
const unitTimeoutMs = 30_000;
const systemTimeoutMs = 180_000;

export default defineConfig({
  test: {
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{schemas,packages/*}/src/**/*.test.ts'],
          testTimeout: unitTimeoutMs,
          hookTimeout: unitTimeoutMs,
          execArgv,
        },
      },
      {
        extends: true,
        test: {
          name: 'tidy',
          include: ['tools/*.test.ts'],
          testTimeout: systemTimeoutMs,
          hookTimeout: systemTimeoutMs,
          execArgv,
        },
      },
      {
        extends: true,
        // These start processes and networks: two files at a time, after the quick ones.
        test: {
          name: 'system',
          include: ['{simulation,packages/*}/test/**/*.test.ts', 'test/**/*.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: systemTimeoutMs,
          hookTimeout: systemTimeoutMs,
          execArgv,
        },
      },
    ],
  },
});
