// Writes to an index with its graph on PostgreSQL until it is killed. Prints the last round that was acknowledged.
import { writeSync } from 'node:fs';
import { createPgvector } from '../src/remote/pgvector/pgvector.ts';
import { put, reopen, SETTINGS, write } from './_service.ts';

const [folder = '', start = '0', url = ''] = process.argv.slice(2);
const settings = { ...SETTINGS, graphOn: 'pgvector' } as const;
const service = await reopen(folder, { settings, remote: { engine: createPgvector(url, settings), scanMax: 100_000 } });
writeSync(1, 'open\n');
for (let round = Number(start); ; round += 1) {
  const gone = { kind: 'delete' as const, namespace: '', id: `w${round - 1}-0` };
  await write(service, [...put(...Array.from({ length: 40 }, (_, at) => `w${round}-${at}`)), gone]);
  writeSync(1, `${round}\n`);
}
