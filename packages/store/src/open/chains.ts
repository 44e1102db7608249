import type { Head } from '@tributary/runtime';
import { createTree, toHex, type MerkleTree, ZERO_HASH } from '@tributary/proof/primitives';
import { TAG_WRITE, statementHash } from '@tributary/proof/statements';
import type { Manifest, WriteStatement } from '@tributary/schemas';
import type { Database } from '../disk/database.ts';
import { manifestRange, numberInKey, writeRange } from '../disk/keys.ts';
import { decodeStatement } from '../disk/values.ts';
import { StoreError } from '../errors.ts';
import { manifestHashOf, manifestLeaf } from '../snapshot/manifest.ts';
import type { IndexSettings } from '../types.ts';
import type { ChainEnd } from './types.ts';

export interface Chains {
  lastWrite: ChainEnd;
  log: MerkleTree;
  manifest: Manifest;
  manifestHash: string;
  /** True when the database has one group that was never acknowledged. */
  ahead: boolean;
}

/**
 * Follows the chains of writes and manifests from their start and compares their ends with the head file. A crash
 * between database and head leaves one group beyond the head. Anything else is damage; nothing is repaired by dropping
 * writes.
 *
 * @throws StoreError STORE_DAMAGED
 */
export async function followChains(database: Database, head: Head | null, settings: IndexSettings): Promise<Chains> {
  if (head === null) throw damaged(settings, 'the file with the last acknowledged write is empty');
  const headHash = toHex(head.hash);
  const { last: lastWrite, hashAtHead } = await followWrites(database, head.sequence, settings);
  const manifests = await followManifests(database, settings);
  const { manifest } = manifests;
  if (manifest.write.sequence !== lastWrite.sequence || manifest.write.hash !== lastWrite.hash) {
    throw damaged(settings, `the last manifest names write ${manifest.write.sequence}, the last write is ${lastWrite.sequence}`);
  }
  if (lastWrite.sequence < head.sequence || manifest.sequence < head.snapshot) {
    throw damaged(settings, `write ${head.sequence} was acknowledged, but the database ends with write ${lastWrite.sequence}`);
  }
  if (hashAtHead !== headHash) throw damaged(settings, `write ${head.sequence} is not the one that was acknowledged`);
  if (manifest.sequence > head.snapshot + 1) {
    throw damaged(
      settings,
      `the database holds more than one group of writes beyond write ${head.sequence}, the last acknowledged`,
    );
  }
  return { lastWrite, ...manifests, ahead: manifest.sequence !== head.snapshot };
}

async function followWrites(
  database: Database,
  headSequence: number,
  settings: IndexSettings,
): Promise<{ last: ChainEnd; hashAtHead: string }> {
  let last: ChainEnd = { sequence: 0, hash: ZERO_HASH };
  let hashAtHead = ZERO_HASH;
  for await (const [key, value] of database.scan(writeRange)) {
    const sequence = numberInKey(key);
    if (sequence !== last.sequence + 1) throw damaged(settings, `write ${last.sequence + 1} is missing`);
    const { body } = decodeStatement(value, `write ${sequence}`);
    const statement = readJson<WriteStatement>(body, settings, `write ${sequence}`);
    if (statement.sequence !== sequence || statement.previous !== last.hash || statement.index !== settings.id) {
      throw damaged(settings, `write ${sequence} does not continue write ${last.sequence}`);
    }
    last = { sequence, hash: statementHash(TAG_WRITE, body) };
    if (sequence === headSequence) hashAtHead = last.hash;
  }
  return { last, hashAtHead };
}

async function followManifests(
  database: Database,
  settings: IndexSettings,
): Promise<Pick<Chains, 'log' | 'manifest' | 'manifestHash'>> {
  const leaves: Uint8Array[] = [];
  let manifest: Manifest | null = null;
  let hash = ZERO_HASH;
  for await (const [key, value] of database.scan(manifestRange)) {
    const sequence = numberInKey(key);
    if (sequence !== leaves.length) throw damaged(settings, `manifest ${leaves.length} is missing`);
    const body = value.toString();
    manifest = readJson<Manifest>(body, settings, `manifest ${sequence}`);
    if (manifest.sequence !== sequence || manifest.previous !== hash || manifest.index !== settings.id) {
      throw damaged(settings, `manifest ${sequence} does not continue the one before`);
    }
    hash = manifestHashOf(body);
    leaves.push(manifestLeaf(body));
  }
  if (manifest === null) throw damaged(settings, 'the log of manifests is empty');
  const log = createTree();
  log.setMany(leaves.entries());
  return { log, manifest, manifestHash: hash };
}

function readJson<T>(body: string, settings: IndexSettings, what: string): T {
  try {
    return JSON.parse(body) as T;
  } catch {
    throw damaged(settings, `${what} cannot be read`);
  }
}

export function damaged(settings: IndexSettings, what: string): StoreError {
  return new StoreError('STORE_DAMAGED', `index ${settings.name}: ${what}. Nothing was changed; restore a backup`);
}
