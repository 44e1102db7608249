// The examples for agent frameworks against one node process: each is a program of its own, as a reader would run it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './_processes.ts';

const ROOT = join(import.meta.dirname, '..');
const python = process.env['PYTHON'] ?? 'python3';
let place: Workplace;
let url: string;

beforeAll(async () => {
  place = await openWorkplace();
  const node = place.start(['node', '--data', join(place.folder, 'node'), '--port', '0']);
  url = (await node.says(/^node at (http:\S+)/m))[1]!;
});
afterAll(() => place.close());

it.each([
  ['langchain.ts', ['store floods 4 true', 'filter storks 1', 'diverse 2 floods', 'retriever storks true', 'left 2']],
  [
    'llamaindex.ts',
    [
      'default n1 The spring flood begins in April. true',
      'hybrid n1 The spring flood begins in April. true',
      'sparse n1 The spring flood begins in April. true',
      'filter n0',
      'retriever n0 true',
    ],
  ],
  ['ai-sdk.ts', ['tool n0 White storks nest on chimneys. true', 'answer On chimneys.']],
  [
    'langchain-pinecone.ts',
    [
      'store 2 The ferry carries forty cars. 1 true',
      'filter White storks nest on chimneys.',
      'retriever The ferry carries forty cars.',
    ],
  ],
  ['llamaindex-pinecone.ts', ['store White storks nest on chimneys. true']],
])('examples/%s says what it should', (file, lines) => {
  const { stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'examples', file), url], {
    encoding: 'utf8',
    timeout: 150_000,
  });
  expect(stdout.trimEnd().split('\n'), stderr).toEqual(lines);
});

it('examples/clients.py says what it should', (context) => {
  const { status } = spawnSync(python, ['-c', 'import pinecone, openai, langchain_pinecone'], { encoding: 'utf8' });
  if (status !== 0)
    return context.skip(`${python} lacks a package: pip install pinecone openai langchain-pinecone, then PYTHON=… npm test`);
  const { stdout, stderr } = spawnSync(python, [join(ROOT, 'examples', 'clients.py'), url], {
    encoding: 'utf8',
    timeout: 150_000,
  });
  expect(stdout.trimEnd().split('\n'), stderr).toEqual([
    'openai 384',
    'pinecone storks White storks nest on chimneys.',
    'langchain White storks nest on chimneys.',
  ]);
});
