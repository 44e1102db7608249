import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sparseToBase64url, vectorToBase64url } from '@tributary/proof/primitives';
import type { QueryMode } from '@tributary/schemas';
import { undoKey } from '../src/disk/keys.ts';
import { answerKeepMs } from '../src/limits.ts';
import { readParts } from '../src/parts/part-file.ts';
import { saveCaches } from '../src/worker/caches.ts';
import type { IndexService } from '../src/worker/service.ts';
import type { WriteOperation } from '../src/write/types.ts';
import { DIMENSION, everything, recordOf, requestOf, seedOf, sparseOf, temporaryFolder, vectorOf } from './_helpers.ts';
import { makeService, put, reopen, SETTINGS, write } from './_service.ts';

/** The folder as a kill of its process leaves it. */
async function killed(folder: string): Promise<string> {
  const copy = await temporaryFolder();
  await cp(folder, copy, { recursive: true });
  return copy;
}

const MODES: readonly QueryMode[] = ['dense', 'bm25', 'hybrid', 'sparse', 'dense-sparse'];
const FILTERS = [{ name: 'r3' }, { number: { $lt: 4 } }, { tags: 'b' }];

/** Everything that the index says: answers in each mode to the bit, with and without filters, and its numbers. */
async function said(service: IndexService): Promise<unknown> {
  const { state } = service;
  const answers: string[] = [];
  for (const [at, mode] of MODES.entries()) {
    const sparse = mode.includes('sparse') ? { sparse: sparseToBase64url(sparseOf('r3')) } : {};
    const text = mode === 'bm25' || mode === 'hybrid' ? 'rivers and the number r3' : null;
    const vector = mode === 'bm25' || mode === 'sparse' ? null : vectorToBase64url(vectorOf('r3'));
    for (const [namespace, filter] of [
      ['', null],
      ['', FILTERS[at % 3]!],
      ['other', null],
    ] as const) {
      const parsed = requestOf(SETTINGS.id, { mode, filter, namespace, topK: 40, text, vector, ...sparse });
      const { body } = await service.call('answer', { parsed, options: everything, queryVector: null });
      answers.push(Buffer.from(body).toString());
    }
  }
  const { memoryBytes: _, memory: __, waiting: ___, ...stats } = await service.call('stats', null);
  return { answers, stats, free: state.free.toSorted((a, b) => a - b), status: service.status() };
}

/** Opens two copies of a folder, one without its image, and compares what they say. */
async function sameFromRows(folder: string): Promise<void> {
  const [image, rows] = [await killed(folder), await killed(folder)];
  await rm(join(rows, 'rivers/image'));
  const [a, b] = [await reopen(image), await reopen(rows)];
  expect([a.state.image.snapshot !== null, b.state.image.snapshot]).toEqual([true, null]);
  const both = [await said(a), await said(b)];
  expect(both[0]).toEqual(both[1]);
  // What is written next is the same too.
  for (const service of [a, b]) await write(service, [...put('r1', 'later'), { kind: 'delete', namespace: '', id: 'r2' }]);
  expect(await said(a)).toEqual(await said(b));
  for (const service of [a, b]) await service.call('close', null);
}

const id = fc.nat(12).map((number) => `r${number}`);
const operation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({ id, other: fc.boolean(), sold: fc.boolean(), value: fc.nat(9), tags: fc.subarray(['a', 'b']) })
      .map((one): WriteOperation => ({
        kind: 'put',
        record: recordOf(one.id, {
          vector: vectorOf(`${one.id} ${one.value % 3}`),
          sparse: sparseOf(`${one.id} ${one.value}`),
          namespace: one.other ? 'other' : '',
          sell: one.sold ? 'full' : 'never',
          metadata: { name: one.id, number: one.value, even: one.value % 2 === 0, tags: one.tags },
        }),
      })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ id, other: fc.boolean() })
      .map((one): WriteOperation => ({ kind: 'delete', namespace: one.other ? 'other' : '', id: one.id })),
  },
);

describe('an index opened from its image', () => {
  it('says the same as one opened from its rows, after any writes before and after the image', async () => {
    const writes = fc.array(fc.array(operation, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(writes, fc.nat(5), async (groups, imageAfter) => {
        const folder = await temporaryFolder();
        const service = await makeService(folder);
        await write(service, put('first'));
        for (const [at, operations] of groups.entries()) {
          if (at === Math.min(imageAfter, groups.length - 1)) await saveCaches(service.state);
          await write(service, distinct(operations));
        }
        await sameFromRows(folder);
        await service.call('close', null);
      }),
      { numRuns: 8 },
    );
  }, 120_000);

  it('is of one snapshot, however many groups are written and questions asked meanwhile', async () => {
    const folder = await temporaryFolder();
    const service = await makeService(folder);
    await write(service, put(...Array.from({ length: 300 }, (_, at) => `r${at}`)));
    const saving = (async () => {
      for (let time = 0; time < 4; time += 1) await saveCaches(service.state);
    })();
    for (let round = 0; round < 8; round += 1) {
      await write(service, [...put(`r${round}`, `new ${round}`), { kind: 'delete', namespace: '', id: `r${100 + round}` }]);
      await said(service);
    }
    await saving;
    await sameFromRows(folder);
    await service.call('close', null);
  });

  it('is not needed: one that is damaged, cut, missing, of another index or of a future is built again', async () => {
    const folder = await filled();
    const image = (copy: string) => join(copy, 'rivers/image');
    const { length } = await readFile(image(folder));
    const undamaged = await reopen(await killed(folder));
    const before = await said(undamaged);
    await undamaged.call('close', null);
    const spoil: ((copy: string) => Promise<void>)[] = [
      ...Array.from(
        { length: 4 },
        (_, at) => (copy: string) => flip(image(copy), Math.floor((seedOf(`${at}`)[0]! / 256) * length)),
      ),
      (copy) => truncate(image(copy), length - 1),
      (copy) => truncate(image(copy), 40),
      (copy) => rm(image(copy)),
      (copy) => rm(join(copy, 'rivers/graph')),
      (copy) => truncate(join(copy, 'rivers/graph'), 100),
      (copy) => flip(join(copy, 'rivers/graph'), 300),
      async (copy) => {
        const ahead = await reopen(await killed(folder));
        await write(ahead, put('ahead'));
        await saveCaches(ahead.state);
        await cp(join(ahead.state.directory, 'image'), image(copy));
        await ahead.call('close', null);
      },
    ];
    for (const one of spoil) {
      const copy = await killed(folder);
      await one(copy);
      const service = await reopen(copy);
      expect(await said(service)).toEqual(before);
      expect(await service.call('check', null)).toMatchObject({ ok: true });
      await service.call('close', null);
    }
  }, 60_000);

  it('reads only what changed since, and the graph has what it had', async () => {
    const folder = await temporaryFolder();
    const service = await makeService(folder);
    await write(service, put(...Array.from({ length: 60 }, (_, at) => `r${at}`)));
    expect(service.state.engine.insertSlice(60_000)).toBe(0);
    await saveCaches(service.state);
    await write(service, [...put('r3', 'new'), { kind: 'delete', namespace: '', id: 'r5' }]);
    const again = await reopen(await killed(folder));
    expect(again.state.image).toEqual({ snapshot: 1, changes: 3 });
    // One of the two that wait is inserted at once.
    expect(again.state.engine.insertSlice(-1)).toBeLessThanOrEqual(1);
    await again.call('close', null);
    await service.call('close', null);
  });

  it('keeps what it needs of the past, however long ago the image was made', async () => {
    const folder = await temporaryFolder();
    let elapsedMs = 0;
    const service = await makeService(folder, { elapsedMs: () => elapsedMs });
    await write(service, put('a', 'b'));
    await saveCaches(service.state);
    for (let round = 1; round <= 5; round += 1) {
      elapsedMs = round * answerKeepMs;
      await write(service, put(`c${round}`, 'a'));
    }
    expect(service.state.database.get(undoKey(2))).toBeDefined();
    await sameFromRows(folder);
    await saveCaches(service.state);
    elapsedMs = 9 * answerKeepMs;
    await write(service, put('d'));
    expect(service.state.database.get(undoKey(2))).toBe(undefined);
    await service.call('close', null);
  });

  it('is removed by a purge when it is older than a deletion, with the words of what was deleted', async () => {
    const folder = await temporaryFolder();
    const service = await makeService(folder);
    await write(service, [
      ...put('a', 'b'),
      { kind: 'put', record: recordOf('secret', { text: 'xqzjvkwp', metadata: { who: 'yfbghlmn' } }) },
    ]);
    await saveCaches(service.state);
    const holds = async () => {
      const bytes = await readFile(join(folder, 'rivers/image'), 'latin1').catch(() => '');
      return [bytes.includes('xqzjvkwp'), bytes.includes('yfbghlmn')];
    };
    expect(await holds()).toEqual([true, true]);
    await write(service, [{ kind: 'delete', namespace: '', id: 'secret' }]);
    await service.call('compact', null);
    expect(await holds()).toEqual([false, false]);
    await service.call('close', null);
    expect(await holds()).toEqual([false, false]);
    const again = await reopen(folder);
    expect(again.state.image.snapshot).toBe(2);
    await again.call('close', null);
  });
});

it('an image has no trace of the words and numbers of a deleted record', async () => {
  const folder = await temporaryFolder();
  const service = await makeService(folder);
  const others = put(...Array.from({ length: 8 }, (_, at) => `r${at}`));
  const sparse = { indices: Uint32Array.of(1, 2, 3), values: Float32Array.of(777, 777, 777) };
  const vector = new Float32Array(DIMENSION).fill(777);
  // Its words and indices are those of others, so that its lists stay.
  const record = recordOf('secret', { text: 'river '.repeat(777), sparse, vector, metadata: { number: 777 } });
  await write(service, [...others.slice(0, 4), { kind: 'put', record }, ...others.slice(4)]);
  const traces = async () => {
    await saveCaches(service.state);
    const { parts } = (await readParts(join(folder, 'rivers/image')))!;
    const arrays = Object.entries(parts).flatMap(([name, part]) =>
      Object.values(part.arrays).map((array) => [name, array] as const),
    );
    return new Set(arrays.flatMap(([name, array]) => (array.includes(777 as never) ? [name] : [])));
  };
  expect(await traces()).toEqual(new Set(['lexical', 'sparse', 'metadata']));
  await write(service, [{ kind: 'delete', namespace: '', id: 'secret' }]);
  expect(await traces()).toEqual(new Set());
  await sameFromRows(folder);
  await service.call('close', null);
});

/** A closed index of some records, some of them deleted. */
async function filled(): Promise<string> {
  const folder = await temporaryFolder();
  const service = await makeService(folder);
  await write(service, put(...Array.from({ length: 20 }, (_, at) => `r${at}`)));
  await write(service, [{ kind: 'delete', namespace: '', id: 'r7' }, ...put('r3')]);
  await service.call('close', null);
  return folder;
}

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at]! ^= 0x10;
  await writeFile(path, bytes);
}

/** A write names each record once. */
function distinct(operations: readonly WriteOperation[]): WriteOperation[] {
  const nameOf = (one: WriteOperation) =>
    JSON.stringify('record' in one ? [one.record.namespace, one.record.id] : [one.namespace, one.id]);
  return [...new Map(operations.map((one) => [nameOf(one), one])).values()];
}
