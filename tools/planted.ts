// A small copy of the workspace with the repository's own settings and one planted violation per rule.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const SETTINGS = [
  '.oxlintrc.json',
  '.oxfmtrc.json',
  'tsconfig.json',
  'knip.json',
  'package.json',
  'pnpm-workspace.yaml',
  '.gitignore',
];

const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  schemas: [],
  'packages/proof': ['schemas'],
  'packages/store': ['schemas', 'proof', 'client'], // against the arrow
  'packages/client': ['schemas', 'proof'],
};

const LONG_FUNCTION = `export function long(): number {\n  let sum = 0;\n${'  sum += 1;\n'.repeat(75)}  return sum;\n}\n`;

const WIDE = 'word '.repeat(25).trim();

const FILES: Readonly<Record<string, string>> = {
  // sound: no tool may report it
  'packages/proof/src/sound.ts': 'export function double(n: number): number {\n  return n * 2;\n}\n',
  'packages/proof/src/index.ts': "export { double } from './sound.ts';\n",
  // refused by the formatter
  'packages/proof/src/unformatted.ts': 'export   const  a = "b"\n',
  // refused by the linter
  'packages/proof/src/floating.ts': 'async function later(): Promise<void> {}\nexport function go(): void {\n  later();\n}\n',
  'packages/proof/src/misused.ts': 'export function go(run: () => Promise<boolean>): number {\n  return run() ? 1 : 2;\n}\n',
  'packages/proof/src/circle-a.ts': "import { b } from './circle-b.ts';\nexport const a = (): number => b();\n",
  'packages/proof/src/circle-b.ts': "import { a } from './circle-a.ts';\nexport const b = (): number => a();\n",
  'packages/proof/src/rooms/left/a.ts': "import type { B } from '../right/b.ts';\nexport type A = B[];\n",
  'packages/proof/src/rooms/right/b.ts': 'export type B = string;\n',
  'packages/proof/src/rooms/right/c.ts': "import type { A } from '../left/a.ts';\nexport type C = A;\n",
  'packages/proof/src/types-a.ts': "import type { B } from './types-b.ts';\nexport type A = B | null;\n",
  'packages/proof/src/types-b.ts': "import type { A } from './types-a.ts';\nexport type B = A[];\n",
  ...Object.fromEntries(
    Array.from({ length: 21 }, (_, at) => [`packages/client/src/crowd/n${at}.ts`, `export const n = ${at};\n`]),
  ),
  'packages/proof/src/default.ts': 'export default 1;\n',
  'packages/proof/src/long.ts': LONG_FUNCTION,
  'packages/proof/src/any.ts': `export const loose: ${'an'}y = 1;\n`,
  'packages/proof/src/prints.ts': "console.log('x');\n",
  'packages/store/src/ingest/types.ts': 'export type Text = string;\n',
  'packages/store/src/ingest/split.ts':
    "import type { Text } from './types.ts';\nexport const split = (t: Text): Text[] => [t];\n",
  'packages/store/src/ingest/embed.ts': "import { split } from './split.ts';\nexport const embed = (): string[] => split('a');\n",
  'packages/store/src/ingest/ingest.ts':
    "import { split } from './split.ts';\nexport const ingest = (): string[] => split('a');\n",
  'packages/store/src/search/load.ts':
    "import { split } from '../ingest/split.ts';\nexport const load = (): string[] => split('a');\n",
  // refused by the compiler
  'packages/proof/src/types.ts': "export const n: number = 'x';\n",
  // refused by knip
  'packages/client/src/dead.ts': 'export const nobody = 1;\n',
  'packages/client/src/tested.ts': 'export const tested = 1;\n',
  'packages/client/src/tested.test.ts': "import { tested } from './tested.ts';\ntest('x', () => tested);\n",
  // refused by the tree rules
  'packages/store/src/index.ts': "import { double } from '@tributary/client';\nexport const twice = double;\n",
  'packages/store/src/deep.ts':
    "export { double } from '@tributary/proof/src/sound.ts';\nexport { n } from '../../proof/src/types.ts';\n",
  'packages/client/src/index.ts': 'export const client = 1;\n',
  'packages/proof/src/node-module.ts': "export { readFileSync } from 'node:fs';\n",
  'packages/proof/src/node-global.ts': "export const bytes = Buffer.from('a');\n",
  'packages/proof/src/crypto/node.ts': "export { createHash } from 'node:crypto';\n",
  'packages/proof/src/lengthy.ts': '// line\n'.repeat(301),
  'docs/merge.md': `${'<'.repeat(7)} HEAD\n`,
  'docs/wide.md': `${WIDE}\n\n| ${WIDE} |\n| --- |\n\n\`\`\`\n${WIDE}\n\`\`\`\n\n<https://a.b/${'c'.repeat(120)}>\n\n\n${WIDE}\n`,
  'packages/proof/src/wide.ts': `// ${WIDE}\nexport const wide = '${WIDE}';\nexport const a = 1; // ${WIDE}\n`,
  'packages/proof/src/focused.test.ts': `test.${'only'}('x', () => {});\n`,
  'packages/proof/src/unfinished.ts': `// ${'TO'}${'DO'} later\n`,
  'packages/proof/src/silenced.ts': `// @ts-${'ignore'}\nexport const x = 1;\n`,
  'docs/maker.md': `This page was written ${'by'} an AI.\n`,
  'docs/links.md': '# Here\n\n[gone](nowhere.md) [fine](maker.md) [part](#missing) [own](#here) [out](https://example.org)\n',
  'schemas/src/codes.ts':
    "export const ERROR_CODES = { KNOWN: { area: 'schemas' }, UNDOCUMENTED: { area: 'store' }, MOVED: { area: 'proof' } } as const;\n",
  'docs/errors.md':
    '| code | where | meaning | what to do |\n| --- | --- | --- | --- |\n| `KNOWN` | schemas | a | b |\n| `MOVED` | store | a | b |\n| `STRANGER` | cli | a | b |\n',
  'schemas/src/limits.ts': 'export const knownMax = 1;\nexport const undocumentedMs = 2;\nexport const driftedBytes = 4_096;\n',
  'docs/limits.md':
    '| name | default | unit | where | why |\n| --- | --- | --- | --- | --- |\n| `knownMax` | 1 | things | schemas | w |\n| `driftedBytes` | 8_192 | bytes | schemas | w |\n| `strangerMax` | 3 | things | store | w |\n',
  'docs/guarantees.md':
    '| promise | mechanism | test | figure |\n| --- | --- | --- | --- |\n| kept | m | `packages/proof/src/focused.test.ts` | 1 |\n| bare | m |  | 1 |\n| gone | m | `packages/proof/src/gone.test.ts` | 1 |\n',
  'docs/spec/README.md':
    '| page | formats | vectors |\n| --- | --- | --- |\n| [a.md](a.md) | x | a |\n| [b.md](b.md) | x | b |\n| [c.md](c.md) | x | none: prose only |\n',
  'docs/spec/a.md': 'a\n',
  'docs/spec/b.md': 'b\n',
  'docs/spec/c.md': 'c\n',
  'docs/spec/d.md': 'd\n',
  'schemas/vectors/a.valid.json': '[]\n',
  'schemas/vectors/stray.json': '[]\n',
  'vitest.config.ts': 'export default {};\n',
  'schemas/src/index.ts': "export { ERROR_CODES } from './codes.ts';\n",
};

/** Writes the planted workspace into a new temporary folder; the tools it uses are those of `root`. */
export function plant(root: string): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-planted-'));
  for (const file of SETTINGS) cpSync(join(root, file), join(folder, file));
  for (const [dir, needs] of Object.entries(PACKAGES)) write(folder, `${dir}/package.json`, manifest(dir, needs));
  for (const [file, text] of Object.entries(FILES)) write(folder, file, text);
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@tributary' && !name.startsWith('.boot'))
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
  for (const dir of Object.keys(PACKAGES)) {
    mkdirSync(join(folder, 'node_modules', '@tributary'), { recursive: true });
    symlinkSync(join(folder, dir), join(folder, 'node_modules', '@tributary', dir.replace('packages/', '')));
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function manifest(dir: string, needs: readonly string[]): string {
  const dependencies = Object.fromEntries(needs.map((name) => [`@tributary/${name}`, 'workspace:*']));
  const name = `@tributary/${dir.replace('packages/', '')}`;
  return `${JSON.stringify({ name, version: '0.1.0', private: true, type: 'module', exports: { '.': './src/index.ts' }, dependencies }, null, 2)}\n`;
}

function write(folder: string, file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}
