import { BaseEmbedding } from '@llamaindex/core/embeddings';
import { embedTexts, type Embeds } from '../frameworks/embed-texts.ts';

/** Vectors of a node's own embedding model. */
export class TributaryEmbedding extends BaseEmbedding {
  readonly #node: Embeds;

  constructor(node: Embeds) {
    super();
    this.#node = node;
  }

  override async getTextEmbedding(text: string): Promise<number[]> {
    return (await embedTexts(this.#node, [text])).vectors[0]!;
  }

  override getTextEmbeddings = async (texts: string[]): Promise<number[][]> => (await embedTexts(this.#node, texts)).vectors;
}
