// `node tools/figures.ts [--query]`: the size of the repository and the coupling of its parts. With --query also the
// files that one warm paid query runs through, counted by V8 in every thread of a network in this process.
import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BroadcastChannel } from 'node:worker_threads';
import { cycles, folderSize, siblingFolders } from './structure-rules.ts';
import { openTree } from './tree.ts';

const ROOT = process.cwd();
const SAMPLES = 5;

if (process.argv.includes('--count')) await countQuery();
else await report();

async function report(): Promise<void> {
  const tree = openTree(ROOT);
  const sources = tree.files.filter((file) =>
    /^(?:schemas|bench|simulation|packages\/[^/]+)\/src\/.*(?<!\.test|\.suite)\.ts$/.test(file),
  );
  const folders = Map.groupBy(sources, (file) => file.slice(0, file.indexOf('/src/')));
  console.log('folder               files  lines  exports of the root');
  for (const [folder, files] of folders) {
    const root = `${folder}/src/index.ts`;
    const names = files.includes(root) ? Object.keys((await import(pathToFileURL(join(ROOT, root)).href)) as object).length : 0;
    console.log(`${folder.padEnd(20)} ${String(files.length).padStart(5)} ${String(lines(files)).padStart(6)}  ${names} values`);
  }
  console.log(`${'all'.padEnd(20)} ${String(sources.length).padStart(5)} ${String(lines(sources)).padStart(6)}`);
  for (const rule of [cycles, siblingFolders, folderSize]) console.log(`${rule.name}: ${rule(tree).length}`);
  if (!process.argv.includes('--query')) return;
  const counting = join(import.meta.dirname, 'figures', 'count-calls.mjs');
  spawnSync(process.execPath, [join(import.meta.dirname, 'figures.ts'), '--count'], {
    stdio: 'inherit',
    env: { ...process.env, NODE_OPTIONS: `--import=${pathToFileURL(counting).href}` },
  });

  function lines(files: string[]): number {
    return files.reduce((sum, file) => sum + tree.text(file).split('\n').length - 1, 0);
  }
}

/** Asks several times and counts each time, so that a round of discovery in one of them does not count. */
async function countQuery(): Promise<void> {
  const at = (file: string): string => pathToFileURL(join(ROOT, file)).href;
  const { startNetwork, grant } = (await import(at('test/_network.ts'))) as typeof import('../test/_network.ts');
  const network = await startNetwork({ price: { base: '3', perResult: '2', perKiB: '1' } });
  const client = await network.client('client', network.provider.addresses()[0]!);
  await grant(network, client.wallet.address, 5_000n);
  const ask = () => client.query({ text: 'flood in April', index: 'rivers', topK: 3, minRelevance: 0 });
  for (let warm = 0; warm < 3; warm += 1) await ask();
  const samples: Set<string>[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    await filesCalled();
    await ask();
    samples.push(await filesCalled());
  }
  const files = [...samples[0]!].filter((file) => samples.every((sample) => sample.has(file))).toSorted();
  for (const file of files) console.log(`  ${posix.relative(pathToFileURL(ROOT).href, file)}`);
  console.log(`files that one warm paid query runs through: ${files.length}`);
  await network.close();
  process.exit(0);
}

/** Files of the workspace with a function called since the last time, in any thread. */
async function filesCalled(): Promise<Set<string>> {
  const files = new Set<string>();
  const channel = new BroadcastChannel('count-calls');
  channel.onmessage = (event) => {
    const { data } = event as { data: unknown };
    if (Array.isArray(data)) for (const file of data as string[]) files.add(file);
  };
  channel.postMessage('take');
  await pause(300);
  channel.close();
  return new Set(
    [...files].filter((file) => file.startsWith(`${pathToFileURL(ROOT).href}/`) && /\/(?:packages|schemas)\/.*\.ts$/.test(file)),
  );
}
