import { openClient } from '@tributary/client';
import { readRendezvous, rendezvousDirectory } from '@tributary/relay/local';
import { peerAddresses } from '../../arguments.ts';
import { requireNodeData } from '../../data-folder.ts';
import { dataFolder } from '../../folders.ts';
import type { RecoveredSource } from './types.ts';

/** Those of a wallet that no gateway holds. */
export async function recoveredInWallet(
  options: { bootstrap?: string[]; data?: string },
  signal: AbortSignal,
): Promise<RecoveredSource> {
  const directory = dataFolder('client', options.data);
  await requireNodeData(directory, 'client');
  const rendezvous = rendezvousDirectory(process.env);
  const client = await openClient({
    directory,
    bootstrap: peerAddresses(options.bootstrap),
    neighbours: async () => (await readRendezvous(rendezvous, '')).flatMap(({ addresses }) => addresses),
  });
  const find = async (receipt: string) => (await client.recovered({ ask: false })).find((one) => one.receipt === receipt);
  return {
    async list() {
      await client.refresh(signal);
      return (await client.recovered()).map(({ receipt, sale, charge, unit, at, key }) => ({
        receipt,
        sale,
        charge,
        unit,
        at: new Date(at).toISOString(),
        key: key?.name ?? null,
      }));
    },
    proof: async (receipt) => (await find(receipt))?.proof(),
    forget: async (receipt) => void (await (await find(receipt))?.received()),
    close: () => client.close(),
  };
}
