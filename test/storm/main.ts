// npm run storm -- KIND [--seed N] [--rounds N] [--from ROUND] [--minutes M]
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { KINDS, storm } from './run.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    rounds: { type: 'string' },
    from: { type: 'string', default: '0' },
    minutes: { type: 'string' },
  },
});
const kinds = positionals.length === 0 ? Object.keys(KINDS) : positionals;
const seed = Number(values.seed ?? randomInt(2 ** 32));
const numbers = [seed, Number(values.rounds ?? 1), Number(values.from), Number(values.minutes ?? 1)];
if (!kinds.every((kind) => Object.hasOwn(KINDS, kind)) || !numbers.every((number) => number >= 0)) {
  console.error(`storm: the kinds are ${Object.keys(KINDS).join(', ')}; --seed, --rounds, --from and --minutes are numbers`);
  process.exit(2);
}
let failed = 0;
for (const kind of kinds) {
  const rounds = Number(values.rounds ?? (values.minutes === undefined ? KINDS[kind]!.rounds : Infinity));
  console.log(`storm: ${kind}, seed ${seed}`);
  const begun = performance.now();
  const report = await storm({
    kind,
    seed,
    rounds,
    from: Number(values.from),
    ...(values.minutes === undefined ? {} : { budgetMs: Number(values.minutes) * 60_000 }),
    log: console.log,
  });
  failed += report.failures.length;
  const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
  console.log(`storm: ${kind}: ${report.rounds} rounds in ${seconds} s, ${report.failures.length} broke a promise`);
  for (const line of report.summary) console.log(`  ${line}`);
}
process.exit(failed === 0 ? 0 : 1);
