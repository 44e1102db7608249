import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase, type Embedder } from '@tributary/store';
import type { Access } from '../gateway/access.ts';
import type { EmbeddingMarket } from '../gateway/embeddings/market.ts';
import { askingRow, row } from '../gateway/endpoint.ts';
import type { InFlight } from '../gateway/in-flight.ts';
import type { Dialect, GatewayRoute } from '../gateway/types.ts';
import { embeddingsEndpoint } from './embeddings/embeddings.ts';
import { getEmbeddings, type VectorSources } from './embeddings/get-embeddings.ts';
import { findModel, listModels, modelEndpoint, modelsEndpoint } from './embeddings/models.ts';
import {
  addFileEndpoint,
  deleteFileEndpoint,
  fileContentEndpoint,
  findFile,
  getFileEndpoint,
  listFiles,
  listFilesEndpoint,
} from './files/endpoints.ts';
import { openFileStore, type FileStore } from './files/file-store.ts';
import { fileRow } from './files/types.ts';
import type { OwnIndexes } from '../own/types.ts';
import { refusal } from './refusal.ts';
import { vectorStoreRoutes } from './vector-stores/routes.ts';
import { openVectorStores } from './vector-stores/stores.ts';
import { batchRow, entryRow, storeRow } from './vector-stores/types.ts';
import { createWriter, openTable } from '../rows/rows.ts';

/** What OpenAI's API needs of a node. */
export interface OpenAiOptions {
  /** Folder of its files and their rows. */
  directory: string;
  own: OwnIndexes;
  embedder: Pick<Embedder, 'card' | 'dimension' | 'maxTokens' | 'embedCounted'>;
  now(): number;
  randomBytes(length: number): Uint8Array;
}

/** OpenAI's API of a node, with its open files. */
export interface OpenAi {
  /** @param market where it may buy vectors; null: nowhere */
  dialect(inFlight: InFlight, market: EmbeddingMarket | null): Dialect;
  close(): Promise<void>;
}

const read: Access = { permission: 'read' };
const write: Access = { permission: 'write' };

/**
 * Opens OpenAI's API (docs/spec/openai.md): each route is parse, one call, shape.
 *
 * @throws StoreError STORE_DAMAGED, STORE_LOCKED, DISK_WRITE
 */
export async function openOpenAi({ directory, own, embedder, now, randomBytes }: OpenAiOptions): Promise<OpenAi> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const database = await openDatabase(join(directory, 'db'));
  try {
    const shared = { write: createWriter(database), readOnly: database.readOnly, now, randomBytes };
    const files = await openFileStore({ ...shared, directory, table: await openTable(database, 'file', fileRow) });
    const stores = await openVectorStores({
      ...shared,
      own,
      files,
      window: embedder.maxTokens,
      stores: await openTable(database, 'store', storeRow),
      entries: await openTable(database, 'entry', entryRow),
      batches: await openTable(database, 'batch', batchRow),
    });
    const openedMs = now();
    return {
      dialect: (inFlight, market) =>
        withRoutes([
          ...embeddingRoutes({ own: embedder, market }, openedMs, inFlight),
          ...fileRoutes(files),
          ...vectorStoreRoutes({ stores, files, own }),
        ]),
      async close() {
        await stores.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** The part of OpenAI's API that a gateway without a store has: vectors that others sell. */
export function embeddingsDialect(market: EmbeddingMarket, openedMs: number, inFlight: InFlight): Dialect {
  return withRoutes(embeddingRoutes({ own: null, market }, openedMs, inFlight));
}

const withRoutes = (routes: GatewayRoute[]): Dialect => ({
  routes,
  // Headers that OpenAI's own clients send.
  claims: ({ headers }) => headers['x-stainless-lang'] !== undefined || headers['openai-beta'] !== undefined,
  refusal,
});

function embeddingRoutes(sources: VectorSources, openedMs: number, inFlight: InFlight): GatewayRoute[] {
  const get = getEmbeddings(sources);
  const models = () => listModels(sources, openedMs);
  return [
    askingRow(inFlight, ['POST', '/v1/embeddings'], read, embeddingsEndpoint, get),
    row(['GET', '/v1/models'], read, modelsEndpoint, models),
    row(['GET', '/v1/models/*'], read, modelEndpoint, (id) => findModel(models(), id)),
  ];
}

function fileRoutes(files: FileStore): GatewayRoute[] {
  const one = '/v1/files/:id';
  return [
    row(['POST', '/v1/files'], write, addFileEndpoint, (form, caller) => files.add(form, caller.key)),
    row(['GET', '/v1/files'], read, listFilesEndpoint, (asked, caller) => listFiles(files, asked, caller)),
    row(['GET', one], read, getFileEndpoint, (id, caller) => findFile(files, id, caller)),
    row(['GET', `${one}/content`], read, fileContentEndpoint, (id, caller) => files.open(findFile(files, id, caller))),
    row(['DELETE', one], write, deleteFileEndpoint, async (id, caller) => {
      await files.remove(findFile(files, id, caller));
      return id;
    }),
  ];
}
