import type { Head } from '@tributary/runtime';
import { createTree, toHex, type MerkleTree, ZERO_HASH } from '@tributary/proof/primitives';
import { TAG_WRITE, statementHash } from '@tributary/proof/statements';
import type { Manifest, WriteStatement } from '@tributary/schemas';
import type { Database } from '../disk/database.ts';
import { manifestKey, manifestRange, numberInKey, writeKey, writeRange } from '../disk/keys.ts';
import { decodeStatement } from '../disk/values.ts';
import { StoreError } from '../errors.ts';
import { manifestHashOf, manifestLeaf } from '../snapshot/manifest.ts';
import type { IndexSettings } from '../types.ts';
import type { ChainEnd, Chains } from './types.ts';

/** A snapshot that is known already, with the log up to its manifest. */
export interface ChainStart {
  readonly snapshot: number;
  readonly manifestHash: string;
  readonly log: MerkleTree;
}

/**
 * Follows the chains of writes and manifests, from their start or from a known snapshot, and compares their ends with
 * the head file. A crash between database and head leaves one group beyond the head. Anything else is damage; nothing
 * is repaired by dropping writes.
 *
 * @throws StoreError STORE_DAMAGED
 */
export async function followChains(
  database: Database,
  head: Head | null,
  settings: IndexSettings,
  start: ChainStart | null = null,
): Promise<Chains> {
  if (head === null) throw damaged(settings, `its file 'head' with the last acknowledged write is missing or empty`);
  const headHash = toHex(head.hash);
  const known = start === null ? null : knownManifest(database, start, settings);
  const firstWrite = known?.write ?? { sequence: 0, hash: ZERO_HASH };
  const { last: lastWrite, hashAtHead } = await followWrites(database, head.sequence, firstWrite, settings);
  const manifests = await followManifests(database, start, known, settings);
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
  start: ChainEnd,
  settings: IndexSettings,
): Promise<{ last: ChainEnd; hashAtHead: string }> {
  let last = start;
  let hashAtHead = start.sequence === headSequence ? start.hash : ZERO_HASH;
  for await (const [key, value] of database.scan({ gte: writeKey(start.sequence + 1), lt: writeRange.lt })) {
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

/** The manifest of a known snapshot. @throws StoreError STORE_DAMAGED when the database has another one, or none */
function knownManifest(database: Database, { snapshot, manifestHash, log }: ChainStart, settings: IndexSettings): Manifest {
  const body = database.get(manifestKey(snapshot))?.toString() ?? '';
  if (manifestHashOf(body) === manifestHash && log.size === snapshot + 1)
    return readJson<Manifest>(body, settings, `manifest ${snapshot}`);
  throw damaged(settings, `manifest ${snapshot} is not the known one`);
}

/** Leaves that are added together. All of them at once would be an object for each manifest. */
const LEAVES_AT_ONCE = 4_096;

async function followManifests(
  database: Database,
  start: ChainStart | null,
  known: Manifest | null,
  settings: IndexSettings,
): Promise<Pick<Chains, 'log' | 'manifest' | 'manifestHash'>> {
  const log = start?.log ?? createTree();
  let leaves: [number, Uint8Array][] = [];
  let manifest = known;
  let hash = start?.manifestHash ?? ZERO_HASH;
  for await (const [key, value] of database.scan({ gte: manifestKey(log.size), lt: manifestRange.lt })) {
    const sequence = numberInKey(key);
    const expected = log.size + leaves.length;
    if (sequence !== expected) throw damaged(settings, `manifest ${expected} is missing`);
    const body = value.toString();
    manifest = readJson<Manifest>(body, settings, `manifest ${sequence}`);
    if (manifest.sequence !== sequence || manifest.previous !== hash || manifest.index !== settings.id) {
      throw damaged(settings, `manifest ${sequence} does not continue the one before`);
    }
    hash = manifestHashOf(body);
    leaves.push([sequence, manifestLeaf(body)]);
    if (leaves.length < LEAVES_AT_ONCE) continue;
    log.setMany(leaves);
    leaves = [];
  }
  if (manifest === null) throw damaged(settings, 'the log of manifests is empty');
  log.setMany(leaves);
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
