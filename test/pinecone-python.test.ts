// Python packages against a real node process; skipped, and said so, where they are missing.
// PYTHON names another interpreter than python3.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { openWorkplace } from './_processes.ts';

const SCRIPT = fileURLToPath(new URL('./pinecone-client.py', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../examples/clients.py', import.meta.url));
const python = process.env['PYTHON'] ?? 'python3';
const run = (...parameters: string[]) => spawnSync(python, parameters, { encoding: 'utf8', timeout: 150_000 });

it('the Python client makes, writes, reads, searches and deletes', async (context) => {
  // LangChain's package holds `pinecone` at 7, which has other names; the example below is for that one.
  const version = 'from importlib.metadata import version; from pinecone import NotFoundError; print(version("pinecone"))';
  const { status, stdout } = run('-c', version);
  if (status !== 0) return context.skip(`${python} has no pinecone 10: pip install pinecone, then PYTHON=… npm test`);
  const place = await openWorkplace();
  onTestFinished(() => place.close());
  const node = place.start(['node', '--data', join(place.folder, 'node'), '--port', '0']);
  const [, url] = await node.says(/node at (http:\S+)/);
  const { stdout: said, stderr } = run(SCRIPT, url!);
  expect(said, `pinecone ${stdout.trim()}: ${stderr}`).toBe('done\n');
});

it('the example runs with pinecone, openai and langchain-pinecone', async (context) => {
  if (run('-c', 'import pinecone, openai, langchain_pinecone').status !== 0)
    return context.skip(`${python} lacks packages: pip install pinecone openai langchain-pinecone, then PYTHON=… npm test`);
  const place = await openWorkplace();
  onTestFinished(() => place.close());
  const node = place.start(['node', '--data', join(place.folder, 'node'), '--port', '0']);
  const [, url] = await node.says(/node at (http:\S+)/);
  const { stdout: said, stderr } = run(EXAMPLE, url!);
  const storks = 'White storks nest on chimneys.';
  expect(said.split('\n'), stderr).toEqual(['openai 384', `pinecone storks ${storks}`, `langchain ${storks}`, '']);
});
