// `npm run mutate [SCOPE…]`: changes the code in small ways and checks whether a test fails (docs/mutation.md). It
// takes minutes per scope, so it runs at night, not in CI. A scope is a folder of sources; its tests are those of its
// package.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startVitest } from 'vitest/node';
import { instrument, isSource } from './mutate/instrument.ts';

const SCOPES = [
  'packages/proof/src/verify',
  'packages/proof/src/score',
  'packages/proof/src/payment',
  'packages/proof/src/merkle',
  'packages/proof/src/note',
  'packages/proof/src/record',
  'packages/proof/src/statements',
  'packages/proof/src/filter',
  'packages/client/src/wallet',
];

const named = process.argv.slice(2);
const failures = [];
for (const scope of named.length > 0 ? named : SCOPES) if (!(await mutate(scope))) failures.push(scope);
if (failures.length > 0) console.error(`the tests themselves fail in ${failures.join(', ')}`);
process.exit(failures.length > 0 ? 1 : 0);

async function mutate(scope: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-mutate-'));
  const tests = scope.startsWith('packages/proof/')
    ? [`${scope}/**/*.test.ts`, 'packages/proof/test/*.test.ts']
    : [`${scope}/**/*.test.ts`];
  Object.assign(process.env, { MUTATE_OUT: folder, MUTATE_SCOPES: `${scope}/`, MUTATE_TESTS: tests.join(',') });
  const vitest = await startVitest('test', [], { config: 'tools/mutate/vitest.config.ts', watch: false, reporters: [{}] });
  const failed = vitest.state.getCountOfFailedTests() > 0;
  await vitest.close();
  report(scope, folder);
  rmSync(folder, { recursive: true });
  return !failed;
}

function sourcesOf(scope: string): string[] {
  return readdirSync(scope, { recursive: true, encoding: 'utf8' })
    .map((name) => join(scope, name))
    .filter(isSource);
}

function report(scope: string, folder: string): void {
  const lines = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean) : [];
  const made = new Map(sourcesOf(scope).flatMap((path) => [...instrument(readFileSync(path, 'utf8'), path).mutants]));
  const killed = new Set(lines('killed'));
  const met = new Set(lines('met'));
  const alive = [...made].filter(([id]) => !killed.has(id));
  const share = ((100 * killed.size) / Math.max(1, made.size)).toFixed(1);
  console.log(`\n${scope}: ${killed.size} of ${made.size} mutants killed, ${share} %`);
  for (const [id, what] of alive) console.log(`  ${met.has(id) ? 'survived' : 'not run '}  ${id.replace(/#\d+$/, '')} ${what}`);
}
