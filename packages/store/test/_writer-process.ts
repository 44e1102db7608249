// Writes until it is killed. Prints what was acknowledged on standard output, one number per line.
import { writeSync } from 'node:fs';
import { put, reopen, write } from './_service.ts';

const [folder = '', start = '0'] = process.argv.slice(2);
const service = await reopen(folder);
writeSync(1, 'open\n');
for (let round = Number(start); ; round += 1) {
  // Two writes in one turn make one group. Every third round deletes what the previous round wrote.
  const deletes = round % 3 === 2 ? [{ kind: 'delete' as const, namespace: '', id: `w${round - 1}-0` }] : [];
  await Promise.all([write(service, put(`w${round}-0`)), write(service, [...put(`w${round}-1`, `w${round}-2`), ...deletes])]);
  writeSync(1, `${round}\n`);
}
