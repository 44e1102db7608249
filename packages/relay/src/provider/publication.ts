import { isFree } from '@tributary/proof/payment';
import type { DocumentInfo, IndexInfo } from '@tributary/store';
import { globMatches, type Policy } from '../policy/policy.ts';

/** What publishing an index makes public and what clients can learn. People read it before they consent. */
export interface PublicationPreview {
  index: string;
  card: Record<string, string | number>;
  price: string;
  /** For each rule of the policy, how many records it decides. */
  rules: string[];
  leak: string[];
}

export function previewPublication(
  info: IndexInfo,
  policy: Policy,
  unit: string,
  documents: readonly DocumentInfo[],
): PublicationPreview {
  return {
    index: info.id,
    card: {
      title: info.title || '(none)',
      description: info.description || '(none)',
      licence: info.licence || '(not stated)',
      ...(info.questions.length === 0 ? {} : { questions: info.questions.join(' / ') }),
      records: info.records,
      model: info.model.id,
      dimension: info.dimension,
      metric: info.metric,
      owner: info.provider,
    },
    price: priceInWords(policy, unit),
    rules: rulesInWords(policy, documents),
    leak: leaks(info, policy),
  };
}

function priceInWords({ price }: Policy, unit: string): string {
  const { base, perResult, perKiB, empty } = price;
  if (isFree(price)) return 'free for everybody';
  return `${base} ${unit} a query, ${perResult} a result, ${perKiB} a KiB of text; ${empty} for an answer without results`;
}

/**
 * Each rule with the number of records that it decides, so that an owner notices a rule that matches nothing before
 * anything is sold.
 */
function rulesInWords({ sell }: Policy, documents: readonly DocumentInfo[]): string[] {
  if (sell.length === 0) return ['no rules: all records are sold'];
  const decided = documents.map(({ document, records }) => ({
    records,
    by: sell.findLast(({ glob }) => globMatches(glob, document)),
  }));
  const lines = sell.map((rule) => {
    const own = decided.filter(({ by }) => by === rule);
    const what = rule.sell === 'never' ? 'not sold' : 'sold';
    return `${rule.glob}: ${own.length === 0 ? 'matches no document' : `${inWords(own)} ${what}`}`;
  });
  const others = decided.filter(({ by }) => by === undefined);
  return [...lines, `without a rule: ${inWords(others)} sold`];
}

function inWords(documents: readonly { records: number }[]): string {
  const records = documents.reduce((sum, each) => sum + each.records, 0);
  return `${records} ${records === 1 ? 'record' : 'records'} of ${documents.length} ${documents.length === 1 ? 'document' : 'documents'}`;
}

function leaks(info: IndexInfo, policy: Policy): string[] {
  const results = `each query shows at most ${policy.topK} results with their vectors, metadata and source names`;
  const perChannel = policy.exposurePerChannel;
  const perEpoch = policy.exposurePerEpoch;
  const hours = policy.epochMs / 3_600_000;
  return [
    results,
    perChannel === null
      ? 'one client may see all records in time (no exposurePerChannel in the policy)'
      : `one funded channel sees at most ${perChannel} records ever`,
    perEpoch === null
      ? `all clients together may see all ${info.records} records (no exposurePerEpoch in the policy)`
      : `all clients together see at most ${perEpoch} different records in ${hours} h`,
    'a client learns how many records there are, and how many of the sold ones contain each term of its query',
    'records marked sell: never are not found by clients',
  ];
}
