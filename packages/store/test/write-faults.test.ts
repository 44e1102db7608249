import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { WriteOperation } from '../src/write/types.ts';
import { recordOf, requestOf, temporaryFolder } from './_helpers.ts';
import { SETTINGS, TIME, faultyDisk, ids, makeService, put, reopen, write, type Fault } from './_service.ts';

const PLACES = [
  { at: 'batch', persisted: false },
  { at: 'batch', persisted: true },
  { at: 'head', persisted: false },
  { at: 'head', persisted: true },
] as const;

/** Each kind of write, and the ids that exist once it took effect. */
const WRITES: { name: string; operations: WriteOperation[]; after: string[] }[] = [
  { name: 'new records', operations: put('c', 'd'), after: ['a', 'b', 'c', 'd'] },
  { name: 'a replaced record', operations: [{ kind: 'put', record: recordOf('a', { text: 'new' }) }], after: ['a', 'b'] },
  {
    name: 'an update',
    operations: [{ kind: 'update', namespace: '', id: 'a', text: 'new', vector: null, sparse: null, setMetadata: { x: 1 } }],
    after: ['a', 'b'],
  },
  { name: 'a deletion', operations: [{ kind: 'delete', namespace: '', id: 'a' }], after: ['b'] },
];

const cases = WRITES.flatMap((kind) => PLACES.map((place) => ({ ...kind, ...place })));

describe('a write that fails', () => {
  it.each(cases)('$name: at the $at, persisted: $persisted', async ({ operations, after, at, persisted }) => {
    const folder = await temporaryFolder();
    const fault: Fault = { at: null, persisted };
    const service = await makeService(folder, faultyDisk(fault));
    await write(service, put('a', 'b'));

    fault.at = at;
    await expect(write(service, operations)).rejects.toMatchObject({ code: 'DISK_WRITE' });

    // The service has opened its state again: the write took effect as a whole or not at all.
    const happened = at === 'head' || persisted;
    expect(await ids(service)).toEqual(happened ? after : ['a', 'b']);
    expect(await service.call('check', null)).toMatchObject({ ok: true, findings: [], writes: happened ? 2 : 1 });

    await write(service, put('later'));
    await service.call('close', null);
    const again = await reopen(folder);
    expect(await ids(again)).toEqual([...(happened ? after : ['a', 'b']), 'later']);
    expect(await again.call('check', null)).toMatchObject({ ok: true, writes: happened ? 3 : 2 });
    await again.call('close', null);
  });

  it('fails the writes that waited behind it, and nothing else', async () => {
    const fault: Fault = { at: null, persisted: false };
    const service = await makeService(await temporaryFolder(), faultyDisk(fault));
    fault.at = 'batch';
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((id) => write(service, put(id))));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await write(service, put('d'));
    expect(await ids(service)).toEqual(['d']);
    await service.call('close', null);
  });

  it('does not delay answers, which stay those of the last snapshot', async () => {
    const fault: Fault = { at: null, persisted: true };
    const service = await makeService(await temporaryFolder(), faultyDisk(fault));
    await write(service, put('a', 'b'));
    const { manifestHash } = service.state.published;
    fault.at = 'head';
    const failing = write(service, put('c')).catch((error: unknown) => error);
    const question = {
      parsed: requestOf(SETTINGS.id),
      options: { client: 'owner', topKMax: 10 },
      queryVector: null,
      time: TIME,
    } as const;
    const answers = await Promise.all(Array.from({ length: 5 }, () => service.call('answer', question)));
    expect(new Set(answers.map(({ manifest }) => manifest))).toEqual(new Set([manifestHash]));
    expect(await failing).toMatchObject({ code: 'DISK_WRITE' });
    expect((await service.call('answer', question)).count).toBe(3);
    await service.call('close', null);
  });
});

describe('making an index', () => {
  it.each(PLACES)(
    'leaves nothing that looks like one when it fails at the $at, persisted: $persisted',
    async ({ at, persisted }) => {
      const folder = await temporaryFolder();
      await expect(makeService(folder, faultyDisk({ at, persisted }))).rejects.toMatchObject({ code: 'DISK_WRITE' });
      expect((await readdir(folder)).filter((name) => !name.startsWith('.'))).toEqual([]);
      const service = await makeService(folder);
      expect(await service.call('check', null)).toMatchObject({ ok: true, snapshots: 1 });
      await service.call('close', null);
    },
  );
});

describe('one group', () => {
  it('holds the writes of one turn: one manifest, a statement each, refusals apart', async () => {
    const service = await makeService(await temporaryFolder());
    const tooMuch = Object.fromEntries(Array.from({ length: 260 }, (_, at) => [`k${at}`, at]));
    const outcomes = await Promise.allSettled([
      write(service, put('a')),
      write(service, [{ kind: 'update', namespace: '', id: 'a', text: null, vector: null, sparse: null, setMetadata: { b: 1 } }]),
      write(service, [{ kind: 'update', namespace: '', id: 'a', text: null, vector: null, sparse: null, setMetadata: tooMuch }]),
      write(service, [{ kind: 'delete', namespace: '', id: 'a' }, ...put('b')]),
      write(service, put('c', 'c')),
    ]);
    expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.sequence : 'refused'))).toEqual([
      1,
      2,
      'refused',
      3,
      4,
    ]);
    expect(service.state.published.snapshot).toBe(1);
    expect(await ids(service)).toEqual(['b', 'c']);
    expect(await service.call('check', null)).toMatchObject({ ok: true, writes: 4, records: 2, snapshots: 2 });
    await service.call('close', null);
  });
});
