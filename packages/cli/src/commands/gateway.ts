import { resolve } from 'node:path';
import { rendezvousDirectory, startGateway, stderrLog } from '@tributary/relay';
import { credits, listenAddresses, ownerIds, peerAddresses, port } from '../arguments.ts';
import { refuseSecondNode } from '../data-folder.ts';
import { dataFolder, shippedModel } from '../folders.ts';
import { aborted } from '../ui/interrupt.ts';
import type { Output } from '../ui/output.ts';
import { tellParent } from '../steps/ready.ts';
import { readTls } from '../steps/tls.ts';

export interface GatewayOptions {
  port: string;
  host?: string;
  tlsCert?: string;
  tlsKey?: string;
  apiKeys?: string;
  data?: string;
  listen?: string[];
  bootstrap?: string[];
  allow?: string[];
  maxPerQuery?: string;
  maxPerDay?: string;
}

/** `tributary gateway`: the HTTP API of the network, until it is stopped. */
export async function gatewayCommand(options: GatewayOptions, output: Output, signal: AbortSignal): Promise<number> {
  const tls = await readTls(options.tlsCert, options.tlsKey);
  const config = {
    dataDirectory: dataFolder('gateway', options.data),
    port: port('--port', options.port),
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(tls === null ? {} : { tls }),
    ...(options.apiKeys === undefined ? {} : { apiKeysDirectory: resolve(options.apiKeys) }),
    listen: listenAddresses(options.listen),
    bootstrap: peerAddresses(options.bootstrap),
    rendezvous: rendezvousDirectory(process.env),
    modelDirectory: shippedModel,
    allowed: ownerIds(options.allow),
    caps: {
      ...(options.maxPerQuery === undefined ? {} : { perCall: credits('--max-per-query', options.maxPerQuery) }),
      ...(options.maxPerDay === undefined ? {} : { perDay: credits('--max-per-day', options.maxPerDay) }),
    },
    log: stderrLog(process.stderr, process.env, Date.now),
  };
  await refuseSecondNode(config.dataDirectory);
  const gateway = await startGateway(config);
  try {
    output.line(`gateway at ${gateway.url}`);
    for (const address of gateway.addresses()) output.line(`  libp2p ${address}`);
    output.line(`  wallet ${gateway.payer}`);
    tellParent({ ready: 'gateway', url: gateway.url, payer: gateway.payer });
    await aborted(signal);
    output.note('stopping…');
  } finally {
    await gateway.close();
  }
  return 0;
}
