// One bit of SQLite's index of the keys hides a record of a large index. It is found behind the opening, and the index
// is refused from then on.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { everything, recordOf, requestOf, temporaryFolder } from './_helpers.ts';
import { makeService, put, reopen, SETTINGS, write } from './_service.ts';

const RECORDS = 800;
const random = fc.sample(fc.stringMatching(/^[0-9a-z]{64}$/), { seed: 1, numRuns: 400 });
/** Compression does not make it small. */
const textOf = (at: number) => Array.from({ length: 400 }, (_, line) => `${random[(line * (at + 1)) % 400]} ${at}`).join(' ');
/** Of a page of SQLite that is a leaf of an index (https://www.sqlite.org/fileformat2.html, section 1.6). */
const INDEX_LEAF = 0x0a;

/** Changes the last byte of a key in a leaf of the index of the keys. */
async function hideRow(path: string): Promise<void> {
  const bytes = await readFile(path);
  expect(bytes.length).toBeGreaterThan(16 * 1_048_576);
  const pageBytes = bytes.readUInt16BE(16);
  const leaves = Array.from({ length: bytes.length / pageBytes - 1 }, (_, at) => (at + 1) * pageBytes).filter(
    (at) => bytes[at] === INDEX_LEAF && bytes.readUInt16BE(at + 3) > 20,
  );
  const page = leaves[leaves.length >> 1]!;
  const cell = page + bytes.readUInt16BE(page + 8 + 2 * 10);
  const [, headerBytes, keyType] = bytes.subarray(cell);
  const keyBytes = (keyType! - 12) / 2;
  bytes[cell + headerBytes! + keyBytes]! ^= 0x40;
  await writeFile(path, bytes);
}

it('an index of more than 16 MiB', async () => {
  const folder = await temporaryFolder();
  const service = await makeService(folder);
  const records = Array.from({ length: RECORDS }, (_, at) => recordOf(`r${at}`, { text: textOf(at) }));
  for (let at = 0; at < RECORDS; at += 50)
    await write(
      service,
      records.slice(at, at + 50).map((record) => ({ kind: 'put', record })),
    );
  await service.call('close', null);
  await hideRow(join(folder, 'rivers/db/rows'));
  const damaged = await reopen(folder);
  const all = () =>
    damaged.call('answer', { parsed: requestOf(SETTINGS.id, { topK: 10 }), options: everything, queryVector: null });
  const outcome = () =>
    all().then(
      () => 'answered',
      (error: { code: string }) => error.code,
    );
  await expect.poll(outcome, { timeout: 20_000 }).toBe('STORE_DAMAGED');
  await expect(write(damaged, put('other'))).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
  await damaged.call('close', null);
  await expect(reopen(folder)).rejects.toMatchObject({ code: 'STORE_DAMAGED', message: expect.stringContaining('restore') });
});
