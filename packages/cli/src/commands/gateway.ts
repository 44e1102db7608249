import { startGateway } from '@tributary/relay';
import { refuseSecondNode } from '../data-folder.ts';
import { gatewayConfig, type GatewayOptions } from '../steps/gateway-config.ts';
import { tellParent } from '../steps/ready.ts';
import { aborted } from '../ui/interrupt.ts';
import type { Output } from '../ui/output.ts';

/** `tributary gateway`: the HTTP API of the network, until it is stopped. */
export async function gatewayCommand(options: GatewayOptions, output: Output, signal: AbortSignal): Promise<number> {
  const config = await gatewayConfig('gateway', options);
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
