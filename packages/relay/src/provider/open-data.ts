import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { networkOf } from '@tributary/proof/payment';
import { createSteadyClock } from '@tributary/runtime';
import { openEmbedder, openStore, type Embedder, type Store } from '@tributary/store';
import type { ProviderFolder } from '../keys.ts';
import type { Parts } from '../parts.ts';
import type { Ledger } from '../payments/ledger.ts';
import { openDiskLedger } from '../payments/open-ledger.ts';
import { openPolicies, type Policies } from '../policy/policy-files.ts';
import { openWriterKeys, type WriterKeys } from '../writers/writer-keys.ts';
import type { ProviderConfig } from './types.ts';

/** The data that a provider keeps on disk, and its embedding model. */
export interface ProviderData {
  readonly embedder: Embedder;
  readonly store: Store;
  readonly ledger: Ledger;
  readonly policies: Policies;
  readonly writers: WriterKeys;
}

/** Opens the model, the indexes, the ledger and the policies, and notes that they are there. An index that cannot be
 * opened is logged. */
export async function openData(
  config: ProviderConfig,
  { keys, parts: held }: ProviderFolder,
  parts: Parts,
): Promise<ProviderData> {
  const { log, dataDirectory, modelDirectory, device, endpoint, modelIdleMs } = config;
  const opening = openEmbedder({
    modelDirectory,
    idleMs: modelIdleMs,
    ...(device === undefined ? {} : { device }),
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  const embedder = await parts.open('embedder', opening);
  const owner = { seed: keys.owner.seed };
  const store = await parts.open(
    'store',
    openStore({
      directory: join(dataDirectory, 'store'),
      owner,
      embedder,
      parts: held.below('store'),
      ...(config.engineUrl === undefined ? {} : { engineUrl: config.engineUrl }),
      ...(config.graphs === undefined ? {} : { graphs: config.graphs }),
    }),
  );
  for (const { name, error } of store.failed()) log.error('index-not-opened', { index: name, error });
  await held.expect('ledger/db');
  const openingLedger = openDiskLedger(join(dataDirectory, 'ledger'), {
    network: networkOf(keys.owner.did),
    payee: keys.receipt.address,
    receiptKey: keys.receipt.privateKey,
    now: Date.now,
    steadyNow: createSteadyClock(),
    fault: (error) => log.error('ledger-fault', { error }),
  });
  const ledger = await parts.open('ledger', openingLedger);
  const policies = await openPolicies(join(dataDirectory, 'policies'), held.below('policies'));
  const writers = await openWriterKeys(join(dataDirectory, 'keys', 'writers'), randomBytes, held);
  await held.note();
  return { embedder, store, ledger, policies, writers };
}
