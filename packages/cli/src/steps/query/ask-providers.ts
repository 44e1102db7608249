import { randomBytes } from 'node:crypto';
import { ClientError, openClient, type Question } from '@tributary/client';
import { openKeys, readRendezvous, rendezvousDirectory } from '@tributary/relay/local';
import type { Trust } from '@tributary/schemas';
import { peerAddresses } from '../../arguments.ts';
import { requireNodeData } from '../../data-folder.ts';
import { dataFolder } from '../../folders.ts';
import type { Output } from '../../ui/output.ts';
import type { Answers } from '../../ui/answers.ts';

/** Which providers are asked, and in whose name. */
interface ProviderOptions {
  bootstrap?: string[];
  data?: string;
  /** Asks as the owner, with the keys of the provider in the folder `data`. */
  owner?: boolean;
}

/** Asks providers directly and pays from a wallet on this machine. */
export async function askProviders(
  question: Question,
  options: ProviderOptions,
  { trust, signal, output }: { trust: Trust | undefined; signal: AbortSignal; output: Output },
): Promise<Answers> {
  const rendezvous = rendezvousDirectory(process.env);
  const ownerKeys = options.owner ? await ownerKeysOf(options) : null;
  const client = await openClient({
    directory: options.owner ? dataFolder('client', undefined) : dataFolder('client', options.data),
    ...(ownerKeys ? { ownerSeed: ownerKeys.owner.seed } : {}),
    bootstrap: peerAddresses(options.bootstrap),
    neighbours: async () => (await readRendezvous(rendezvous, '')).flatMap(({ addresses }) => addresses),
    ...(trust ? { trust } : ownerKeys ? { trust: trustIn(ownerKeys.owner.did) } : {}),
  });
  try {
    await client.refresh(signal);
    if (options.bootstrap && client.offers().length === 0)
      throw new ClientError(
        'NO_PROVIDER',
        `no offer was found through ${options.bootstrap.join(', ')}; is that node running, and is its index listed?`,
      );
    const result = await client.query(question, {
      signal,
      onQuote: ({ most, couldLose, unit }) => tell(most, couldLose, unit, output),
    });
    return { ...result, bundles: result.answers.map(({ bundle }) => bundle()) };
  } finally {
    await client.close();
  }
}

/** Owners trust their own key. They pay nothing for their own index. */
const trustIn = (owner: string): Trust => ({
  v: 1,
  type: 'tributary/trust',
  signers: [owner],
  logs: [owner],
  payees: [],
  witnesses: [],
  quorum: 0,
});

/** Printed before the first voucher is signed. */
function tell(most: bigint, couldLose: bigint, unit: string, output: Output): void {
  if (most > 0n)
    output.note(
      `this costs at most ${most} ${unit}; if a provider takes it and does not answer, you could lose at most ${couldLose}`,
    );
}

async function ownerKeysOf(options: ProviderOptions) {
  const data = dataFolder('provider', options.data);
  await requireNodeData(data, 'provider');
  return openKeys(data, randomBytes);
}
