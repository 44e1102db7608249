import '@tributary/runtime/node-gc';
// npm run fuzz -- [--count N] [--seed S] [--kind frames|tcp|bundles|http|routes] [--from INPUT]
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { fuzz, KINDS } from './run.ts';

// Most inputs end in an error, and stack traces would cost more than everything else.
Error.stackTraceLimit = 4;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    kind: { type: 'string' },
    from: { type: 'string', default: '0' },
  },
});
const seed = Number(values.seed ?? randomInt(2 ** 32));
const count = Number(values.count);
const kinds = values.kind === undefined ? Object.keys(KINDS) : [values.kind];
if (!kinds.every((kind) => Object.hasOwn(KINDS, kind)) || ![seed, count, Number(values.from)].every(Number.isSafeInteger)) {
  console.error(`fuzz: --kind is one of ${Object.keys(KINDS).join(', ')}; --count, --seed and --from are whole numbers`);
  process.exit(2);
}
console.log(`fuzz: seed ${seed}`);
for (const kind of kinds) {
  const share = values.kind === undefined ? KINDS[kind]!.share : 1;
  const inputs = Math.round(count * share);
  const { seconds, slowestMs, grownMiB } = await fuzz({
    kind,
    seed,
    count: inputs,
    from: Number(values.from),
    progress: console.error,
  });
  console.log(
    `fuzz: ${kind}: ${inputs} inputs in ${seconds.toFixed(0)} s, slowest ${slowestMs.toFixed(0)} ms, memory +${grownMiB.toFixed(0)} MiB; honest callers served`,
  );
}
process.exit(0);
