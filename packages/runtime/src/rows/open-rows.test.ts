import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openRows } from './open-rows.ts';
import { STRUCTURE_BYTES } from './peek.ts';
import { RowsError } from './rows-error.ts';
import type { RowReader, Rows } from './types.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tributary-rows-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}
const bytes = (text: string) => Buffer.from(text);
const put = (key: string, value: string) => ({ key: bytes(key), value: bytes(value) });
const drop = (key: string) => ({ key: bytes(key), value: null });
const ALL = { gte: Buffer.of(0), lt: Buffer.of(0xff) };

async function all(reader: RowReader, range = ALL): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const [key, value] of reader.scan(range)) found[key.toString()] = value.toString();
  return found;
}

/** What is in the folder, byte for byte. */
async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(path)).toSorted()) hash.update(name).update(await readFile(join(path, name)));
  return hash.digest('hex');
}

describe.each([false, true])('rows, written on the own thread: %s', (here) => {
  it('does what a map does', async () => {
    const key = fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom('a', 'b', '\0', 'é') });
    const value = fc.option(fc.string({ maxLength: 9_000, size: 'max' }), { freq: 3 });
    const batch = fc.array(fc.tuple(key, value), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { maxLength: 8 }), fc.boolean(), async (batches, reopened) => {
        const path = await mkdtemp(join(tmpdir(), 'tributary-rows-'));
        let rows = await openRows(path, { here });
        const model = new Map<string, string>();
        for (const changes of batches) {
          await rows.batch(changes.map(([name, text]) => (text === null ? drop(name) : put(name, text))));
          for (const [name, text] of changes) {
            if (text === null) model.delete(name);
            else model.set(name, Buffer.from(text).toString());
          }
        }
        if (reopened) {
          await rows.close();
          rows = await openRows(path, { here });
        }
        const sorted = [...model].toSorted(([a], [b]) => Buffer.compare(bytes(a), bytes(b)));
        expect(Object.entries(await all(rows))).toEqual(sorted);
        for (const [name, text] of model) expect(rows.get(bytes(name))!.toString()).toBe(text);
        expect(await all(rows, { gte: bytes('b'), lt: bytes('c') })).toEqual(
          Object.fromEntries(sorted.filter(([name]) => name.startsWith('b'))),
        );
        await rows.close();
        await rm(path, { recursive: true });
      }),
      { numRuns: 10 },
    );
  });

  it('a snapshot shows what was there, while others write', async () => {
    const rows = await openRows(await folder(), { here });
    await rows.batch(Array.from({ length: 3_000 }, (_, at) => put(`k${String(at).padStart(5, '0')}`, 'old')));
    const snapshot = rows.snapshot();
    const seen = all(snapshot);
    for (let round = 0; round < 5; round += 1)
      await rows.batch(Array.from({ length: 600 }, (_, at) => put(`k${String(round * 600 + at).padStart(5, '0')}`, 'new')));
    expect(new Set(Object.values(await seen))).toEqual(new Set(['old']));
    expect(new Set(Object.values(await all(rows)))).toEqual(new Set(['new']));
    snapshot.close();
    await rows.close();
  });

  it('a purge removes what was deleted from every file, beside readers and writers', async () => {
    const path = await folder();
    const rows = await openRows(path, { here });
    const secret = 'quagmire'.repeat(2_000);
    await rows.batch([put('secret', secret), put('kept', 'meadow')]);
    let current = rows.snapshot();
    await rows.batch([drop('secret')]);
    const stop = { now: false };
    const writing = (async () => {
      for (let at = 0; !stop.now; at += 1) {
        await rows.batch([put('counter', String(at))]);
        await new Promise((resolve) => setImmediate(resolve));
        const before = current;
        current = rows.snapshot();
        before.close();
      }
    })();
    await rows.purge(() => {
      const before = current;
      current = rows.snapshot();
      before.close();
    });
    stop.now = true;
    await writing;
    const texts = await Promise.all((await readdir(path)).map((name) => readFile(join(path, name), 'latin1')));
    expect(texts.some((text) => text.includes('quagmire'))).toBe(false);
    expect(rows.get(bytes('kept'))!.toString()).toBe('meadow');
    current.close();
    await rows.close();
  });
});

it('a full disk refuses a batch whole, and the next one that fits is written', async () => {
  const path = await folder();
  const script = `import { openRows } from ${JSON.stringify(join(import.meta.dirname, 'open-rows.ts'))};
    const rows = await openRows(${JSON.stringify(path)});
    const put = (key, bytes) => ({ key: Buffer.from(key), value: Buffer.alloc(bytes, key) });
    await rows.batch([put('a', 9)]);
    const many = Array.from({ length: 100 }, (_, at) => put('c' + at, 9_000));
    console.log(await rows.batch([put('b', 9), ...many]).then(() => 'written', (error) => error.trouble));
    await rows.batch([put('d', 9)]);
    console.log(String(rows.get(Buffer.from('a'))), rows.get(Buffer.from('b')), String(rows.get(Buffer.from('d'))));`;
  // A limit on the size of files stands in for the disk. Without the trap, its signal would end the process.
  const command = `trap '' XFSZ; ulimit -f 256; exec "$0" --input-type=module -e "$1"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', command, process.execPath, script], { encoding: 'utf8' });
  expect([stdout, stderr]).toEqual(['disk\naaaaaaaaa undefined ddddddddd\n', '']);
  const rows = await openRows(path);
  expect(Object.keys(await all(rows))).toEqual(['a', 'd']);
  await rows.close();
});

describe('a folder', () => {
  it('is held by one opening', async () => {
    const path = await folder();
    const rows = await openRows(path);
    await expect(openRows(path)).rejects.toMatchObject({ trouble: 'locked' });
    // The refused opening closed its own file of the lock. The lock holds all the same.
    await expect(openRows(path)).rejects.toMatchObject({ trouble: 'locked' });
    await rows.batch([put('a', '1')]);
    await Promise.all([rows.close(), rows.close()]);
    expect(() => rows.get(bytes('a'))).toThrow(RowsError);
    expect(() => rows.snapshot()).toThrow(RowsError);
    await expect(rows.batch([put('a', '2')])).rejects.toMatchObject({ trouble: 'disk' });
    const again = await openRows(path);
    expect(await all(again)).toEqual({ a: '1' });
    await again.close();
  });

  it('is not created when none was asked for', async () => {
    const path = join(await folder(), 'rows');
    await expect(openRows(path, { create: false })).rejects.toMatchObject({ trouble: 'missing' });
    await expect(readdir(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('can only be read by its owner', async () => {
    const path = await folder();
    const rows = await openRows(path);
    await rows.batch([put('a', '1')]);
    for (const name of await readdir(path)) expect([name, (await stat(join(path, name))).mode & 0o077]).toEqual([name, 0]);
    await rows.close();
  });
});

/** The files of a process that was killed: its last commits are in the log. */
async function killed(): Promise<string> {
  const path = await folder();
  const copy = await folder();
  const rows = await openRows(path, { here: true });
  for (let at = 0; at < 12; at += 1) await rows.batch([put(`k${at}`, `value ${at} `.repeat(40))]);
  await cp(path, copy, { recursive: true });
  await rows.close();
  await rm(join(copy, 'rows-shm'), { force: true });
  return copy;
}

async function noticed(path: string, expected: Record<string, string>): Promise<boolean> {
  const before = await hashOf(path);
  let rows: Rows;
  try {
    rows = await openRows(path, { here: true });
  } catch (error) {
    expect(error).toBeInstanceOf(RowsError);
    expect(await hashOf(path)).toBe(before);
    return true;
  }
  try {
    expect(await all(rows)).toEqual(expected);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ trouble: 'damaged' });
    return true;
  } finally {
    await rows.close();
  }
}

describe('damage', () => {
  const expected = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`k${at}`, `value ${at} `.repeat(40)]));

  it.each(['rows-wal', 'rows', 'acknowledged'])('a flipped bit in %s is noticed or changes nothing', async (name) => {
    const path = await killed();
    const sound = await readFile(join(path, name));
    const found = new Set<boolean>();
    for (let at = 0; at < 60; at += 1) {
      const copy = await folder();
      await cp(path, copy, { recursive: true });
      const flipped = Buffer.from(sound);
      flipped[Math.floor((at * 0.618_034 * flipped.length) % flipped.length)]! ^= 1 << (at % 8);
      await writeFile(join(copy, name), flipped);
      found.add(await noticed(copy, expected));
    }
    if (name === 'rows-wal') expect(found).toContain(true);
  });

  it('a log cut short has lost acknowledged writes, so the opening is refused and changes no byte', async () => {
    const path = await killed();
    const { length } = await readFile(join(path, 'rows-wal'));
    await truncate(join(path, 'rows-wal'), Math.floor(length / 2));
    expect(await noticed(path, expected)).toBe(true);
    expect(await noticed(path, expected)).toBe(true);
  });

  it.each([['rows'], ['acknowledged'], ['rows-wal']])('a lost %s is refused, and no new one is made', async (name) => {
    const path = await killed();
    await rm(join(path, name));
    expect(await noticed(path, expected)).toBe(true);
    expect(await readdir(path)).not.toContain(name);
  });

  it('a damaged row is refused with the folder that it is in', async () => {
    const directory = await folder();
    const rows = await openRows(directory);
    await rows.batch([{ key: Buffer.from('a'), value: Buffer.from('1') }]);
    await rows.close();
    const database = new DatabaseSync(join(directory, 'rows'));
    database.exec("UPDATE rows SET value = CAST(X'00' || substr(value, 2) AS BLOB)");
    database.close();
    const damaged = await openRows(directory);
    expect(() => damaged.get(Buffer.from('a'))).toThrow(directory);
    await damaged.close();
  });

  it("a key changed in SQLite's index hides a row; the opening finds it and changes no byte", async () => {
    const path = await folder();
    const rows = await openRows(path, { here: true });
    await rows.batch(Array.from({ length: 50 }, (_, at) => put(`key-${at}-of-many`, 'value')));
    await rows.close();
    const bytesOf = await readFile(join(path, 'rows'));
    for (const at of [bytesOf.indexOf('key-7-of-many'), bytesOf.lastIndexOf('key-7-of-many')]) {
      const flipped = Buffer.from(bytesOf);
      flipped[at + 4]! ^= 1;
      await writeFile(join(path, 'rows'), flipped);
      const before = await hashOf(path);
      await expect(openRows(path, { here: true })).rejects.toMatchObject({ trouble: 'damaged' });
      expect(await hashOf(path)).toBe(before);
    }
  });

  it('a key changed in the index of a large database hides a row; the check of the structure finds it', async () => {
    const path = await folder();
    const rows = await openRows(path, { here: true });
    await rows.batch(Array.from({ length: 50 }, (_, at) => put(`key-${at}-of-many`, 'value')));
    await rows.batch([{ key: bytes('large'), value: Buffer.alloc(STRUCTURE_BYTES) }]);
    expect(await rows.checkStructure()).toBeNull();
    await rows.close();
    const bytesOf = await readFile(join(path, 'rows'));
    const places = [bytesOf.indexOf('key-7-of-many'), bytesOf.lastIndexOf('key-7-of-many')];
    const seen = [];
    for (const at of places) {
      const flipped = Buffer.from(bytesOf);
      flipped[at + 4]! ^= 1;
      await writeFile(join(path, 'rows'), flipped);
      const damaged = await openRows(path, { here: true });
      seen.push([damaged.get(bytes('key-7-of-many'))?.toString(), await damaged.checkStructure()]);
      await damaged.close();
    }
    expect(new Set(seen.map(([value]) => value))).toEqual(new Set(['value', undefined]));
    expect(seen.map(([, fault]) => fault)).toEqual([expect.any(String), expect.any(String)]);
  });

  it('an older copy of the database is refused', async () => {
    const path = await folder();
    const rows = await openRows(path, { here: true });
    await rows.batch([put('a', '1')]);
    await rows.close();
    const old = await readFile(join(path, 'rows'));
    const again = await openRows(path, { here: true });
    await again.batch([put('a', '2')]);
    await again.close();
    await writeFile(join(path, 'rows'), old);
    await expect(openRows(path)).rejects.toMatchObject({ trouble: 'damaged' });
  });

  it('without damage, the writes of a killed process are there', async () => {
    expect(await noticed(await killed(), expected)).toBe(false);
  });
});
