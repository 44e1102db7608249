// Creates an index and removes it, again and again, until it is killed. Prints when it is about to remove one.
import { writeSync } from 'node:fs';
import { openStore } from '../src/index.ts';
import { DIMENSION, OWNER, records } from './_helpers.ts';

const [folder = ''] = process.argv.slice(2);
const store = await openStore({ directory: folder, owner: OWNER });
for (let round = 0; ; round += 1) {
  const name = `rivers${round % 2}`;
  const present = store.indexes().some((index) => index.name === name);
  const index = present
    ? store.index(name)
    : await store.createIndex({ name, dimension: DIMENSION, metric: 'cosine', model: null });
  if (!present) await index.upsert(records(20));
  writeSync(1, `${name}\n`);
  await store.removeIndex(name);
}
