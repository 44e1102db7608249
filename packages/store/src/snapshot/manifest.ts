import { hashLeaf, signCheckpoint, toHex, utf8 } from '@tributary/proof/primitives';
import { TAG_MANIFEST, logOrigin, statementHash } from '@tributary/proof/statements';
import type { Manifest } from '@tributary/schemas';
import type { IndexSettings } from '../types.ts';

export interface ManifestFacts {
  sequence: number;
  /** Hash of the previous manifest, hex; zeros for the first. */
  previous: string;
  tree: { size: number; root: Uint8Array };
  live: number;
  write: { sequence: number; hash: string };
  time: number;
  /** Hash of the list of writers, hex; null: the index never had one. */
  writers: string | null;
}

/** The state of an index as the text that its log commits to (docs/spec/snapshot.md). */
export function makeManifest(facts: ManifestFacts, settings: IndexSettings): { body: string; hash: string; leaf: Uint8Array } {
  const manifest: Manifest = {
    v: 1,
    type: 'tributary/manifest',
    index: settings.id,
    sequence: facts.sequence,
    previous: facts.previous,
    tree: { size: facts.tree.size, root: toHex(facts.tree.root) },
    live: facts.live,
    write: { sequence: facts.write.sequence, hash: facts.write.hash },
    model: settings.modelDigest,
    dimension: settings.dimension,
    metric: settings.metric,
    ...(settings.vectors === 'dense' ? {} : { vectors: settings.vectors }),
    time: facts.time,
    provider: settings.provider,
    ...(facts.writers === null ? {} : { writers: facts.writers }),
  };
  const body = JSON.stringify(manifest);
  return { body, hash: manifestHashOf(body), leaf: manifestLeaf(body) };
}

export const manifestHashOf = (body: string): string => statementHash(TAG_MANIFEST, body);
export const manifestLeaf = (body: string): Uint8Array => hashLeaf(utf8(body));

/** The signed head of the log. */
export function makeCheckpoint(size: number, root: Uint8Array, settings: IndexSettings, seed: Uint8Array): string {
  return signCheckpoint({ origin: logOrigin(settings.id), size, root, seed });
}
