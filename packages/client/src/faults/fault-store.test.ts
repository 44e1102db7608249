import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbeddingFault } from '@tributary/schemas';
import { expect, onTestFinished, test } from 'vitest';
import { testProvider } from '../testing/announcements.ts';
import { openFaultStore } from './fault-store.ts';
import { faultsKeptMax } from './limits.ts';

const { identity, offers } = testProvider(1).announce({ embeddings: [{}] });

function faultOf(provider: string, at: number): EmbeddingFault {
  const zeros = '0'.repeat(64);
  const receipt = {
    channel: zeros,
    ticket: 'A'.repeat(22),
    sequence: 0,
    requestHash: zeros,
    responseHash: zeros,
    offerHash: zeros,
    manifestHash: zeros,
    snapshot: 0,
    status: 'ok' as const,
    charge: '0',
    chargedTotal: '0',
    servedAt: at,
    previous: zeros,
    signature: '0'.repeat(130),
  };
  const request = { nonce: 'A'.repeat(43), body: '{}' };
  const bundle = { request, response: '{}', receipt, payment: null, offer: offers[0]!, identity };
  return {
    v: 1,
    type: 'tributary/embedding-fault',
    at,
    provider,
    model: zeros,
    text: 0,
    vector: 'AAAAAA',
    weights: 'q8',
    cosine: 0.25,
    bundle: { v: 1, type: 'tributary/embedding-bundle', ...bundle },
  };
}
const didOf = (number: number): string => testProvider(number).did;

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tributary-faults-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

test('who sold a false vector is remembered over a restart, with one file that only the owner reads', async () => {
  const directory = await folder();
  const faults = await openFaultStore(directory);
  await faults.add(faultOf(didOf(1), 20));
  await faults.add(faultOf(didOf(2), 10));
  await faults.add(faultOf(didOf(1), 30));
  const again = await openFaultStore(directory);
  expect(again.notes().map(({ provider, at }) => [provider, at])).toEqual([
    [didOf(2), 10],
    [didOf(1), 20],
  ]);
  expect([again.has(didOf(1)), again.has(didOf(3))]).toEqual([true, false]);
  expect((await stat(again.notes()[0]!.file!)).mode & 0o777).toBe(0o600);
  expect([await again.forgive(didOf(2)), await again.forgive(didOf(2))]).toEqual([true, false]);
  expect(await readdir(directory)).toHaveLength(1);
  expect((await openFaultStore(directory)).has(didOf(2))).toBe(false);
});

test('the oldest record goes when there are too many', async () => {
  const directory = await folder();
  const faults = await openFaultStore(directory);
  for (let number = 0; number <= faultsKeptMax; number += 1) await faults.add(faultOf(didOf(number), number));
  expect([faults.has(didOf(0)), faults.has(didOf(1)), faults.notes().length]).toEqual([false, true, faultsKeptMax]);
  expect(await readdir(directory)).toHaveLength(faultsKeptMax);
});

test('a damaged record is no reason to trust again: the client does not open', async () => {
  const directory = await folder();
  await writeFile(join(directory, 'z6Mk.json'), '{}');
  await expect(openFaultStore(directory)).rejects.toMatchObject({ code: 'WALLET_DAMAGED' });
});
