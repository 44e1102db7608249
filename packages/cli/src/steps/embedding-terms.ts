import { readEmbeddingPolicy } from '@tributary/relay';
import { TributaryError } from '@tributary/schemas';

type Terms = Awaited<ReturnType<typeof readEmbeddingPolicy>>;

/** What `--sell-embeddings` says. @throws RelayError POLICY_FILE; TributaryError USAGE */
export async function embeddingTerms({
  sellEmbeddings,
  model,
}: {
  sellEmbeddings?: string;
  model?: string;
}): Promise<{ sellEmbeddings?: Terms }> {
  if (sellEmbeddings === undefined) return {};
  if (model?.startsWith('openai:') === true)
    throw new TributaryError(
      'USAGE',
      '--sell-embeddings sells a model that runs here: nobody else could compute the vectors of an endpoint again',
    );
  return { sellEmbeddings: await readEmbeddingPolicy(sellEmbeddings) };
}
