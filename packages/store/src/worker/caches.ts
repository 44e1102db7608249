import { saveGraph } from '../graph/stored-graph.ts';
import { saveImage } from '../image/image.ts';
import { cacheChangesMax, cacheChangesMin, cacheChangesPercent } from '../limits.ts';
import type { IndexState } from '../state.ts';

/**
 * True when so much has changed that graph or image should be saved again. After a kill, at most so many vectors are
 * not in the graph's file and have to be scanned, and at most so many records are read.
 */
export function areCachesDue({ engine, image, published }: IndexState): boolean {
  const share = Math.min((published.live * cacheChangesPercent) / 100, cacheChangesMax);
  return Math.max(image.changes, engine.unsaved()) >= Math.max(cacheChangesMin, share);
}

/** Saves what makes the next opening fast and is out of date. */
export async function saveCaches(state: IndexState): Promise<void> {
  const { directory, engine } = state;
  if (engine.unsaved() > 0) await saveGraph(directory, engine);
  if (state.image.snapshot !== state.published.snapshot) await saveImage(state);
}

export const areCachesStale = ({ engine, image, published }: IndexState): boolean =>
  engine.unsaved() > 0 || image.snapshot !== published.snapshot;
