import type { QueryBundle } from '@llamaindex/core/query-engine';
import { BaseRetriever } from '@llamaindex/core/retriever';
import { TextNode, type NodeWithScore } from '@llamaindex/core/schema';
import { extractText } from '@llamaindex/core/utils';
import { passages, type AskOptions, type Asker } from '../frameworks/asker.ts';
import { PROVENANCE } from '../frameworks/metadata.ts';

/** What is asked, and whom. */
export interface TributaryRetrieverOptions extends AskOptions {
  client: Asker;
}

/**
 * Asks indexes of the network, or one of a node, by text. The provider embeds the question unless the client does.
 * Where a passage comes from and who signed it is in `metadata.tributary`. Answers that fail a check are errors, never
 * nodes.
 */
export class TributaryRetriever extends BaseRetriever {
  readonly #client: Asker;
  readonly #asked: AskOptions;

  constructor({ client, ...asked }: TributaryRetrieverOptions) {
    super();
    this.#client = client;
    this.#asked = asked;
  }

  override async _retrieve({ query }: QueryBundle): Promise<NodeWithScore[]> {
    const found = await passages(this.#client, extractText(query), this.#asked);
    return found.map(({ result: { id, text, metadata, relevance }, provenance }) => ({
      node: new TextNode({ id_: id, text, metadata: { ...metadata, [PROVENANCE]: provenance } }),
      score: relevance,
    }));
  }
}
