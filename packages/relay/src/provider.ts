import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { peerIdOfSeed } from '@tributary/client';
import type { Store } from '@tributary/store';
import { openAdminServer } from './admin/admin-server.ts';
import { openProviderFolder, type ProviderFolder } from './keys.ts';
import type { ProviderMetrics } from './observe/provider-metrics.ts';
import { openParts, type Parts } from './parts.ts';
import { creditUnit } from './payments/ledger.ts';
import { providerAdmin } from './provider/admin-methods.ts';
import { hostIndexes } from './provider/hosted-indexes.ts';
import { openIdentity, type OwnIdentity } from './provider/identity.ts';
import { joinNetwork } from './provider/join-network.ts';
import { ledgerPruneMs, offerMissedMs, offerRefreshMs } from './provider/limits.ts';
import { providerMethods } from './provider/methods.ts';
import { openMetricsServer } from './provider/metrics-server.ts';
import { openData } from './provider/open-data.ts';
import { applyRestoreMark, forgetRestoreMark } from './provider/restored.ts';
import type { ProviderConfig, ProviderNode } from './provider/types.ts';
import { writerAdmin } from './writers/admin-methods.ts';
import { tidyData } from './provider/upkeep.ts';

/**
 * Starts a provider: keys, data, identity, offers and serve line, network, upkeep, admin socket. This is the only place
 * that wires them.
 */
export function startProvider(config: ProviderConfig): Promise<ProviderNode> {
  return openParts(config.log, (parts) => start(config, parts));
}

async function start(config: ProviderConfig, parts: Parts): Promise<Omit<ProviderNode, 'close'>> {
  const { log, dataDirectory } = config;
  const folder = await parts.open('folder', openProviderFolder(dataDirectory, randomBytes));
  const { keys } = folder;
  const data = await openData(config, folder, parts);
  if (folder.parts.readOnly)
    log.warn('read-only', { folder: dataDirectory, why: 'its file system is read-only: reads are served' });
  await tidyData(data.store, data.policies, log);
  const { own, rehearsal } = await openOwnIdentity(config, folder, data.store);
  const hosted = await hostIndexes(keys, data, own, config, parts);
  const network = await joinNetwork(config, keys, own, hosted, rehearsal, parts);
  parts.every(offerRefreshMs, hosted.refresh);
  parts.every(offerMissedMs, async () => void (hosted.isStale() && (await hosted.refresh())));
  parts.every(ledgerPruneMs, () => data.ledger.prune());
  const provider = providerMethods(config, folder, data, hosted, network, rehearsal);
  const methods = {
    ...providerAdmin(provider, data.ledger, hosted.metrics, creditUnit),
    ...writerAdmin(data.writers, data.store),
  };
  await parts.open('admin', openAdminServer(dataDirectory, methods, folder.parts.readOnly));
  await serveMetrics(config, hosted.metrics, parts);
  return provider;
}

/**
 * The identity of this node. A restored copy that went live gets a new one; once that is on disk, its mark is removed.
 */
async function openOwnIdentity(
  { dataDirectory, log }: ProviderConfig,
  { keys, parts: held }: ProviderFolder,
  store: Store,
): Promise<{ own: OwnIdentity; rehearsal: boolean }> {
  const restored = await applyRestoreMark(dataDirectory, held, store);
  const rehearsal = restored === 'rehearsal';
  if (rehearsal) log.warn('rehearsal', { why: 'restored copy; announced to nobody until tributary restore --go-live' });
  const path = join(dataDirectory, 'identity.json');
  const peerId = await peerIdOfSeed(keys.peer.seed);
  const own = await openIdentity({ path, keys, peerId, now: Date.now, anew: restored === 'live', readOnly: held.readOnly });
  if (restored === 'live') await forgetRestoreMark(dataDirectory, held);
  return { own, rehearsal };
}

async function serveMetrics({ metricsPort, log }: ProviderConfig, metrics: ProviderMetrics, parts: Parts): Promise<void> {
  if (metricsPort === undefined) return;
  const { url } = await parts.open('metrics', openMetricsServer(metricsPort, metrics));
  log.info('metrics', { url });
}
