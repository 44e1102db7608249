import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { SOUND } from './structure/health.ts';
import { createReader } from './reader.ts';

const KEY = Buffer.from('k');
const RANGE = { gte: Buffer.from('a'), lt: Buffer.from('z') };

// On a damaged page, SQLite reads whatever the bytes there say.
it.each([null, 7, 1.5, 'text', new Uint8Array(), new Uint8Array(40)])('calls a row damaged whose value is %o', (value) => {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE rows (key, value)');
  database.prepare('INSERT INTO rows VALUES (?, ?)').run(KEY, value);
  const reader = createReader(database, '/folder', SOUND);
  const damaged = {
    trouble: 'damaged',
    message: `/folder: the row with the key ${KEY.toString('hex')} is not as it was written`,
  };
  expect(() => reader.get(KEY)).toThrow(expect.objectContaining(damaged));
  expect(() => reader.next(RANGE, 10)).toThrow(expect.objectContaining(damaged));
  database.close();
});

it('calls a row damaged whose key is not bytes', () => {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE rows (key, value)');
  database.exec(`INSERT INTO rows VALUES (NULL, x'00')`);
  // A comparison of SQL leaves such a key out; a page whose order is broken does not.
  const broken = { prepare: () => database.prepare('SELECT key, value FROM rows WHERE ? IS NOT NULL AND ? IS NOT NULL LIMIT ?') };
  const reader = createReader(broken as unknown as DatabaseSync, '/folder', SOUND);
  expect(() => reader.next(RANGE, 10)).toThrow(expect.objectContaining({ trouble: 'damaged' }));
  database.close();
});
