import { isFree } from '@tributary/proof';
import type { IndexInfo } from '@tributary/store';
import type { Policy } from '../policy/policy.ts';

/** What publishing an index makes public, and what buyers can learn, for people to read before they consent. */
export interface PublicationPreview {
  index: string;
  card: Record<string, string | number>;
  price: string;
  leak: string[];
}

export function previewPublication(info: IndexInfo, policy: Policy, unit: string): PublicationPreview {
  return {
    index: info.id,
    card: {
      title: info.title || '(none)',
      description: info.description || '(none)',
      licence: info.licence || '(not stated)',
      records: info.records,
      model: info.model.id,
      dimension: info.dimension,
      metric: info.metric,
      owner: info.provider,
    },
    price: priceInWords(policy, unit),
    leak: leaks(info, policy),
  };
}

function priceInWords({ price }: Policy, unit: string): string {
  const { base, perResult, perKiB, empty } = price;
  if (isFree(price)) return 'free, to everybody who asks';
  return `${base} ${unit} a query, ${perResult} a result, ${perKiB} a KiB of text; ${empty} for an answer without results`;
}

function leaks(info: IndexInfo, policy: Policy): string[] {
  const results = `each query shows at most ${policy.topK} passages with their vectors, metadata and source names`;
  const perChannel = policy.exposurePerChannel;
  const perEpoch = policy.exposurePerEpoch;
  const hours = policy.epochMs / 3_600_000;
  return [
    results,
    perChannel === null
      ? 'one buyer may see all records in time (no exposurePerChannel in the policy)'
      : `one funded channel sees at most ${perChannel} records ever`,
    perEpoch === null
      ? `all buyers together may see all ${info.records} records (no exposurePerEpoch in the policy)`
      : `all buyers together see at most ${perEpoch} different records in ${hours} h`,
    'who asks learns how many records there are and which query terms occur in how many of them',
    'records marked sell: never are not found by buyers',
  ];
}
