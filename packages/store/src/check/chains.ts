import type { Head } from '@tributary/runtime';
import {
  createTree,
  ed25519PublicKey,
  equalBytes,
  fromHex,
  hashLeaf,
  openCheckpoint,
  utf8,
  ZERO_HASH,
} from '@tributary/proof/primitives';
import { delegationsOf, logOrigin, readManifest, readWrite, readWriters } from '@tributary/proof/statements';
import { StoreError } from '../errors.ts';
import { findWriters } from '../snapshot/proofs.ts';
import { manifestHashKey, manifestRange, numberInKey, writeHashKey, writeRange } from '../disk/keys.ts';
import { decodeStatement } from '../disk/values.ts';
import { PROGRESS_EVERY, type CheckContext } from './types.ts';

/**
 * Checks every write: shape, signature, place in the chain, and the row that finds it by hash; then the head file.
 * Returns the number of writes.
 */
export async function checkWrites(context: CheckContext, head: Head | null): Promise<number> {
  const { settings, published, reader, report, writes } = context;
  let previous = ZERO_HASH;
  let expected = 1;
  for await (const [key, value] of reader.scan(writeRange)) {
    const sequence = numberInKey(key);
    const where = `write ${sequence}`;
    if (sequence % PROGRESS_EVERY === 0) context.progress({ phase: 'writes', done: sequence, total: published.write.sequence });
    try {
      const { statement, hash } = readWrite(decodeStatement(value, where));
      if (sequence !== expected || statement.sequence !== sequence || statement.previous !== previous) {
        report('STORE_DAMAGED', where, 'it does not continue the previous write');
      }
      if (statement.index !== settings.id) report('STORE_DAMAGED', where, 'it is of another index');
      const { signer } = statement;
      if (signer !== settings.provider) delegationsOf(published.writers?.statement ?? null, signer, sequence);
      if (Number(reader.get(writeHashKey(fromHex(hash)))?.readBigUInt64BE(0)) !== sequence) {
        report('STORE_DAMAGED', where, 'it cannot be found by its hash');
      }
      writes.set(sequence, { hash, root: fromHex(statement.root), size: statement.size });
      previous = hash;
    } catch (error) {
      report('STORE_DAMAGED', where, messageOf(error));
    }
    expected = sequence + 1;
  }
  if (previous !== published.write.hash) report('STORE_DAMAGED', 'writes', 'the last one is not that of the newest snapshot');
  // The head may be ahead of the snapshot being checked, but never behind it.
  if (head === null || head.sequence < published.write.sequence) report('STORE_DAMAGED', 'head', 'it names an older write');
  else if (head.sequence === published.write.sequence && !equalBytes(head.hash, fromHex(published.write.hash))) {
    report('STORE_DAMAGED', 'head', 'it names another write of the same number');
  }
  return writes.size;
}

/**
 * Checks every manifest: shape, chain, and the row that finds it by hash; then the checkpoint over all. Returns the
 * number of manifests.
 */
export async function checkLog(context: CheckContext, seed: Uint8Array): Promise<number> {
  const { settings, published, reader, report } = context;
  const log = createTree();
  let previous = ZERO_HASH;
  for await (const [key, value] of reader.scan(manifestRange)) {
    const sequence = numberInKey(key);
    const where = `manifest ${sequence}`;
    if (sequence % PROGRESS_EVERY === 0) context.progress({ phase: 'log', done: sequence, total: published.snapshot + 1 });
    const body = value.toString();
    try {
      const { manifest, hash } = readManifest(body);
      if (sequence !== log.size || manifest.sequence !== sequence || manifest.previous !== previous) {
        report('STORE_DAMAGED', where, 'it does not continue the previous manifest');
      }
      if (manifest.index !== settings.id || manifest.model !== settings.modelDigest)
        report('STORE_DAMAGED', where, 'it is of another index');
      if (Number(reader.get(manifestHashKey(fromHex(hash)))?.readBigUInt64BE(0)) !== sequence) {
        report('STORE_DAMAGED', where, 'it cannot be found by its hash');
      }
      if (manifest.writers !== undefined) checkList(manifest.writers, context);
      previous = hash;
    } catch (error) {
      report('STORE_DAMAGED', where, messageOf(error));
    }
    log.set(log.size, hashLeaf(utf8(body)));
  }
  try {
    const checkpoint = openCheckpoint({
      note: published.checkpoint,
      origin: logOrigin(settings.id),
      publicKey: ed25519PublicKey(seed),
    });
    if (checkpoint.size !== log.size || !equalBytes(checkpoint.root, log.root())) {
      report('STORE_DAMAGED', 'checkpoint', 'it is not that of the manifests');
    }
  } catch (error) {
    report('STORE_DAMAGED', 'checkpoint', messageOf(error));
  }
  return log.size;
}

/** @throws ProofError WRITERS_*; StoreError STORE_DAMAGED */
function checkList(hash: string, { reader, settings }: CheckContext): void {
  const list = readWriters(findWriters(hash, reader), settings.provider);
  if (list.hash !== hash || list.statement.index !== settings.id)
    throw new StoreError('STORE_DAMAGED', `the list of writers ${hash} is another`);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
