// The disk fails, or the process is killed, at each write of an ingest and of a deletion. The index never claims more
// of a document than it has, and repeating the operation completes it.
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ingest } from '../src/ingest/ingest.ts';
import { deleteDocument, restate } from '../src/ingest/documents/upkeep.ts';
import { createTarget } from '../src/ingest/target.ts';
import type { IngestTarget } from '../src/ingest/types.ts';
import type { IndexService } from '../src/worker/service.ts';
import { seedOf, temporaryFolder, toyEmbedder } from './_helpers.ts';
import { SETTINGS, TIME, faultyDisk, ids, makeService, reopen, type Fault } from './_service.ts';

const LONG_AGO = new Date(Date.now() - 3_600_000);
const ROWS = 600;

async function documents(folder: string, word: string): Promise<string> {
  const docs = join(folder, 'docs');
  await mkdir(docs, { recursive: true });
  const files = {
    'a.md': `# A\n\nThe ${word} rises.`,
    'rows.jsonl': Array.from({ length: ROWS }, (_, at) => JSON.stringify({ _id: `${at}`, text: `${word} ${at}` })).join('\n'),
    'z.md': `The ${word} ends.`,
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(docs, name), text);
    await utimes(join(docs, name), LONG_AGO, LONG_AGO);
  }
  return docs;
}

function targetOf(service: IndexService): IngestTarget {
  let salt = 0;
  return createTarget({
    name: SETTINGS.name,
    embedder: toyEmbedder(),
    proxy: { call: (name, params) => service.call(name, params) },
    now: () => TIME,
    write(operations, documents) {
      const salts = new Uint8Array(operations.length * 32);
      for (let at = 0; at < salts.length; at += 32) salts.set(seedOf(`salt ${salt++}`), at);
      return service.call('write', { operations, documents, salts, time: TIME, custody: 'self', author: null });
    },
  });
}

/** A document that is marked whole has as many records as its row says. */
async function consistent(target: IngestTarget): Promise<void> {
  for await (const { document, row } of target.documents('')) {
    if (row.state === 'whole') expect([document, (await target.ids('', `${document}#`)).length]).toEqual([document, row.records]);
  }
}

const run = (docs: string, target: IngestTarget) => ingest([docs], {}, () => undefined, target);

describe.each([
  { at: 'batch', persisted: false },
  { at: 'batch', persisted: true },
  { at: 'head', persisted: false },
] as const)('a failure at the $at, persisted: $persisted', ({ at, persisted }) => {
  it('at each write of an ingest leaves no document that is said to be whole and is not', async () => {
    const folder = await temporaryFolder();
    const docs = await documents(folder, 'river');
    const fault: Fault = { at: null, persisted };
    const service = await makeService(folder, faultyDisk(fault));
    const target = targetOf(service);
    let failures = 0;
    // A first ingest, then a changed one. Each is tried three times on a disk that fails at some write, then on a good
    // one.
    for (const word of ['river', 'brook']) {
      await documents(folder, word);
      for (const skip of [0, 1, 2]) {
        Object.assign(fault, { at, skip });
        const error: unknown = await run(docs, target).then(
          () => null,
          (cause: unknown) => cause,
        );
        fault.at = null;
        await consistent(target);
        if (error === null) continue;
        expect(error).toMatchObject({ code: 'DISK_WRITE' });
        failures += 1;
      }
      await run(docs, target);
      expect(await ids(service)).toHaveLength(ROWS + 2);
      expect(await run(docs, target)).toMatchObject({ parsed: 0, chunks: { added: 0, removed: 0, unchanged: ROWS + 2 } });
    }
    expect(failures).toBeGreaterThanOrEqual(3);
    expect(await service.call('check', null)).toMatchObject({ ok: true });
    await service.call('close', null);
  });

  it('while a document of several writes is deleted, or its rules change, is repaired by the next start', async () => {
    const folder = await temporaryFolder();
    const docs = join(folder, 'docs');
    await mkdir(docs);
    const many = Array.from({ length: 2_300 }, (_, row) => `${row},word ${row}`).join('\n');
    await writeFile(join(docs, 'many.csv'), `id,text\n${many}\n`);
    const fault: Fault = { at: null, persisted };
    const service = await makeService(folder, faultyDisk(fault));
    const target = targetOf(service);
    await run(docs, target);
    Object.assign(fault, { at, skip: 1 });
    await expect(restate(target, () => 'never')).rejects.toMatchObject({ code: 'DISK_WRITE' });
    await restate(target, () => 'never');
    const fetched = await service.call('fetch', { namespace: '', ids: (await target.ids('', 'many.csv#')).slice(0, 1_000) });
    expect(new Set(fetched.map(({ sell }) => sell))).toEqual(new Set(['never']));

    Object.assign(fault, { at, skip: 1 });
    await expect(deleteDocument(target, '', 'many.csv')).rejects.toMatchObject({ code: 'DISK_WRITE' });
    await consistent(target);
    await service.call('close', null);
    const again = await reopen(folder);
    expect(await restate(targetOf(again), () => 'full')).toEqual({ records: 0 });
    expect(await ids(again)).toEqual([]);
    expect(await again.call('documents', { namespace: null, after: null, limit: 10 })).toEqual([]);
    expect(await again.call('check', null)).toMatchObject({ ok: true, records: 0 });
    await again.call('close', null);
  });
});
