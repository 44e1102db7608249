import '@tributary/runtime/node-gc';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BENCHES } from './benches.ts';
import { machineFacts, runBench } from './harness.ts';
import { formatReport } from './table.ts';

// The same as in scripts/boot.mjs.
const HEAP = ['--initial-old-space-size=256'];
const RESULTS = join(import.meta.dirname, '../results');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    smoke: { type: 'boolean', default: false },
    records: { type: 'string' },
    rewrites: { type: 'string' },
    minutes: { type: 'string' },
    profile: { type: 'string' },
    node: { type: 'string', multiple: true, default: [] },
    list: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(`bench: there is no benchmark ${unknown.join(', ')}; there are ${BENCHES.map(({ name }) => name).join(', ')}`);
  process.exitCode = 2;
} else if (values.list) {
  for (const { name, summary } of BENCHES) console.log(`${name.padEnd(8)} ${summary}`);
} else {
  await runAll(BENCHES.filter(({ name, onlyByName }) => (positionals.length === 0 ? !onlyByName : positionals.includes(name))));
}

/** Prints each table on standard output as soon as it is there, and writes everything as JSON to `bench/results`. */
async function runAll(chosen: typeof BENCHES): Promise<void> {
  const machine = machineFacts();
  const profile = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(values.profile)}`];
  const nodeOptions = [...HEAP, ...values.node, ...profile];
  console.log(
    `${Object.entries(machine)
      .map(([name, fact]) => `${name}: ${fact}`)
      .join('; ')}\n`,
  );
  const resized = {
    ...(values.records === undefined ? {} : { records: Number(values.records) }),
    ...(values.rewrites === undefined ? {} : { rewrites: Number(values.rewrites) }),
    ...(values.minutes === undefined ? {} : { minutes: Number(values.minutes) }),
  };
  await mkdir(RESULTS, { recursive: true });
  for (const bench of chosen) {
    const sizes = values.smoke ? bench.smoke : { ...(bench.full as object), ...resized };
    const report = await runBench(bench, sizes, { nodeOptions, progress: console.error });
    console.log(formatReport(bench.name, report));
    const file = join(RESULTS, `${machine['date']!.replaceAll(':', '')}-${bench.name}${values.smoke ? '-smoke' : ''}.json`);
    await writeFile(file, `${JSON.stringify({ bench: bench.name, smoke: values.smoke, machine, ...report }, null, 2)}\n`);
  }
}
