import { StoreError } from '../errors.ts';
import { engineScanMax } from '../limits.ts';
import type { IndexSettings } from '../types.ts';
import type { RemoteEngine, RemoteOptions } from './types.ts';

/** The engine of an index; null when its graph is in this process. The library of an engine is loaded only here. */
export async function openRemote(settings: IndexSettings, url: string | null): Promise<RemoteOptions | null> {
  if (settings.graphOn === null || settings.dimension === 0) return null;
  const scanMax = engineScanMax;
  if (url === null) return { engine: missing(settings.name), scanMax };
  const { createPgvector } = await import('./pgvector/pgvector.ts');
  return { engine: createPgvector(url, settings), scanMax };
}

/** For an index that was made with an engine, when none was named at the start. */
function missing(name: string): RemoteEngine {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new StoreError(
        'ENGINE_UNREACHABLE',
        `index ${name} has its graph on PostgreSQL, and no address was given; start with --engine, or set TRIBUTARY_ENGINE_URL`,
      ),
    );
  return {
    open: refuse,
    place: refuse,
    cut: refuse,
    apply: refuse,
    nearest: refuse,
    forget: refuse,
    cancel() {},
    close: async () => undefined,
  };
}
