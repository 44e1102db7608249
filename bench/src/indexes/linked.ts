import { setTimeout as delay } from 'node:timers/promises';
import type { Index } from '@tributary/store';

const SAMPLE_MS = 100;

/** Resolves once the graph of an index, which grows in the background, has every vector. */
export async function untilLinked(index: Pick<Index, 'stats'>): Promise<void> {
  while ((await index.stats()).waiting > 0) await delay(SAMPLE_MS);
}
