import { rendezvousDirectory, startGateway, stderrLog } from '@tributary/relay';
import { dataFolder, shippedModel } from '../folders.ts';
import { aborted } from '../ui/interrupt.ts';
import type { Output } from '../ui/output.ts';
import { wholeNumber } from './query.ts';
import { tellParent } from './ready.ts';

export interface GatewayOptions {
  port: string;
  host?: string;
  data?: string;
  listen?: string[];
  bootstrap?: string[];
  maxPerQuery?: string;
  maxPerDay?: string;
}

/** `tributary gateway`: the HTTP door to the network, until it is stopped. */
export async function gatewayCommand(options: GatewayOptions, output: Output, signal: AbortSignal): Promise<number> {
  const gateway = await startGateway({
    dataDirectory: dataFolder('gateway', options.data),
    port: wholeNumber('--port', options.port),
    ...(options.host === undefined ? {} : { host: options.host }),
    listen: options.listen ?? ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: options.bootstrap ?? [],
    rendezvous: rendezvousDirectory(process.env),
    modelDirectory: shippedModel,
    caps: {
      ...(options.maxPerQuery === undefined ? {} : { perCall: BigInt(wholeNumber('--max-per-query', options.maxPerQuery)) }),
      ...(options.maxPerDay === undefined ? {} : { perDay: BigInt(wholeNumber('--max-per-day', options.maxPerDay)) }),
    },
    log: stderrLog(process.stderr, process.env, Date.now),
  });
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
