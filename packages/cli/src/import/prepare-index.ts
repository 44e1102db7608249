import type { OwnIndexesClient } from '@tributary/client';
import { TributaryError, type CreateIndexBody, type Metric, type OwnIndex, type VectorKinds } from '@tributary/schemas';
import type { SourceFacts } from './types.ts';

export interface Wanted {
  /** Name or id of the index. */
  index: string;
  /** Metric that the user asked for. */
  metric: Metric | null;
  /** Model that made the vectors of the source. */
  model: string | null;
  /** Whether the node embeds the texts. */
  embed: boolean;
  /** Which vectors the index takes. */
  vectors: VectorKinds;
}

/**
 * The index that is written to. It is created with the dimension and metric of the source when it does not exist.
 *
 * @throws TributaryError IMPORT_MISMATCH before anything is changed; the node's refusals
 */
export async function prepareIndex(
  node: Pick<OwnIndexesClient, 'ownIndexes' | 'createIndex'>,
  wanted: Wanted,
  facts: Pick<SourceFacts, 'dimension' | 'metric'>,
  signal: AbortSignal,
): Promise<{ index: OwnIndex; created: boolean }> {
  if (facts.dimension === null && !wanted.embed && wanted.vectors !== 'sparse')
    throw mismatch(
      'the source has no dense vectors; --embed embeds the texts of its records, --vectors sparse takes sparse vectors',
    );
  const metric = metricOf(wanted, facts);
  const found = (await node.ownIndexes(signal)).find(({ id, name }) => id === wanted.index || name === wanted.index);
  if (found === undefined) return { index: await node.createIndex(settingsOf(wanted, facts, metric), signal), created: true };
  compare(found, wanted, facts, metric);
  return { index: found, created: false };
}

function metricOf({ metric, index }: Wanted, facts: Pick<SourceFacts, 'metric'>): Metric | null {
  if (metric !== null && facts.metric !== null && metric !== facts.metric)
    throw mismatch(`the source ranks by ${facts.metric}, and --metric says ${metric} for index ${index}; leave --metric out`);
  return metric ?? facts.metric;
}

function settingsOf(
  { index: name, model, embed, vectors }: Wanted,
  { dimension }: Pick<SourceFacts, 'dimension'>,
  metric: Metric | null,
): CreateIndexBody {
  return {
    name,
    ...(metric === null ? {} : { metric }),
    ...(model === null ? {} : { model }),
    ...(vectors === 'dense' ? {} : { vectors }),
    ...(embed || dimension === null || vectors === 'sparse' ? {} : { dimension }),
  };
}

function compare(
  index: OwnIndex,
  { model, embed, vectors }: Wanted,
  { dimension }: Pick<SourceFacts, 'dimension'>,
  metric: Metric | null,
): void {
  const { name } = index;
  if (vectors !== index.vectors)
    throw mismatch(
      `index ${name} takes vectors of the kind '${index.vectors}'; give --vectors ${index.vectors}, or import into another index`,
    );
  if (metric !== null && metric !== index.metric)
    throw mismatch(`the source ranks by ${metric} and index ${name} by ${index.metric}; import into another index`);
  if (embed && index.model === null)
    throw mismatch(
      `index ${name} takes vectors only, so the node cannot embed texts for it; leave --embed out, or import into another index`,
    );
  if (embed || vectors === 'sparse') return;
  if (dimension !== index.dimension)
    throw mismatch(
      `the source has vectors of ${dimension} dimensions and index ${name} of ${index.dimension}; import into another index`,
    );
  if (index.model !== model)
    throw mismatch(
      `index ${name} takes vectors of ${index.model ?? 'any model, which the node does not know'}; ${
        index.model === null
          ? 'leave --model out'
          : `give --model '${index.model}' if the source's vectors are of it, --embed to embed the texts again, or another index`
      }`,
    );
}

const mismatch = (message: string): TributaryError => new TributaryError('IMPORT_MISMATCH', message);
