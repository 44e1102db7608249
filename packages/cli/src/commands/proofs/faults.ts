import type { FaultNote } from '@tributary/client';
import { askNode } from '@tributary/relay/local';
import { TributaryError } from '@tributary/schemas';
import { dataFolder } from '../../folders.ts';
import type { Output } from '../../ui/output.ts';

interface FaultsOptions {
  data?: string;
  json?: boolean;
  forgive?: string;
}

/** `tributary faults`: providers that sold false vectors, and the evidence; or asks one of them again. */
export async function faultsCommand({ data, json, forgive }: FaultsOptions, output: Output): Promise<number> {
  const folder = dataFolder('gateway', data);
  if (forgive !== undefined) {
    const { forgiven } = (await askNode(folder, 'forgive', { provider: forgive })) as { forgiven: boolean };
    if (!forgiven) throw new TributaryError('USAGE', `nothing is kept against ${forgive}`);
    output.line(`${forgive} may be asked for vectors again`);
    return 0;
  }
  const { faults } = (await askNode(folder, 'faults')) as { faults: FaultNote[] };
  if (json) output.json(faults);
  else if (faults.length === 0) output.line('no provider was found to sell false vectors');
  else for (const fault of faults) for (const line of describe(fault)) output.line(line);
  return 0;
}

const describe = ({ at, provider, model, cosine, file }: FaultNote): string[] => [
  `${provider}  ${new Date(at).toISOString()}`,
  `    model ${model}, cosine ${cosine.toFixed(4)}`,
  `    evidence ${file ?? 'in memory'}`,
];
