import { openHttpClient } from '@tributary/client/http';
import { defaultGateway, ownKey, webAddress } from '../arguments.ts';
import { describeVectors } from '../ui/describe-vectors.ts';
import type { Output } from '../ui/output.ts';

/** `tributary indexes`: the indexes that a gateway knows, with licence and price. */
export async function indexesCommand(
  options: { gateway?: string; json?: boolean },
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const gateway = webAddress('--gateway', options.gateway ?? process.env['TRIBUTARY_GATEWAY'] ?? defaultGateway);
  const indexes = await openHttpClient({ gateway, ...ownKey(process.env) }).indexes(signal);
  if (options.json) {
    output.json(indexes);
    return 0;
  }
  if (indexes.length === 0) output.line('The gateway knows no index yet.');
  for (const index of indexes) {
    const { base, perResult, perKiB, empty, unit } = index.price;
    const free = [base, perResult, perKiB, empty].every((part) => part === '0');
    output.line(`${index.id}`);
    output.line(
      `    ${index.title || '(no title)'}; ${index.records} records, ${describeVectors(index)}, ${index.metric}, ${index.model}`,
    );
    output.line(
      `    licence ${index.licence || 'not stated'}; ${free ? 'free' : `${base} + ${perResult} a result + ${perKiB} a KiB, ${empty} without results, in ${unit}`}; at most ${index.limits.topK} results`,
    );
  }
  return 0;
}
