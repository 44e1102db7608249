// What a sweep proves: when it finds nothing, no row is hidden.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect, createDatabase } from '../connect.ts';
import { createSweep } from './sweep.ts';

const ROWS = 4_123;
const FLIPS = 400;
let folder: string;
let path: string;
let sound: Buffer;
const keyOf = (at: number) => Buffer.from(`key of row ${String((at * 2_654_435_761) % 2 ** 32).padStart(10, '0')}`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-sweep-'));
  path = join(folder, 'rows');
  createDatabase(path, 4_096);
  const database = connect(path, 'write', { cacheKib: 4_096, waitMs: 0 });
  const insert = database.prepare('INSERT INTO rows (key, value) VALUES (?, ?)');
  database.exec('BEGIN');
  for (let at = 0; at < ROWS; at += 1) insert.run(keyOf(at), Buffer.from('value'));
  database.exec('COMMIT');
  for (let at = 0; at < ROWS; at += 97) database.prepare('DELETE FROM rows WHERE key = ?').run(keyOf(at)); // gaps
  database.close();
  sound = await readFile(path);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** How the sweep ends, and how many rows the index of the keys gives and finds. */
function sweepOf(database: DatabaseSync) {
  const next = createSweep(database);
  let steps = 1;
  let step = next();
  for (; step === 'more'; steps += 1) step = next();
  return { step, steps };
}

const kept = Array.from({ length: ROWS }, (_, at) => at).filter((at) => at % 97 !== 0);

it('passes over all rows of a sound database, in steps', () => {
  const database = connect(path, 'read', { cacheKib: 4_096, waitMs: 0 });
  expect(sweepOf(database)).toEqual({ step: 'done', steps: Math.ceil(kept.length / 1_000) });
  database.close();
});

it('makes a step again when a lock stands in its way, and passes on other errors', () => {
  const failures = [5, 6];
  const statement = {
    get: () => {
      if (failures.length > 0) throw Object.assign(new Error('busy'), { errcode: failures.pop() });
      return { rows: 3, last: 3, hidden: null };
    },
  };
  const next = createSweep({ prepare: () => statement as never });
  expect([next(), next(), next()]).toEqual(['more', 'more', 'done']);
  failures.push(10);
  expect(next).toThrow('busy');
});

it('finds a row that a changed bit hides, or SQLite refuses it; where it finds none, none is hidden', async () => {
  let seed = 1;
  const below = (most: number) => (seed = (seed * 48_271) % 2_147_483_647) % most;
  const seen = { hidden: 0, refused: 0, sound: 0 };
  for (let flip = 0; flip < FLIPS; flip += 1) {
    const bytes = Buffer.from(sound);
    bytes[below(bytes.length)]! ^= 1 << below(8);
    await writeFile(path, bytes);
    let database: DatabaseSync | null = null;
    try {
      database = connect(path, 'read', { cacheKib: 4_096, waitMs: 0 });
      const { step } = sweepOf(database);
      if (step !== 'done') {
        seen.hidden += 1;
        continue;
      }
      const scan = database.prepare('SELECT key FROM rows WHERE key >= ? ORDER BY key').all(Buffer.of(0));
      const get = database.prepare('SELECT rowid FROM rows WHERE key = ?');
      const read = new Set(scan.map(({ key }) => Buffer.from(key as Uint8Array).toString()));
      const lost = kept.filter((at) => get.get(keyOf(at)) === undefined || !read.has(keyOf(at).toString()));
      // A key that is changed in table and index alike cannot be: one bit was. In the table alone it is not found.
      expect(lost).toEqual([]);
      seen.sound += 1;
    } catch (error) {
      if (!(error instanceof Error && ('errcode' in error || 'trouble' in error))) throw error;
      seen.refused += 1;
    } finally {
      database?.close();
    }
  }
  expect(seen.hidden).toBeGreaterThan(50);
  expect(seen.sound).toBeGreaterThan(50);
  await writeFile(path, sound);
});
