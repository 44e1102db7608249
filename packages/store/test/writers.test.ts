// Writers to whom the owner of an index delegates: what they sign verifies, and what they may not sign changes nothing.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ed25519PublicKey } from '@tributary/proof/primitives';
import { didFromPublicKey } from '@tributary/proof/statements';
import { expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../src/disk/database.ts';
import { openStore } from '../src/store.ts';
import type { Index, Store } from '../src/types.ts';
import { DIMENSION, OWNER, askVerified, recordOf, records, seedOf, temporaryFolder, toyEmbedder } from './_helpers.ts';
import { faultyDisk, makeService, put, reopen, write, type Fault } from './_service.ts';

const writerOf = (name: string) => ({ did: didFromPublicKey(ed25519PublicKey(seedOf(name))), seed: seedOf(name) });
const [ada, ben] = [writerOf('ada'), writerOf('ben')];
const owner = didFromPublicKey(ed25519PublicKey(OWNER.seed));

async function open(directory: string): Promise<Store> {
  const store = await openStore({ directory, owner: OWNER, embedder: toyEmbedder() });
  onTestFinished(() => store.close());
  return store;
}
async function openIndex(): Promise<{ store: Store; index: Index; directory: string }> {
  const directory = await temporaryFolder();
  const store = await open(directory);
  const { card: model } = toyEmbedder();
  return { store, index: await store.createIndex({ name: 'rivers', dimension: DIMENSION, metric: 'cosine', model }), directory };
}
const delegate = (index: Index, { did: writer }: typeof ada, namespace = '') =>
  index.changeWriters({ kind: 'delegate', writer, namespace });
const revoke = (index: Index, { did: writer }: typeof ada, namespace: string | null = null) =>
  index.changeWriters({ kind: 'revoke', writer, namespace });
/** Who signed each result of a verified answer, by the id of the record. */
async function signers(index: Index, namespace = ''): Promise<Record<string, string>> {
  const model = index.info().modelDigest;
  const { verified } = await askVerified(index, { topK: 50, namespace, model });
  return Object.fromEntries(
    verified.answer.results.map(({ shown }, at) => {
      const { signer, custody } = verified.writes[at]!.statement;
      return [shown.id.value, `${signer === owner ? 'owner' : signer === ada.did ? 'ada' : 'ben'} ${custody}`];
    }),
  );
}

it('two writers and the owner write one index, and each record shows who wrote it', async () => {
  const { index } = await openIndex();
  await index.upsert([recordOf('o1')]);
  expect(await delegate(index, ada)).toEqual([{ writer: ada.did, namespace: '', from: 2, until: null }]);
  await delegate(index, ben);
  expect(await index.as(ada).upsert([recordOf('a1'), recordOf('a2')])).toEqual({ sequence: 2, count: 2 });
  await index.as(ben).upsert([recordOf('b1')]);
  await index.as(ben).update({ id: 'a2', setMetadata: { seen: true } });
  await index.upsert([recordOf('o2')]);
  const self = 'owner self';
  expect(await signers(index)).toEqual({ o1: self, o2: self, a1: 'ada provider', a2: 'ben provider', b1: 'ben provider' });
  await index.as(ada).delete({ ids: ['b1'] });
  await index.as(ada).delete({ filter: { name: 'o2' } });
  expect(await index.list({})).toMatchObject({ ids: ['a1', 'a2', 'o1'] });
  const found = await index.search({ parsed: (await askVerified(index)).verified.request });
  expect(found.records.find(({ id }) => id === 'a1')).toMatchObject({ signer: ada.did, custody: 'provider', author: null });
  expect(await index.check()).toMatchObject({ ok: true, writes: 7 });
});

it('a writer without a delegation, a revoked one, and one out of scope change nothing', async () => {
  const { index } = await openIndex();
  await index.upsert([recordOf('o1'), recordOf('d1', { namespace: 'drafts/1' })]);
  const refused = async (code: string, ...calls: (() => Promise<unknown>)[]) => {
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code });
  };
  const by = index.as(ada);
  await refused(
    'WRITER_NOT_DELEGATED',
    () => by.upsert([recordOf('x')]),
    () => by.update({ id: 'o1', setMetadata: { x: 1 } }),
  );
  await delegate(index, ada, 'drafts/');
  await refused(
    'WRITER_SCOPE',
    () => by.upsert([recordOf('x')]),
    () => by.upsert([recordOf('x', { namespace: 'drafts/2' }), recordOf('x', { namespace: 'draft' })]),
    () => by.delete({ ids: ['o1'] }),
    () => by.delete({ all: true }),
  );
  await by.upsert([recordOf('x', { namespace: 'drafts/2' })]);
  expect(await signers(index, 'drafts/2')).toEqual({ x: 'ada provider' });
  expect(await by.delete({ ids: ['nothing'] })).toEqual({ sequence: 2, count: 0 });
  const ended = [{ writer: ada.did, namespace: 'drafts/', from: 2, until: 3 }];
  expect(await revoke(index, ada)).toEqual(ended);
  expect(await revoke(index, ada)).toEqual(ended);
  await refused(
    'WRITER_REVOKED',
    () => by.upsert([recordOf('y', { namespace: 'drafts/2' })]),
    () => by.delete({ all: true }, 'drafts/2'),
  );
  await index.upsert([recordOf('o3')]);
  // What was written before the revocation still verifies.
  expect(await signers(index, 'drafts/2')).toEqual({ x: 'ada provider' });
  expect(await index.stats()).toMatchObject({ records: 4, sequence: 3 });
});

it('a delegation can be given again, and an ended one stays in the list', async () => {
  const { index } = await openIndex();
  await delegate(index, ada);
  expect(await delegate(index, ada)).toHaveLength(1);
  await index.as(ada).upsert([recordOf('a1')]);
  await revoke(index, ada);
  await delegate(index, ada, 'late');
  await index.as(ada).upsert([recordOf('a2', { namespace: 'late' })]);
  expect(await index.writers()).toEqual([
    { writer: ada.did, namespace: '', from: 1, until: 2 },
    { writer: ada.did, namespace: 'late', from: 2, until: null },
  ]);
  expect([await signers(index), await signers(index, 'late')]).toEqual([{ a1: 'ada provider' }, { a2: 'ada provider' }]);
  await expect(revoke(index, ada, 'other')).rejects.toMatchObject({ code: 'DELEGATION_INVALID' });
  await expect(revoke(index, ben)).rejects.toMatchObject({ code: 'DELEGATION_INVALID' });
  await expect(index.changeWriters({ kind: 'delegate', writer: owner, namespace: '' })).rejects.toMatchObject({
    code: 'DELEGATION_INVALID',
  });
});

it('the list is full after 128 delegations, or 16 KiB', async () => {
  const { index } = await openIndex();
  for (let at = 0; at < 128; at++) await delegate(index, ada, `${at}`);
  await expect(delegate(index, ada, 'more')).rejects.toMatchObject({ code: 'DELEGATION_INVALID' });
  await revoke(index, ada, '7');
  const { index: other } = await openIndex();
  const long = (at: number) => delegate(other, ada, `${at}/`.padEnd(500, 'x'));
  let made = 0;
  await expect(
    (async () => {
      for (; made < 128; made++) await long(made);
    })(),
  ).rejects.toMatchObject({ code: 'DELEGATION_INVALID' });
  expect(made).toBe(26);
  expect(await revoke(other, ada)).toHaveLength(26);
}, 30_000);

it('the list is in the log at once, and there after a restart', async () => {
  const { store, index, directory } = await openIndex();
  await index.upsert(records(3));
  const before = index.info();
  await delegate(index, ada);
  expect(index.info()).toMatchObject({ snapshot: before.snapshot + 1, sequence: before.sequence });
  const { manifest, writers } = await index.snapshot(index.info().manifestHash);
  expect(JSON.parse(writers!.body)).toMatchObject({ writers: [{ writer: ada.did, from: 2 }] });
  expect(Object.keys(JSON.parse(manifest) as object).at(-1)).toBe('writers');
  expect(await index.snapshot(before.manifestHash)).not.toHaveProperty('writers');
  await index.as(ada).upsert([recordOf('a1')]);
  await store.close();
  const again = (await open(directory)).index('rivers');
  expect(await again.writers()).toHaveLength(1);
  await again.as(ada).upsert([recordOf('a2')]);
  expect(await signers(again)).toMatchObject({ r0: 'owner self', a1: 'ada provider', a2: 'ada provider' });
  expect(await again.check()).toMatchObject({ ok: true });
});

it('a file that a writer hands over is signed by the writer, and so is its deletion', async () => {
  const { index, directory } = await openIndex();
  const path = join(directory, 'spring.md');
  await writeFile(path, '# Floods\n\nThe spring flood begins in April, when the snow melts.');
  const file = { path, name: 'spring.md' };
  await expect(index.as(ada).addFile(file)).rejects.toMatchObject({ code: 'WRITER_NOT_DELEGATED' });
  await delegate(index, ada);
  await index.as(ada).addFile(file);
  expect(Object.values(await signers(index))).toEqual(['ada provider']);
  await revoke(index, ada);
  await expect(index.as(ada).deleteDocument({ namespace: '', document: 'spring.md' })).rejects.toMatchObject({
    code: 'WRITER_REVOKED',
  });
  expect((await index.stats()).records).toBe(1);
});

it.each([true, false])('a list whose write to the disk failed is what the disk kept (%s)', async (persisted) => {
  const folder = await temporaryFolder();
  const fault: Fault = { at: null, persisted };
  const service = await makeService(folder, faultyDisk(fault));
  await write(service, put('r1'));
  fault.at = 'batch';
  const change = { kind: 'delegate', writer: ada.did, namespace: '', time: 1 } as const;
  await expect(service.call('changeWriters', change)).rejects.toMatchObject({ code: 'DISK_WRITE' });
  expect(await service.call('writers', null)).toHaveLength(persisted ? 1 : 0);
  await service.call('changeWriters', change);
  await service.call('close', null);
  const again = await reopen(folder);
  expect(await again.call('writers', null)).toHaveLength(1);
  await again.call('close', null);
});

it('a lost or altered list is damage', async () => {
  const folder = await temporaryFolder();
  const service = await makeService(folder);
  await service.call('changeWriters', { kind: 'delegate', writer: ada.did, namespace: '', time: 1 });
  const { hash } = service.state.published.writers!;
  await service.call('close', null);
  const key = Buffer.concat([Buffer.from('k'), Buffer.from(hash, 'hex')]);
  for (const value of [null, Buffer.from('{"body":"{}","signature":""}')]) {
    const database = await openDatabase(join(folder, 'rivers', 'db'));
    await database.batch([{ key, value }]);
    await database.close();
    await expect(reopen(folder)).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
  }
  await rm(folder, { recursive: true });
});
