import { join } from 'node:path';
import { startRemote, type Remote } from '../processes.ts';
import type { GatewayCalls, GatewayReady, LoadCalls, ProviderCalls, ProviderReady } from '../relay/types.ts';
import type { BenchContext } from '../types.ts';
import type { Network, SoakSizes, VisitorCalls } from './types.ts';

export const PRICE = 3n;
const INDEX = 'paid';
const GRANT = 1_000_000_000n;

/** Starts provider, gateway, visitors and load generator; the load has an API key and credit. */
export async function startNetwork(sizes: SoakSizes, { folder, nodeOptions, progress }: BenchContext): Promise<Network> {
  const { vectors, dimension, clusters, queries } = sizes;
  const remotes: { stop(): Promise<void> }[] = [];
  const launch = async <Ready, Calls extends Record<string, [unknown, unknown]>>(
    file: string,
    args: object,
  ): Promise<Remote<Ready, Calls>> => {
    progress(`starting ${file}`);
    const start = { vectors, dimension, clusters, queries, ...args };
    const collects = file === 'soak/visitor' ? ['--expose-gc'] : [];
    const worker = new URL(`../${file}-worker.ts`, import.meta.url);
    const remote = await startRemote<Ready, Calls>(worker, start, [...nodeOptions, ...collects]);
    remotes.unshift(remote);
    return remote;
  };
  // Clients first, so that their servers have nothing left to finish.
  const stop = async (): Promise<void> => {
    for (const remote of remotes) await remote.stop();
  };
  try {
    const sold = { folder: join(folder, 'provider'), index: INDEX, price: String(PRICE) };
    const provider = await launch<ProviderReady, ProviderCalls>('relay/provider', sold);
    const bootstrap = provider.ready.addresses.slice(0, 1);
    const gateway = await launch<GatewayReady, GatewayCalls>('relay/gateway', { folder: join(folder, 'gateway'), bootstrap });
    const visitor = await launch<null, VisitorCalls>('soak/visitor', { folder: join(folder, 'visitors'), bootstrap });
    const load = await launch<null, LoadCalls>('relay/load', {});
    await provider.call('grant', { payer: gateway.ready.payer, amount: GRANT });
    const { key } = await gateway.call('makeKey', null);
    const target = { url: gateway.ready.url, index: INDEX, key };
    return {
      provider,
      gateway,
      visitor,
      load,
      target,
      total: { answers: 0, charged: 0n },
      left: { acknowledged: 0n },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
