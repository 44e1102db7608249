import { rendezvousDirectory, startNode, stderrLog } from '@tributary/relay';
import { credits, listenAddresses, ownerIds, peerAddresses, port } from '../arguments.ts';
import { refuseSecondNode } from '../data-folder.ts';
import { dataFolder, shippedModel } from '../folders.ts';
import { tellParent } from '../steps/ready.ts';
import { readTls } from '../steps/tls.ts';
import { aborted } from '../ui/interrupt.ts';
import type { Output } from '../ui/output.ts';

export interface NodeOptions {
  port: string;
  host?: string;
  tlsCert?: string;
  tlsKey?: string;
  data?: string;
  listen?: string[];
  bootstrap?: string[];
  model?: string;
  allow?: string[];
  maxPerQuery?: string;
  maxPerDay?: string;
}

/** `tributary node`: provider and gateway in one process with one data folder, until it is stopped. */
export async function nodeCommand(options: NodeOptions, output: Output, signal: AbortSignal): Promise<number> {
  const tls = await readTls(options.tlsCert, options.tlsKey);
  const config = {
    dataDirectory: dataFolder('node', options.data),
    port: port('--port', options.port),
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(tls === null ? {} : { tls }),
    listen: listenAddresses(options.listen),
    bootstrap: peerAddresses(options.bootstrap),
    rendezvous: rendezvousDirectory(process.env),
    modelDirectory: options.model ?? shippedModel,
    allowed: ownerIds(options.allow),
    caps: {
      ...(options.maxPerQuery === undefined ? {} : { perCall: credits('--max-per-query', options.maxPerQuery) }),
      ...(options.maxPerDay === undefined ? {} : { perDay: credits('--max-per-day', options.maxPerDay) }),
    },
    log: stderrLog(process.stderr, process.env, Date.now),
  };
  await refuseSecondNode(config.dataDirectory);
  signal.throwIfAborted();
  const node = await startNode(config);
  try {
    const { provider, gateway } = node;
    output.line(`node at ${gateway.url}`);
    for (const address of provider.addresses()) output.line(`  at ${address}`);
    output.line(`  wallet ${gateway.payer}`);
    const indexes = provider.store.indexes();
    output.note(indexes.length === 0 ? 'it has no index yet' : `its indexes: ${indexes.map(({ name }) => name).join(', ')}`);
    tellParent({ ready: 'node', url: gateway.url, payer: gateway.payer });
    await aborted(signal);
    output.note('stopping…');
  } finally {
    await node.close();
  }
  return 0;
}
