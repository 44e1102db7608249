import { cp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Request } from '@tributary/schemas';
import { recordKey, writeKey } from '../src/disk/keys.ts';
import type { IndexService } from '../src/worker/service.ts';
import { everything, recordOf, requestOf, seedOf, temporaryFolder } from './_helpers.ts';
import { SETTINGS, ids, makeService, put, reopen, write } from './_service.ts';

const GROUPS = 12;

/** A folder with an index of a dozen groups, closed. */
async function written(): Promise<string> {
  const folder = await temporaryFolder();
  const service = await makeService(folder);
  for (let group = 0; group < GROUPS; group += 1) await write(service, put(`r${group}`));
  await service.call('close', null);
  return folder;
}

async function copyOf(folder: string): Promise<string> {
  const copy = await temporaryFolder();
  await cp(folder, copy, { recursive: true });
  return copy;
}

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at]! ^= 0x10;
  await writeFile(path, bytes);
}

/** What notices the damage: `open`, `check`, or null when nothing is wrong. */
async function noticedBy(folder: string): Promise<'open' | 'check' | null> {
  let service;
  try {
    service = await reopen(folder);
  } catch (error) {
    expect(error).toMatchObject({ code: 'STORE_DAMAGED' });
    return 'open';
  }
  const report = await service.call('check', null);
  const all = await ids(service);
  await service.call('close', null);
  if (!report.ok) return 'check';
  expect(all).toHaveLength(GROUPS);
  return null;
}

const LOG = 'rivers/db/rows-wal';

/** The folder as a kill of its process leaves it: everything since it was made is in the database's log. */
async function killed(): Promise<string> {
  const folder = await temporaryFolder();
  const service = await makeService(folder);
  for (let group = 0; group < GROUPS; group += 1) await write(service, put(`r${group}`));
  const copy = await copyOf(folder);
  await service.call('close', null);
  return copy;
}

describe('damage on disk', () => {
  it('one flipped byte in the log of the database is noticed, wherever it is', async () => {
    const folder = await killed();
    const size = (await readFile(join(folder, LOG))).length;
    const noticed = [];
    for (let time = 0; time < 24; time += 1) {
      const copy = await copyOf(folder);
      const at = Math.floor((seedOf(`flip ${time}`)[0]! / 256 + seedOf(`flip ${time}`)[1]! / 65_536) * size);
      await flip(join(copy, LOG), at);
      noticed.push(await noticedBy(copy));
    }
    expect(noticed.filter((by) => by === null)).toEqual([]);
  });

  it('a log cut short loses acknowledged writes, so it is refused and left as it is', async () => {
    const folder = await killed();
    const { length } = await readFile(join(folder, LOG));
    await truncate(join(folder, LOG), Math.floor(length / 2));
    await expect(reopen(folder)).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
      message: expect.stringContaining('acknowledged'),
    });
    await expect(reopen(folder)).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
  });

  it('one torn copy of the head is survived, two are not', async () => {
    const folder = await written();
    const head = join(folder, 'rivers/head');
    const both = await copyOf(folder);
    const other = await copyOf(folder);
    await flip(head, 40);
    expect(await noticedBy(folder)).toBe(null);
    await flip(join(other, 'rivers/head'), 4_096 + 40);
    expect(await noticedBy(other)).toBe(null);
    await flip(join(both, 'rivers/head'), 40);
    await flip(join(both, 'rivers/head'), 4_096 + 40);
    expect(await noticedBy(both)).toBe('open');
  });

  it('a head of another state is noticed', async () => {
    const folder = await written();
    const early = await temporaryFolder();
    const service = await makeService(early);
    await write(service, put('r0'));
    await service.call('close', null);
    await cp(join(early, 'rivers/head'), join(folder, 'rivers/head'));
    expect(await noticedBy(folder)).toBe('open');
  });

  it('check finds a damaged graph, and it is rebuilt when the index is opened', async () => {
    const folder = await written();
    const graph = join(folder, 'rivers/graph');
    const service = await reopen(folder);
    await flip(graph, 200);
    expect(await service.call('check', null)).toMatchObject({ ok: false, findings: [{ where: 'graph' }] });
    await service.call('close', null);
    await flip(graph, 200);
    expect(await noticedBy(folder)).toBe(null);
    await rm(graph);
    expect(await noticedBy(folder)).toBe(null);
  });

  it('a record with a changed byte is never used in an answer', async () => {
    const folder = await written();
    const service = await reopen(folder);
    const { database } = service.state;
    const bytes = database.get(recordKey(3))!;
    bytes[bytes.indexOf('tells')]! ^= 1;
    await database.batch([{ key: recordKey(3), value: bytes }]);
    await service.call('close', null);
    const again = await reopen(folder);
    const question = { parsed: requestOf(SETTINGS.id, { topK: GROUPS }), options: everything, queryVector: null };
    await expect(again.call('answer', question)).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
    expect(await again.call('check', null)).toMatchObject({ ok: false, findings: [{ where: 'slot 3', code: 'STORE_DAMAGED' }] });
    await again.call('close', null);
  });

  const ask = (service: IndexService, more: Partial<Request> = {}) =>
    service.call('answer', {
      parsed: requestOf(SETTINGS.id, { topK: GROUPS, ...more }),
      options: everything,
      queryVector: null,
    });

  it('a record that check found damaged is refused from then on, although memory still has it right, until it is written again', async () => {
    const folder = await written();
    const service = await reopen(folder);
    expect((await ask(service)).count).toBe(GROUPS);
    const { database } = service.state;
    const right = database.get(recordKey(3))!;
    const bytes = Buffer.from(right);
    bytes[bytes.indexOf('tells')]! ^= 1;
    await database.batch([{ key: recordKey(3), value: bytes }]);
    // The published snapshot was taken before. The next one sees the byte.
    await write(service, put('other'));
    expect(await service.call('check', null)).toMatchObject({ ok: false, findings: [{ where: 'slot 3' }] });
    await expect(ask(service)).rejects.toMatchObject({ code: 'STORE_DAMAGED', message: expect.stringContaining('slot 3') });
    expect(service.status().damage).toContain('slot 3');

    // Remembered across a restart. The other records are still sold.
    await service.call('close', null);
    const again = await reopen(folder);
    await expect(ask(again)).rejects.toMatchObject({ code: 'STORE_DAMAGED', message: expect.stringContaining('slot 3') });
    expect((await ask(again, { filter: { name: 'r7' } })).count).toBe(1);
    await write(again, [{ kind: 'put', record: recordOf('r3') }]);
    expect((await ask(again)).count).toBeGreaterThanOrEqual(GROUPS);
    expect(await again.call('check', null)).toMatchObject({ ok: true });
    await again.call('close', null);
    expect(await readdir(join(folder, 'rivers'))).not.toContain('damage.json');
  });

  it('an index whose log or writes check found damaged is refused as a whole, until they are restored', async () => {
    const folder = await written();
    const service = await reopen(folder);
    const { database } = service.state;
    const right = database.get(writeKey(5))!;
    const bytes = Buffer.from(right);
    bytes[bytes.indexOf('"signature":"') + 20]! ^= 1;
    await database.batch([{ key: writeKey(5), value: bytes }]);
    await service.call('close', null);
    const damaged = await reopen(folder);
    expect(await damaged.call('check', null)).toMatchObject({ ok: false });
    await damaged.call('close', null);
    const each = await reopen(folder);
    await expect(ask(each)).rejects.toMatchObject({ code: 'STORE_DAMAGED', message: expect.stringContaining('write 5') });
    await expect(each.call('snapshot', each.status().manifestHash)).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
    await each.state.database.batch([{ key: writeKey(5), value: right }]);
    await each.call('close', null);
    const mended = await reopen(folder);
    await expect(ask(mended)).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
    expect(await mended.call('check', null)).toMatchObject({ ok: true });
    expect((await ask(mended)).count).toBe(GROUPS);
    await mended.call('close', null);
  });
});
