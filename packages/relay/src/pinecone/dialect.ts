import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyRequest } from 'fastify';
import type { Permission } from '@tributary/schemas';
import { openDatabase, StoreError } from '@tributary/store';
import type { Access } from '../gateway/access.ts';
import { ask } from '../gateway/ask.ts';
import type { InFlight } from '../gateway/in-flight.ts';
import { listFor } from '../gateway/list.ts';
import type { Dialect, GatewayDeps } from '../gateway/types.ts';
import { waitingFor } from '../gateway/waiting.ts';
import type { OwnIndexes } from '../own/types.ts';
import { createWriter, openTable } from '../rows/rows.ts';
import { openBackups, type Backups } from './backups/backups.ts';
import { backupRoutes } from './backups/routes.ts';
import { backupRow, restoreRow } from './backups/types.ts';
import { controlRoutes } from './control/routes.ts';
import { dataRoutes } from './data/routes.ts';
import { documentRoutes } from './documents/routes.ts';
import type { OwnEmbedder } from './inference/embed.ts';
import type { OwnReranker } from './inference/rerank.ts';
import { inferenceRoutes } from './inference/routes.ts';
import { openImports, type Imports } from './imports/imports.ts';
import { importRoutes } from './imports/routes.ts';
import { importRow, type ImportPlace } from './imports/types.ts';
import { createOthers, type Network } from './others/others.ts';
import { createPlaces } from './place.ts';
import { recordRoutes } from './records/routes.ts';
import { refusal } from './refusal.ts';
import { unsupportedRoutes } from './unsupported.ts';

/** What Pinecone's API needs of a node. */
export interface PineconeOptions {
  /** Folder of its backups and their rows. */
  directory: string;
  own: OwnIndexes;
  embedder: OwnEmbedder;
  /** Default: none. */
  reranker?: OwnReranker | null;
  /** From where callers may import. Default: from nowhere. */
  imports?: readonly ImportPlace[] | undefined;
  now(): number;
  randomBytes(length: number): Uint8Array;
}

/** Pinecone's API of a node, with its open files. */
export interface PineconeApi {
  dialect(inFlight: InFlight, deps: GatewayDeps): Dialect;
  close(): Promise<void>;
}

/**
 * Opens Pinecone's API (docs/spec/pinecone.md): each route is parse, one call on the node's own indexes, shape.
 *
 * @throws StoreError STORE_DAMAGED, STORE_LOCKED, DISK_WRITE
 */
export async function openPinecone({
  directory,
  imports: places = [],
  now,
  randomBytes,
  ...node
}: PineconeOptions): Promise<PineconeApi> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const database = await openDatabase(join(directory, 'db'));
  try {
    const write = createWriter(database);
    const { readOnly } = database;
    const imports = openImports({
      own: node.own,
      places,
      table: await openTable(database, 'import', importRow),
      write,
      readOnly,
      now,
    });
    const backups = await openBackups({
      directory: join(directory, 'backups'),
      own: node.own,
      backups: await openTable(database, 'backup', backupRow),
      restores: await openTable(database, 'restore', restoreRow),
      write,
      readOnly,
      now,
      randomId: () => Buffer.from(randomBytes(12)).toString('hex'),
    });
    return {
      dialect: dialectOf({ ...node, backups, imports }),
      async close() {
        await imports.close();
        await backups.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

interface DialectParts extends Pick<PineconeOptions, 'own' | 'embedder' | 'reranker'> {
  backups: Backups;
  imports: Imports;
}

function dialectOf({ own, embedder, reranker = null, backups, imports }: DialectParts): PineconeApi['dialect'] {
  const may = (permission: Permission): Access => ({ permission, index: (request) => indexInPath(request, own) });
  return (inFlight, deps) => {
    const places = createPlaces(
      own,
      createOthers(networkOf(deps, inFlight), (nameOrId) => own.idOf(nameOrId) !== undefined),
    );
    return {
      routes: [
        ...controlRoutes(places, embedder.card.id),
        ...backupRoutes(places, backups),
        ...dataRoutes(places, may),
        ...importRoutes(places, may, imports),
        ...documentRoutes(places, may),
        ...recordRoutes({ places, may, countTokens: embedder.countTokens, reranker, inFlight }),
        ...inferenceRoutes(embedder, reranker, inFlight),
        ...unsupportedRoutes(may),
      ],
      claims: ({ headers, url }) => headers['x-pinecone-api-version'] !== undefined || /^\/+i\//.test(url),
      refusal,
    };
  };
}

/** Questions to others go the way of the node's own route: bounded, paid from the key's budget, proofs kept. */
function networkOf(deps: GatewayDeps, inFlight: InFlight): Network {
  return {
    offers: (caller) => listFor(deps, caller).offers,
    ask: (question, caller, reply) =>
      inFlight.run(reply, async (signal) => {
        const asked = await ask(deps, { question, includeProof: false }, caller, waitingFor(reply, signal));
        if (asked.own === null) return asked.network;
        throw new StoreError('INDEX_NOT_FOUND', `${question.index} is an index of this node now; ask again`);
      }),
  };
}

/** The index in a path, by its id if it is an own index. */
function indexInPath({ params }: FastifyRequest, own: OwnIndexes): string {
  const { index } = params as { index: string };
  return own.idOf(index) ?? index;
}
