import { drawPlan } from './plan.ts';
import { runPlan } from './run.ts';
import { rememberSignatures } from './signature-memo.ts';
import { prepareShelf } from './shelf.ts';
const [first, count] = process.argv.slice(2).map(Number);
const t0 = performance.now();
rememberSignatures();
const shelf = await prepareShelf();
console.log('shelf', performance.now() - t0);
const t1 = performance.now(); const c1 = process.cpuUsage();
let bad = 0, answers = 0, events = 0;
const kinds = new Map<string, number[]>();
for (let seed = first!; seed < first! + count!; seed++) {
  const outcome = await runPlan(drawPlan(seed), shelf, { keepTrace: count === 1 });
  answers += outcome.facts.answers; events += outcome.facts.events;
  if (count === 1) console.log(JSON.stringify(drawPlan(seed), (_, v) => typeof v === 'bigint' ? `${v}` : v), '\n' + outcome.trace.join('\n'), outcome.hash);
  for (const v of outcome.violations.slice(0,1)) { const k = v.slice(0, 400).replace(/[0-9a-f]{64}/g,'H').replace(/\d+/g, '#'); kinds.set(k, [...(kinds.get(k) ?? []), seed]); }
  if (outcome.violations.length) bad++;
}
console.log({ bad, answers, events, ms: (performance.now() - t1) / count!, cpu: (process.cpuUsage(c1).user+process.cpuUsage(c1).system) / 1e3 / count! });
for (const [k, seeds] of [...kinds].sort((a,b)=>b[1].length-a[1].length)) console.log(seeds.length, seeds.slice(0, 6).join(' '), k);
process.exit(0);
