import { Embeddings, type EmbeddingsParams } from '@langchain/core/embeddings';
import { embedTexts, type Embeds } from '../frameworks/embed-texts.ts';

/** Vectors of a node's own embedding model. */
export class TributaryEmbeddings extends Embeddings {
  readonly #node: Embeds;

  constructor(node: Embeds & EmbeddingsParams) {
    super(node);
    this.#node = node;
  }

  override async embedDocuments(texts: string[]): Promise<number[][]> {
    return (await embedTexts(this.#node, texts)).vectors;
  }

  override async embedQuery(text: string): Promise<number[]> {
    return (await embedTexts(this.#node, [text])).vectors[0]!;
  }
}
